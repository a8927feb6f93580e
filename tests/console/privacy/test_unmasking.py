"""Who works with a conversation sees it as it was written; others give a reason, and are noted."""

from __future__ import annotations

from typing import Any

import pytest

from store import audit, log, notes, ownership
from store.records import Entry, Message
from tests.console.entering import AT, Staff
from tests.console.inbox.streams import opened

WORDS = "I am Jordan Smith, call (213) 555-0142"
HIDDEN = "I am [name], call [phone]"
NOTE = "their number is 213-555-0142, says Maria"
REASON = "They did not come to the appointment"


async def talk(staff: Staff) -> None:
    said = (Message(10, "visitor", "text", WORDS, AT), Message(12, "bot", "answer", "Hello.", AT))
    await staff.database.write(lambda c: log.write(c, Entry("c1", "web", AT, said)))
    await staff.database.write(lambda c: notes.add(c, "c1", "somebody", NOTE, AT))


async def claim(staff: Staff, agent: str) -> None:
    await staff.database.write(lambda c: ownership.claim(c, "c1", agent, AT, by=agent))


def as_owner(who: str) -> tuple[Any, ...]:
    return who, "read", "unmasked, as owner"


async def deeds(staff: Staff) -> list[tuple[Any, ...]]:
    rows = await staff.database.read(audit.newest)
    return [(row["staff_id"], row["action"], row["detail"]) for row in rows]


@pytest.mark.parametrize("role", ["agent", "clinician", "reviewer", "administrator"])
async def test_whoever_does_not_own_it_sees_it_masked(staff: Staff, role: str) -> None:
    await talk(staff)
    await staff.enter(role)
    _, page = await staff.get("/conversations/c1")
    assert HIDDEN in page
    assert "555-0142" not in page
    assert "Jordan" not in page
    assert "their number is [phone], says Maria" in page
    assert (staff.people[0].id, "read", None) in await deeds(staff)


async def test_whoever_owns_it_sees_it_as_it_was_written_and_the_audit_says_so(
    staff: Staff,
) -> None:
    await talk(staff)
    await staff.enter("agent")
    await claim(staff, staff.people[0].id)
    _, page = await staff.get("/conversations/c1")
    assert WORDS in page
    assert NOTE in page
    assert (staff.people[0].id, "read", "unmasked, as owner") in await deeds(staff)
    assert "Show what is hidden" not in page


async def test_a_colleagues_conversation_is_masked(staff: Staff) -> None:
    await talk(staff)
    sam = await staff.account("agent", "Sam Lee")
    await claim(staff, sam.id)
    await staff.enter("agent", "Ana Diaz")
    assert HIDDEN in (await staff.get("/conversations/c1"))[1]


@pytest.mark.parametrize("role", ["clinician", "administrator"])
async def test_a_reason_unmasks_it_once(staff: Staff, role: str) -> None:
    await talk(staff)
    await staff.enter(role)
    assert "Show what is hidden" in (await staff.get("/conversations/c1"))[1]
    status, page = await staff.post("/conversations/c1/unmasked", reason=REASON)
    assert status == 200
    assert WORDS in page
    assert NOTE in page
    assert (await deeds(staff))[0] == (staff.people[0].id, "unmasked", REASON)
    assert HIDDEN in (await staff.get("/conversations/c1"))[1]
    assert (await staff.get("/conversations/c1/unmasked"))[0] == 404


@pytest.mark.parametrize("role", ["agent", "reviewer"])
async def test_other_roles_do_not_unmask(staff: Staff, role: str) -> None:
    await talk(staff)
    await staff.enter(role)
    assert "Show what is hidden" not in (await staff.get("/conversations/c1"))[1]
    status, page = await staff.post("/conversations/c1/unmasked", reason=REASON)
    assert status == 403
    assert "555-0142" not in page


@pytest.mark.parametrize("reason", ["", "   ", "no", "\x00\x01\x02\x03\x04\x05"])
async def test_without_a_reason_it_stays_masked(staff: Staff, reason: str) -> None:
    await talk(staff)
    await staff.enter("clinician")
    status, page = await staff.post("/conversations/c1/unmasked", reason=reason)
    assert status == 422
    assert "Say in a few words" in page
    assert "555-0142" not in page
    assert not [deed for deed in await deeds(staff) if deed[1] == "unmasked"]


