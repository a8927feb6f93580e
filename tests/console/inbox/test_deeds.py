from __future__ import annotations

from typing import Any

import pytest

from store import audit, feed, notes, ownership
from tests.console.entering import AT, HOUR, Staff
from tests.console.inbox.talks import talk, wait
from tests.console.inbox.test_replies import SCRIPTS, owner


async def do(staff: Staff, deed: str, headers: Any = None, **form: str) -> tuple[int, str]:
    return await staff.post(f"/conversations/c1/{deed}", headers, **form)


async def mine(staff: Staff, role: str = "clinician") -> str:
    await staff.enter(role)
    me = staff.people[0].id
    await wait(staff)
    await staff.database.write(lambda c: ownership.claim(c, "c1", me, AT, by=me))
    return me


async def test_assign_to_me(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    status, page = await do(staff, "claim")
    assert status == 200
    assert "with Ana Diaz (you)" in page
    assert (await owner(staff)).agent == staff.people[0].id


async def test_hand_over_to_a_person(staff: Staff) -> None:
    await mine(staff)
    bo = await staff.account("agent", "Bo Li")
    assert (await do(staff, "assign", whom=f"person:{bo.id}"))[0] == 200
    found = await owner(staff)
    assert (found.owner, found.agent) == ("human", bo.id)


async def test_hand_over_to_a_team(staff: Staff) -> None:
    await mine(staff)
    _, page = await do(staff, "assign", whom="team:clinician")
    found = await owner(staff)
    assert (found.owner, found.team) == ("queue", "clinician")
    assert "waits for clinicians" in page


@pytest.mark.parametrize(
    "whom", ["", "person:none", "team:reviewer", "team:x", "reviewer", "closed"]
)
async def test_to_nobody_it_cannot_be_handed(staff: Staff, whom: str) -> None:
    me = await mine(staff)
    if whom in ("reviewer", "closed"):
        role = "reviewer" if whom == "reviewer" else "agent"
        person = await staff.account(role, "Bo Li")
        if whom == "closed":
            from store import staff as accounts

            await staff.database.write(lambda c: accounts.close(c, person.id, AT))
        whom = f"person:{person.id}"
    status, page = await do(staff, "assign", whom=whom)
    assert status == 422
    assert "Choose somebody" in page
    assert (await owner(staff)).agent == me


async def test_snooze_and_wake(staff: Staff) -> None:
    await mine(staff)
    _, page = await do(staff, "snooze", until="1h")
    assert (await owner(staff)).wake_at == staff.clock() + HOUR
    assert "Snoozed until" in page
    assert "Snoozed until" not in (await do(staff, "wake"))[1]
    assert (await owner(staff)).wake_at is None


async def test_only_what_is_offered_can_be_snoozed_until(staff: Staff) -> None:
    await mine(staff)
    assert (await do(staff, "snooze", until="99999999999"))[0] == 422
    assert (await owner(staff)).wake_at is None


async def test_resolve_gives_it_back_to_the_assistant(staff: Staff) -> None:
    await mine(staff)
    _, page = await do(staff, "resolve")
    assert (await owner(staff)).owner == "bot"
    assert "with the assistant" in page


async def test_back_to_the_queue(staff: Staff) -> None:
    await mine(staff)
    await do(staff, "release")
    found = await owner(staff)
    assert (found.owner, found.agent) == ("queue", None)


async def test_spam_and_back(staff: Staff) -> None:
    await mine(staff)
    _, page = await do(staff, "block")
    assert (await owner(staff)).blocked
    assert "gets crisis resources and nothing else" in page
    assert "Assign to me" not in page
    _, page = await do(staff, "unblock")
    assert not (await owner(staff)).blocked


@pytest.mark.parametrize(("deed", "form"), [("snooze", {"until": "1h"}), ("release", {})])
@pytest.mark.parametrize("headers", [None, SCRIPTS])
async def test_what_does_not_fit_any_more_is_said(
    staff: Staff, deed: str, form: dict[str, str], headers: Any
) -> None:
    await staff.enter("agent")
    await talk(staff)
    status, page = await do(staff, deed, headers, **form)
    assert status == 409
    assert "Nothing was changed" in page
    assert (await owner(staff)).owner == "bot"


async def test_a_note_is_for_staff_alone(staff: Staff) -> None:
    await mine(staff)
    _, page = await do(staff, "note", text=" Called her sister.\r\n")
    assert "Called her sister." in page
    (note,) = await staff.database.read(lambda c: notes.of(c, "c1"))
    assert (note["text"], note["staff_id"]) == ("Called her sister.", staff.people[0].id)
    # Neither the feed nor the audit holds its words.
    rows = await staff.database.read(lambda c: (feed.after(c, 0), audit.newest(c)))
    assert "sister" not in repr(rows)
    assert (await do(staff, "note", text=" "))[0] == 422


async def test_every_deed_is_in_the_audit(staff: Staff) -> None:
    await mine(staff)
    for deed, form in (("snooze", {"until": "1h"}), ("release", {}), ("claim", {}), ("block", {})):
        await do(staff, deed, **form)
    deeds = await staff.database.read(audit.newest)
    done = {deed["action"] for deed in deeds if deed["subject"] == "c1"}
    assert {"snooze", "release", "claim", "block", "read"} <= done


async def test_that_staff_write_is_published(staff: Staff) -> None:
    await mine(staff)
    status, _ = await do(staff, "typing")
    assert status == 204
    rows = await staff.database.read(lambda c: feed.after(c, 0))
    assert [(row.kind, row.sender) for row in rows][-1] == ("typing", "staff")


async def test_canned_answers_are_kept_by_those_who_may(staff: Staff) -> None:
    await staff.enter("clinician")
    await wait(staff)
    _, page = await staff.post("/canned", title=" Our   hours ", text="Open 9 to 5.\r\n")
    assert "Our hours" in page
    assert "Open 9 to 5." in (await staff.get("/conversations/c1"))[1]
    assert (await staff.post("/canned", title="", text="x"))[0] == 422
    await staff.enter("agent", "Bo Li")
    _, page = await staff.get("/canned")
    assert "Open 9 to 5." in page
    assert "Add one" not in page
    assert (await staff.post("/canned/1/remove"))[0] == 403
    await staff.enter("administrator", "Cy Fox")
    assert (await staff.post(f"/canned/{'9' * 20}/remove"))[0] == 403
    _, page = await staff.post("/canned/1/remove")
    assert "Open 9 to 5." not in page
