"""Texts and facts in the console: written, checked, approved by another, published, taken back."""

from __future__ import annotations

import logging
import re

import pytest

from answers.catalogue import load_catalogue
from answers.writing import written
from center.current import center_of_file
from console.publishing.shelf import Shelf
from console.publishing.subjects import Text
from store import closures, publications
from store.places import Place
from tests.console.entering import AT, HOUR, Staff
from tests.console.publishing.editing import (
    COST,
    CRISIS,
    CRISIS_WORDS,
    NEW,
    OURS,
    PAGE,
    SAVE,
    do,
    in_forms,
    people,
    save,
    seen,
    working_on,
)


async def test_a_text_goes_from_its_writer_over_another_to_the_desk(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    await staff.be(writer.id)
    assert (await save(staff))[0] == 303
    _, page = await staff.get(PAGE)
    assert "waits for approval" in page
    assert 'action="/answers/cost/web/approve"' not in page
    await staff.be(second.id)
    _, page = await staff.get(PAGE)
    assert "Ask us for the price." in page
    assert (await do(staff, "approve"))[0] == 303
    assert (await do(staff, "publish"))[0] == 303
    spoken = (await staff.database.read(publications.everything))[COST]
    assert spoken.approved_by == second.id
    assert spoken.version == 2
    _, page = await staff.get(PAGE)
    assert f"Approved by {second.name}" in page
    assert (await staff.post("/answers/cost/web/roll-back", follow=False, to="file"))[0] == 303
    assert await staff.database.read(publications.everything) == {}


async def test_staff_are_offered_what_is_published(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    fragments = staff.app.ctx.fragments
    assert "Ask us for the price." not in fragments.suggestions.one("cost").text
    await staff.be(writer.id)
    await save(staff)
    await staff.be(second.id)
    await do(staff, "approve")
    await do(staff, "publish")
    await staff.app.ctx.following.look()
    offered = fragments.suggestions.one("cost")
    assert "Ask us for the price." in offered.text
    assert offered.approved


async def test_nobody_approves_their_own_words(staff: Staff) -> None:
    await staff.enter("administrator")
    await save(staff)
    status, page = await do(staff, "approve")
    assert status == 403
    assert "Somebody else must approve it" in page
    assert (await do(staff, "publish"))[0] == 409
    assert await staff.database.read(publications.everything) == {}


@pytest.mark.parametrize(
    ("role", "deed", "status"),
    [
        ("administrator", "approve", 403),
        ("administrator", "approve-crisis", 403),
        ("reviewer", "approve", 403),
        ("agent", "approve-crisis", 403),
        ("clinician", "approve", 403),
        ("clinician", "approve-crisis", 303),
    ],
)
async def test_what_is_said_in_a_crisis_a_clinician_approves(
    staff: Staff, role: str, deed: str, status: int
) -> None:
    writer, second = await people(staff, "reviewer", role)
    base = f"/answers/{CRISIS}/web"
    await staff.be(writer.id)
    assert (await save(staff, CRISIS_WORDS, base=base))[0] == 303
    await staff.be(second.id)
    assert (await do(staff, deed, base))[0] == status
    found = await working_on(staff, Place("text", CRISIS, "web", "en"))
    assert found is not None
    assert (found.state == "approved") is (status == 303)


async def test_a_clinician_approves_nothing_else(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "clinician")
    await staff.be(writer.id)
    await save(staff)
    form = await seen(staff, PAGE)
    await staff.be(second.id)
    status, page = await staff.post("/answers/cost/web/approve-crisis", follow=False, **form)
    assert status == 403
    assert "An administrator must approve this" in page


@pytest.mark.parametrize(
    ("text", "base", "words"),
    [
        ("It costs {prise}.", "/answers/cost/web", "{prise} is no fact"),
        ("It costs {price.", "/answers/cost/web", "a brace stands alone"),
        ("{price}", "/answers/cost/web", "says nothing when its facts are unset"),
        ("This is guaranteed.", "/answers/cost/web", "promises nothing"),
        ("Take 20 mg.", "/answers/cost/web", "gives no doses"),
        # Words that no fact of today would have said.
        ("Hi.\nWe guarantee {license}.", "/answers/cost/web", "promises nothing"),
        ("Hi {city}.\nelse: We guarantee it.", "/answers/cost/web", "promises nothing"),
        ("Hi.\nWe have {license} “here”.", "/answers/cost/sms", "not GSM-7: “ ”"),
        ("Multidisciplinary organizational considerations.", "/answers/cost/web", "reading grade"),
        ("Call us. " * 40, "/answers/cost/sms", "segments, 2 are allowed"),
        ("Call us “now”.", "/answers/cost/sms", "not GSM-7"),
        ("else: Nothing stands above it.", "/answers/cost/web", "no line above it"),
        ("", "/answers/cost/web", "The text is empty"),
        ("x" * 6001, "/answers/cost/web", "too long"),
        ("ring us", "/facts/phone", "wrong value"),
        ("monday 9 to 5", "/facts/hours", "Line 1 is not of the form"),
        ("monday: 9-5", "/facts/hours", "wrong value"),
        ("", "/facts/name", "This fact is needed"),
        ("There is {parking}.", "/facts/sentences.parking", "holds no braces"),
        ("We guarantee a place.", "/facts/sentences.parking", "promises nothing"),
    ],
)
async def test_what_is_wrong_is_said_in_plain_words_and_not_submitted(
    staff: Staff, text: str, base: str, words: str
) -> None:
    await staff.enter("reviewer")
    status, page = await save(staff, text, base=base)
    assert status == 422
    assert words in page.replace("&#39;", "'")
    assert await staff.database.read(publications.everything) == {}
    assert await working_on(staff) is None


async def test_a_check_shows_how_it_would_be_spoken_and_keeps_nothing(staff: Staff) -> None:
    await staff.enter("reviewer")
    status, page = await save(staff, "New words. To ask, {contact}.", do="check")
    assert status == 200
    assert "Nothing is wrong with it." in page
    (spoken,) = re.findall(r"<p>New words\..*?</div>", page, re.DOTALL)
    assert "<li>Insurance</li>" in spoken.partition('class="as-buttons"')[2]
    assert "Taken out: " in page
    assert await working_on(staff) is None
    _, page = await save(staff, "New words.", do="check", base="/answers/cost/sms")
    assert "1 SMS segment," in page


async def test_of_two_who_edit_at_once_the_second_sees_both(staff: Staff) -> None:
    one, other = await people(staff, "reviewer", "reviewer")
    await staff.be(one.id)
    before = await seen(staff, PAGE)
    assert (await save(staff, "Words of the first.", do="save"))[0] == 303
    await staff.be(other.id)
    form = {**before, "text": "Words of the second.", "do": "save"}
    status, page = await staff.post(SAVE, follow=False, **form)
    assert status == 409
    assert "Words of the first." in page
    assert "Words of the second." in page
    found = await working_on(staff)
    assert found is not None
    assert found.authors == (one.id,)


@pytest.mark.parametrize(
    ("text", "step", "status"),
    [
        ("Words of the second.", "check", 200),
        ("We guarantee it.", "submit", 422),
        ("else: Nothing stands above it.", "save", 422),
        ("x" * 6001, "save", 422),
    ],
)
async def test_a_look_at_ones_words_does_not_pass_for_a_look_at_the_others(
    staff: Staff, text: str, step: str, status: int
) -> None:
    one, other = await people(staff, "reviewer", "reviewer")
    await staff.be(one.id)
    before = await seen(staff, PAGE)
    await save(staff, "Words of the first.", do="save")
    await staff.be(other.id)
    found, page = await staff.post(SAVE, follow=False, **before, text=text, do=step)
    assert found == status
    assert "As it was kept meanwhile" not in page
    still = in_forms(page)
    assert still == before
    form = {**still, "text": "Words of the second.", "do": "save"}
    found, page = await staff.post(SAVE, follow=False, **form)
    assert found == 409, "what somebody has checked is no more than what they have seen"
    assert "As it was kept meanwhile" in page
    # Now they have seen both.
    form |= in_forms(page)
    assert (await staff.post(SAVE, follow=False, **form))[0] == 303
    draft = await working_on(staff)
    assert draft is not None
    assert draft.authors == (one.id, other.id)


async def test_nothing_is_approved_from_a_page_of_other_words(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    await staff.be(writer.id)
    await save(staff)
    await staff.be(second.id)
    assert "/answers/cost/web/approve" in (await staff.get(PAGE))[1]
    _, page = await save(staff, "Words of the second.", do="check")
    assert "/answers/cost/web/approve" not in page


async def test_an_approval_is_of_the_words_that_were_seen(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    await staff.be(writer.id)
    await save(staff)
    await staff.be(second.id)
    before = await seen(staff, PAGE)
    await staff.be(writer.id)
    await save(staff, "Other words.")
    await staff.be(second.id)
    assert (await staff.post("/answers/cost/web/approve", follow=False, **before))[0] == 409
    found = await working_on(staff)
    assert found is not None
    assert found.state == "submitted"


async def test_an_address_does_nothing_to_another_text(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    await staff.be(writer.id)
    await save(staff, CRISIS_WORDS, base=f"/answers/{CRISIS}/web")
    await staff.be(second.id)
    theirs = await seen(staff, f"/answers/{CRISIS}?form=web")
    assert (await staff.post("/answers/cost/web/approve", follow=False, **theirs))[0] == 409


async def test_a_fact_is_published_and_emptied(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    base, place = "/facts/in_network", Place("fact", "in_network")
    for text, kept in (("Aetna\nCigna", ["Aetna", "Cigna"]), ("", None)):
        await staff.be(writer.id)
        assert (await save(staff, text, base=base))[0] == 303
        await staff.be(second.id)
        assert (await do(staff, "approve", base))[0] == 303
        assert (await do(staff, "publish", base))[0] == 303
        assert (await staff.database.read(publications.everything))[place].content == kept


async def test_a_day_of_review_is_kept_and_shown_when_it_is_past(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    await staff.be(writer.id)
    assert (await save(staff, review_by="31.3.2027"))[0] == 422
    await save(staff, review_by="2026-01-31")
    await staff.be(second.id)
    await do(staff, "approve")
    await do(staff, "publish")
    _, page = await staff.get("/answers?show=due")
    assert 'href="/answers/cost"' in page
    assert "review due" in (await staff.get(PAGE))[1]


async def test_whoever_approves_may_send_back_and_others_may_not(staff: Staff) -> None:
    writer, second, agent = await people(staff, "reviewer", "administrator", "agent")
    await staff.be(writer.id)
    await save(staff)
    await staff.be(agent.id)
    assert (await do(staff, "send-back"))[0] == 403
    await staff.be(second.id)
    assert (await do(staff, "send-back"))[0] == 303
    found = await working_on(staff)
    assert found is not None
    assert found.state == "draft"
    assert (await do(staff, "drop"))[0] == 303
    assert await working_on(staff) is None


async def test_an_agent_reads_and_changes_nothing(staff: Staff) -> None:
    await staff.enter("agent")
    _, page = await staff.get(PAGE)
    assert "textarea" not in page
    assert (await staff.get("/facts"))[0] == 200
    assert (await staff.post(SAVE, text=NEW, do="save"))[0] == 403


@pytest.mark.parametrize(
    "address",
    ["/answers/nothing", "/answers/cost?form=fax", "/facts/time_zone", "/facts/sentences.none"],
)
async def test_there_is_no_page_for_what_is_not_there(staff: Staff, address: str) -> None:
    await staff.enter()
    assert (await staff.get(address))[0] == 404


@pytest.mark.parametrize(
    ("begins", "ends", "status"),
    [
        ("", "2026-11-25T18:00", 303),
        ("2026-11-25T09:00", "2026-11-26T09:00", 303),
        ("2026-11-26T09:00", "2026-11-25T09:00", 422),
        ("", "2020-01-01T09:00", 422),
        ("", "", 422),
        ("soon", "2026-11-26T09:00", 422),
        ("", "9999-99-99T99:99", 422),
    ],
)
async def test_a_closure_is_announced(staff: Staff, begins: str, ends: str, status: int) -> None:
    await staff.enter()
    sent = {"from": begins, "until": ends}
    assert (await staff.post("/closures", follow=False, **sent))[0] == status
    found = await staff.database.read(lambda c: closures.coming(c, AT - HOUR))
    assert len(found) == (1 if status == 303 else 0)
    if found:
        assert "Take back" in (await staff.get("/facts"))[1]
        assert (await staff.post(f"/closures/{found[0].id}/end", follow=False))[0] == 303
        assert await staff.database.read(lambda c: closures.coming(c, AT)) == []


async def test_script_in_a_draft_does_nothing(staff: Staff) -> None:
    await staff.enter("reviewer")
    script = "<script>alert(1)</script> {contact}."
    await save(staff, script, do="save")
    _, page = await staff.get(PAGE)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_what_is_written_is_in_no_log(staff: Staff, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await staff.enter("reviewer")
    await save(staff, "MARKERWORD {nonsense}")
    await save(staff, "MARKERWORD words.", do="save")
    assert "MARKERWORD" not in caplog.text


async def test_the_words_that_are_approved_already_need_no_approval(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    await staff.be(writer.id)
    assert (await save(staff, OURS))[0] == 303, "the file's own words can be approved here"
    await staff.be(second.id)
    await do(staff, "approve")
    await do(staff, "publish")
    await staff.be(writer.id)
    status, page = await save(staff, OURS)
    assert status == 422
    assert "spoken already" in page


def test_every_text_of_the_files_keeps_to_what_the_console_holds_it_to() -> None:
    catalogue, center = load_catalogue(), center_of_file()
    shelf = Shelf(catalogue, catalogue, center, center, {}, {}, [], {}, "2026-11-30")
    wrong = []
    for answer in catalogue.answers.values():
        for form, parts in answer.texts.items():
            text = Text(shelf, answer.id, form)
            content = text.read(written(parts))
            assert text.written(content) == written(parts)
            wrong += [(answer.id, form, each) for each in text.problems(content)]
    assert wrong == []