async def test_a_reason_that_names_somebody_is_kept_masked(staff: Staff) -> None:
    await talk(staff)
    await staff.enter("clinician")
    _, page = await staff.post(
        "/conversations/c1/unmasked", reason="call my patient Jordan at 213-555-0142 <script>"
    )
    assert (await deeds(staff))[0][2] == "call my patient [name] at [phone] <script>"
    assert "<script>" not in page.split("<main")[1]


async def test_what_is_not_there_is_not_found(staff: Staff) -> None:
    await staff.enter("clinician")
    assert (await staff.post("/conversations/none/unmasked", reason=REASON))[0] == 404


async def test_a_form_from_elsewhere_unmasks_nothing(staff: Staff) -> None:
    await talk(staff)
    await staff.enter("clinician")
    assert (await staff.post("/conversations/c1/unmasked", proof="x", reason=REASON))[0] == 403


async def test_the_page_of_who_takes_it_shows_it_at_once_and_a_colleagues_does_not(
    staff: Staff,
) -> None:
    await talk(staff)
    await staff.enter("agent")
    ana = staff.people[0].id
    async with opened(staff, "conversation=c1") as mine:
        assert HIDDEN in (await mine.next("conversation"))["entries"]["10"]
        await staff.enter("agent", "Bo Li")
        async with opened(staff, "conversation=c1") as others:
            assert HIDDEN in (await others.next("conversation"))["entries"]["10"]
            await claim(staff, ana)
            assert WORDS in (await mine.until("entries"))["entries"]["10"]
            said = (Message(20, "visitor", "text", WORDS, AT),)
            await staff.database.write(
                lambda c: log.write(c, Entry("c1", "web", AT, said, known=True))
            )
            assert WORDS in (await mine.until("entries"))["entries"]["20"]
            event = await others.until("entries")
            assert set(event["entries"]) == {"20"}
            assert HIDDEN in event["entries"]["20"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/conversations/c1/claim", {}),
        ("/conversations/c1/assign", {"whom": "me"}),
        ("/conversations/c1/reply", {"text": "I am here."}),
    ],
)
async def test_who_takes_it_on_an_open_page_is_noted_to_see_it_as_it_was_written(
    staff: Staff, path: str, form: dict[str, str]
) -> None:
    await talk(staff)
    await staff.enter("agent")
    ana = staff.people[0].id
    form = {name: value.replace("me", f"person:{ana}") for name, value in form.items()}
    async with opened(staff, "conversation=c1") as mine:
        assert HIDDEN in (await mine.next("conversation"))["entries"]["10"]
        assert as_owner(ana) not in await deeds(staff)
        await staff.post(path, {"HX-Request": "true"}, **form)
        assert WORDS in (await mine.until("entries"))["entries"]["10"]
        assert (await deeds(staff)).count(as_owner(ana)) == 1
        # Theirs already: it is no other look.
        await staff.post("/conversations/c1/reply", {"HX-Request": "true"}, text="And still am.")
        await mine.until("entries")
        assert (await deeds(staff)).count(as_owner(ana)) == 1


async def test_to_whom_it_is_handed_over_on_an_open_page_is_noted(staff: Staff) -> None:
    await talk(staff)
    bo, cy = await staff.account("agent", "Bo Li"), await staff.account("agent", "Cy Orr")
    await staff.enter("agent")
    ana = staff.people[-1].id
    await claim(staff, ana)
    await staff.be(bo.id)
    async with opened(staff, "conversation=c1") as theirs:
        assert HIDDEN in (await theirs.next("conversation"))["entries"]["10"]
        await staff.be(ana)
        await staff.post("/conversations/c1/assign", whom=f"person:{bo.id}")
        assert WORDS in (await theirs.until("entries"))["entries"]["10"]
        assert as_owner(bo.id) in await deeds(staff)
        await staff.be(bo.id)
        await staff.post("/conversations/c1/assign", whom=f"person:{cy.id}")
        assert as_owner(cy.id) not in await deeds(staff), "they have not looked"


async def test_a_stream_of_ones_own_is_noted_once_as_that(staff: Staff) -> None:
    await talk(staff)
    await staff.enter("agent")
    ana = staff.people[0].id
    await staff.get("/conversations/c1")
    await claim(staff, ana)
    for _ in range(2):
        async with opened(staff, "conversation=c1") as mine:
            assert WORDS in (await mine.next("conversation"))["entries"]["10"]
    found = await deeds(staff)
    assert found.count(as_owner(ana)) == 1
    assert found.count((ana, "read", None)) == 1
