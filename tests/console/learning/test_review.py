"""The review queue: what comes first, what is shown of it, and what one click does."""

from __future__ import annotations

import re
from typing import Any

import pytest

from console.learning import vectors
from store import audit, corrections, learned
from store.corrections import Correction
from tests.console.entering import AT, MINUTE, Staff
from tests.console.learning.asking import POOL, ask, corrected

QUEUE = "/review"


@pytest.fixture
async def reviewer(staff: Staff) -> Staff:
    return await staff.enter("reviewer")


async def kept(staff: Staff, seq: int = 10) -> Correction | None:
    found = await staff.database.read(lambda c: corrections.one(c, "c1", seq))
    return found.correction if found else None


async def test_a_message_without_an_answer_is_shown_masked_with_what_was_understood(
    reviewer: Staff,
) -> None:
    await ask(reviewer)
    _, page = await reviewer.get(QUEUE)
    assert "MARKERWORD" in page
    assert "555-0142" not in page
    assert "no answer" in page
    for word in ("40%", "30%", "20%"):
        assert word in page
    deeds = await reviewer.database.read(audit.newest)
    assert ("read", "review queue") in {(each["action"], each["subject"]) for each in deeds}


async def test_danger_comes_first_then_what_many_ask(reviewer: Staff) -> None:
    await ask(reviewer, "what is the weather on mars", "c1", 10)
    await ask(reviewer, "can i swim in your pool", "c2", 12)
    await ask(reviewer, "is there a swimming pool", "c3", 14)
    await ask(reviewer, "do you have a pool for swimming", "c4", 16)
    risk = {"risk_tier": "T2", "risk_category": "S2", "risk_rule": "meaning:S2"}
    await ask(reviewer, "that was heavy", "c5", 18, intent="thanks", **risk)
    _, page = await reviewer.get(QUEUE)
    order = re.findall(r'<p class="text">([^<]+)</p>', page)
    assert order[0] == "that was heavy"
    assert "pool" in order[1]
    assert order[2:] == ["what is the weather on mars"]
    assert "2 alike" in page
    assert page.count("asked again and again") == 1


async def test_what_is_near_a_crisis_limit_is_found_and_not_kept(
    reviewer: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever the limit is, everything lies below it and near to it.
    monkeypatch.setattr(vectors, "NEAR_LIMIT", -1.0)
    await ask(reviewer, "how much is it", intent="cost", confidence=0.99, ranking=())
    _, page = await reviewer.get(QUEUE)
    assert "near a crisis limit" in page
    assert await kept(reviewer) is None


@pytest.mark.parametrize(
    ("form", "kind", "intents"),
    [
        ({"verdict": "right"}, "right", ()),
        ({"verdict": "out_of_scope"}, "out_of_scope", ("out_of_scope",)),
        ({"verdict": "false_alarm"}, "false_alarm", ()),
        ({"verdict": "missed_crisis"}, "missed_crisis", ("safety_crisis",)),
        ({"verdict": "intent:facility_rules"}, "intent", ("facility_rules",)),
        ({"verdict": "intent", "intent1": "  COST "}, "intent", ("cost",)),
        (
            {"verdict": "intent", "intent1": "cost", "intent2": "eligibility"},
            "several",
            ("cost", "eligibility"),
        ),
        ({"verdict": "intent", "intent1": "cost", "intent2": "cost"}, "intent", ("cost",)),
    ],
)
async def test_one_click_says_what_a_message_was(
    reviewer: Staff, form: dict[str, str], kind: str, intents: tuple[str, ...]
) -> None:
    place = await ask(reviewer)
    status, page = await reviewer.post(f"{place}/correct", **form)
    assert status == 200
    found = await kept(reviewer)
    assert found is not None
    assert (found.kind, found.intents, found.by) == (kind, intents, reviewer.people[0].id)
    assert (found.category is not None) is (kind == "missed_crisis")
    assert "Marked as" in page
    assert f"{place}/correct" not in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"verdict": "several"},
        {"verdict": "intent"},
        {"verdict": "intent", "intent1": "no such thing"},
        {"verdict": "intent", "intent1": "cost", "intent2": "MARKERWORD"},
        {"verdict": "intent:<script>"},
        {"verdict": "everything"},
    ],
)
async def test_what_names_no_intent_changes_nothing(reviewer: Staff, form: dict[str, str]) -> None:
    place = await ask(reviewer)
    status, _ = await reviewer.post(f"{place}/correct", **form)
    assert status == 422
    assert await kept(reviewer) is None


