from __future__ import annotations

import re
from typing import Any

import pytest
from markupsafe import escape

from store import audit, log, ownership
from store.records import Ownership
from tests.console.entering import AT, Staff
from tests.console.inbox.talks import talk, wait

SCRIPTS = {"HX-Request": "true"}


async def owner(staff: Staff, conversation: str = "c1") -> Ownership:
    found = await staff.database.read(lambda c: ownership.state(c, conversation))
    assert found
    return found


async def sent(staff: Staff, conversation: str = "c1") -> list[str]:
    all_ = await staff.database.read(lambda c: log.messages_after(c, conversation, 0))
    return [each.text for each in all_ if each.sender == "staff"]


async def reply(staff: Staff, text: str, headers: Any = None, **form: str) -> tuple[int, str]:
    return await staff.post("/conversations/c1/reply", headers, text=text, **form)


@pytest.mark.parametrize("begins", ["bot", "queue"])
async def test_to_answer_is_to_claim(staff: Staff, begins: str) -> None:
    await staff.enter("agent")
    await (talk(staff) if begins == "bot" else wait(staff))
    status, page = await reply(staff, "Hello, this is Ana.")
    assert status == 200
    assert "Hello, this is Ana." in page
    found = await owner(staff)
    assert (found.owner, found.agent) == ("human", staff.people[0].id)
    deeds = [deed["action"] for deed in await staff.database.read(audit.newest)]
    assert "claim" in deeds


async def test_where_scripts_run_only_a_word_comes_back(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    form = {"text": "Hello", "proof": staff.proof}
    url = f"{staff.url}/conversations/c1/reply"
    async with staff.http.post(url, data=form, headers=SCRIPTS) as answer:
        assert answer.status == 200
        assert answer.headers["HX-Trigger"] == "sent"
        assert (await answer.text()).strip() == "Sent."


@pytest.mark.parametrize("headers", [None, SCRIPTS])
async def test_what_another_has_is_taken_over_only_when_confirmed(
    staff: Staff, headers: Any
) -> None:
    await staff.enter("agent")
    bo = await staff.account("agent", "Bo Li")
    await wait(staff)
    await staff.database.write(lambda c: ownership.claim(c, "c1", bo.id, AT, by=bo.id))
    status, page = await reply(staff, "My long answer", headers, client_id="one")
    assert status == 409
    assert "Bo Li has this conversation" in page
    assert await sent(staff) == []
    assert (await owner(staff)).agent == bo.id
    if headers is None:
        # Without scripts the page comes anew: nothing that was written is lost.
        assert ">My long answer</textarea>" in page
        assert 'name="client_id" value="one"' in page
    over = re.search(r'name="over" value="([^"]+)"', page)
    assert over
    assert over[1] == bo.id
    status, _ = await reply(staff, "My long answer", headers, client_id="one", over=over[1])
    assert status == 200
    assert await sent(staff) == ["My long answer"]
    assert (await owner(staff)).agent == staff.people[0].id


async def test_who_was_asked_about_one_is_asked_again_about_another(staff: Staff) -> None:
    await staff.enter("agent")
    bo, cy = await staff.account("agent", "Bo Li"), await staff.account("agent", "Cy Fox")
    await wait(staff)
    await staff.database.write(lambda c: ownership.claim(c, "c1", cy.id, AT, by=cy.id))
    status, page = await reply(staff, "Hello", over=bo.id)
    assert status == 409
    assert "Cy Fox has this conversation" in page


async def test_what_waits_for_another_can_be_answered_at_once(staff: Staff) -> None:
    await staff.enter("agent")
    bo = await staff.account("agent", "Bo Li")
    await wait(staff)
    await staff.database.write(lambda c: ownership.assign(c, "c1", AT, by=bo.id, team="clinician"))
    assert (await reply(staff, "Hello"))[0] == 200


async def test_sent_twice_it_is_written_once(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    for _ in range(2):
        assert (await reply(staff, "Hello", client_id="one"))[0] == 200
    await reply(staff, "Hello", client_id="two")
    assert await sent(staff) == ["Hello", "Hello"]


@pytest.mark.parametrize(
    ("text", "says"), [("", "the box is empty"), (" \r\n ", "is empty"), ("x" * 4001, "4001")]
)
@pytest.mark.parametrize("headers", [None, SCRIPTS])
async def test_what_cannot_be_sent_is_kept(
    staff: Staff, text: str, says: str, headers: Any
) -> None:
    await staff.enter("agent")
    await wait(staff)
    status, page = await reply(staff, text, headers)
    assert status == 422
    assert says in page
    assert await sent(staff) == []
    assert (await owner(staff)).owner == "queue"
    if headers is None and text.strip():
        assert text in page


async def test_an_answer_of_4000_letters_of_any_alphabet_is_taken(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    text = "\u0e01" * 4000
    assert (await reply(staff, text))[0] == 200
    assert await sent(staff) == [text]


async def test_lines_and_blanks_inside_stay(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    await reply(staff, "\r\nFirst\r\n\r\n  second \r\n")
    assert await sent(staff) == ["First\n\n  second"]


async def test_nobody_writes_to_the_blocked(staff: Staff) -> None:
    await staff.enter("clinician")
    await wait(staff)
    await staff.post("/conversations/c1/block")
    status, page = await reply(staff, "Hello")
    assert status == 409
    assert "marked as spam" in page
    assert await sent(staff) == []


@pytest.mark.parametrize("deed", ["reply", "insert", "claim", "note", "block"])
async def test_what_is_not_there(staff: Staff, deed: str) -> None:
    await staff.enter("clinician")
    assert (await staff.post(f"/conversations/none/{deed}", text="x"))[0] == 404


async def test_a_form_of_another_site_is_refused(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    assert (await reply(staff, "Hello", proof="guessed"))[0] == 403
    assert (await reply(staff, "Hello", {"Origin": "http://evil.example"}))[0] == 403
    assert await sent(staff) == []


async def test_a_text_is_put_into_the_box_and_not_sent(staff: Staff) -> None:
    await staff.enter("clinician")
    await wait(staff)
    await staff.post("/canned", title="Hours", text="Open 9 to 5.")
    form = {"text": "Hello.", "client_id": "one"}
    _, page = await staff.post("/conversations/c1/insert", insert="canned:1", **form)
    assert ">Hello.\n\nOpen 9 to 5.</textarea>" in page
    assert 'name="client_id" value="one"' in page
    _, page = await staff.post("/conversations/c1/insert", insert="answer:cost", text="")
    offered = staff.app.ctx.fragments.suggestions.one("cost").text
    assert f'aria-describedby="reply-hint">{escape(offered)}</textarea>' in page
    assert await sent(staff) == []
    assert (await owner(staff)).owner == "queue"


@pytest.mark.parametrize("which", ["", "canned:9", "canned:x", "answer:none", "answer:crisis_S2"])
async def test_what_cannot_be_put_in_changes_nothing(staff: Staff, which: str) -> None:
    await staff.enter("agent")
    await wait(staff)
    status, page = await staff.post("/conversations/c1/insert", insert=which, text="Hello.")
    assert status == 200
    assert ">Hello.</textarea>" in page