async def test_undo_brings_the_message_back(reviewer: Staff) -> None:
    place = await ask(reviewer)
    await reviewer.post(f"{place}/correct", verdict="right")
    status, page = await reviewer.post(f"{place}/undo")
    assert status == 200
    assert f"{place}/correct" in page
    assert await kept(reviewer) is None


async def test_the_second_of_two_reviewers_is_told(reviewer: Staff) -> None:
    place = await corrected(reviewer)
    await reviewer.enter("reviewer", "Bo Li")
    status, page = await reviewer.post(f"{place}/correct", verdict="right")
    assert (status, "Somebody else was first" in page) == (409, True)
    status, _ = await reviewer.post(f"{place}/undo")
    assert status == 409


@pytest.mark.parametrize("place", ["/review/nobody/10", "/review/c1/11"])
@pytest.mark.parametrize("deed", ["correct", "teach"])
async def test_what_is_not_there_is_not_found(reviewer: Staff, place: str, deed: str) -> None:
    await ask(reviewer)
    status, _ = await reviewer.post(f"{place}/{deed}", verdict="right", do="teach", text="x")
    assert status == 404


async def test_the_offered_example_holds_no_identifier(reviewer: Staff) -> None:
    await corrected(reviewer)
    _, page = await reviewer.get("/review/teach")
    box = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert box is not None
    assert box[1] == "MARKERWORD do you guys have a pool, call"


async def test_a_paraphrase_is_taught(reviewer: Staff) -> None:
    place = await corrected(reviewer)
    status, page = await reviewer.post(
        f"{place}/teach", do="teach", text="may i swim at your place"
    )
    assert status == 200
    assert "Every correction was taught" in page
    (made,) = await reviewer.database.read(learned.everything)
    assert (made.text, made.own, made.purpose) == ("may i swim at your place", False, "test")


async def test_the_text_as_offered_waits_for_a_colleague(reviewer: Staff) -> None:
    place = await corrected(reviewer)
    await reviewer.post(f"{place}/teach", do="teach", text=learned.clean(POOL.split(",")[0]))
    (made,) = await reviewer.database.read(learned.everything)
    assert (made.own, made.purpose) == (True, None)
    _, page = await reviewer.get("/review/examples")
    assert "a colleague approves it" in page
    assert (await reviewer.post(f"/review/examples/{made.id}/approve"))[0] == 409
    await reviewer.enter("reviewer", "Bo Li")
    assert (await reviewer.post(f"/review/examples/{made.id}/approve"))[0] == 200
    (made,) = await reviewer.database.read(learned.everything)
    assert made.purpose == "test"


@pytest.mark.parametrize(("days", "status"), [(6, 409), (7, 200)])
async def test_the_only_reviewer_approves_after_seven_days(
    reviewer: Staff, days: int, status: int
) -> None:
    await reviewer.account("agent", "Cy Orr")
    place = await corrected(reviewer)
    await reviewer.post(f"{place}/teach", do="teach", text=POOL.split(",")[0])
    (made,) = await reviewer.database.read(learned.everything)
    reviewer.clock.pass_(days * 24 * 60 * MINUTE)
    await reviewer.be(reviewer.people[0].id)
    assert (await reviewer.post(f"/review/examples/{made.id}/approve"))[0] == status


@pytest.mark.parametrize("text", ["", " [phone] ", "ring me at 213-555-0142 please"])
async def test_what_cannot_be_learned_is_refused(reviewer: Staff, text: str) -> None:
    place = await corrected(reviewer)
    status, _ = await reviewer.post(f"{place}/teach", do="teach", text=text)
    assert status == 422
    assert await reviewer.database.read(learned.everything) == []


async def test_what_is_known_is_taught_only_on_purpose(reviewer: Staff) -> None:
    place = await corrected(reviewer)
    await reviewer.post(f"{place}/teach", do="teach", text="may i swim at your place")
    assert len(await reviewer.database.read(learned.everything)) == 1
    await ask(reviewer, "a smoke maybe", "c2", 12)
    correction = Correction("c2", 12, "intent", ("facility_rules",), by="x", at=AT)
    await reviewer.database.write(lambda c: corrections.correct(c, correction))
    known = next(text for text, intent in vectors._shipped() if intent == "facility_rules")
    status, page = await reviewer.post("/review/c2/12/teach", do="teach", text=known)
    assert status == 422
    assert "known already" in page
    status, _ = await reviewer.post("/review/c2/12/teach", do="anyway", text=known)
    assert status == 200
    assert len(await reviewer.database.read(learned.everything)) == 2


async def test_nothing_may_be_learned_from_a_correction(reviewer: Staff) -> None:
    place = await corrected(reviewer)
    assert (await reviewer.post(f"{place}/teach", do="nothing"))[0] == 200
    assert await reviewer.database.read(learned.everything) == []
    assert (await reviewer.post(f"{place}/teach", do="nothing"))[0] == 409
    deeds = await reviewer.database.read(audit.newest)
    found = [each for each in deeds if each["action"] == "learned nothing"]
    assert [(each["staff_id"], each["subject"], each["detail"]) for each in found] == [
        (reviewer.people[0].id, "c1", "10")
    ]


@pytest.mark.parametrize(
    ("path", "what"), [("/review/teach", "corrections"), ("/review/examples", "examples")]
)
async def test_who_reads_what_was_corrected_and_taught_is_noted(
    reviewer: Staff, path: str, what: str
) -> None:
    await corrected(reviewer)
    assert (await reviewer.get(path))[0] == 200
    last = (await reviewer.database.read(audit.newest))[0]
    assert (last["staff_id"], last["action"], last["subject"]) == (
        reviewer.people[0].id,
        "read",
        what,
    )


@pytest.mark.parametrize(
    ("chosen", "kept_as"), [("S3", "S3"), ("SOFT", "S2"), ("<script>", "S2"), ("", "S2")]
)
async def test_the_kind_of_a_missed_crisis_can_be_chosen(
    reviewer: Staff, chosen: str, kept_as: str
) -> None:
    place = await corrected(reviewer, "missed_crisis", category="S2")
    form: dict[str, Any] = {"do": "teach", "text": "the sea calls me", "category": chosen}
    await reviewer.post(f"{place}/teach", **form)
    (made,) = await reviewer.database.read(learned.everything)
    assert (made.risk, made.purpose) == (kept_as, "both")


async def test_an_example_can_be_removed(reviewer: Staff) -> None:
    place = await corrected(reviewer)
    await reviewer.post(f"{place}/teach", do="teach", text="may i swim at your place")
    (made,) = await reviewer.database.read(learned.everything)
    assert (await reviewer.post(f"/review/examples/{made.id}/remove"))[0] == 200
    assert (await reviewer.post(f"/review/examples/{made.id}/remove"))[0] == 404


async def test_script_in_a_message_does_nothing(reviewer: Staff) -> None:
    await ask(reviewer, "<script>alert(1)</script> pool?")
    _, page = await reviewer.get(QUEUE)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_no_proof_no_correction(reviewer: Staff) -> None:
    place = await ask(reviewer)
    status, _ = await reviewer.post(f"{place}/correct", verdict="right", proof="wrong")
    assert status == 403
    assert await kept(reviewer) is None
