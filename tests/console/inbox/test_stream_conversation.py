"""The stream of a conversation: what is told of its messages, and of who looks at it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from store import answer_ratings, audit, feed, log, staff_messages
from store.records import Entry
from tests.console.entering import AT, MINUTE, Staff
from tests.console.inbox.streams import company, opened
from tests.console.inbox.talks import asked, reading, say, talk, wait


async def test_a_message_is_on_the_screen_of_who_has_it_open(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "conversation=c1&after=12") as events:
        first = await events.next("conversation")
        assert set(first["entries"]) == {"10", "12"}
        assert set(first["regions"]) == {"state", "review", "notes", "suggested", "company"}
        await say(staff, "c1", "call 213-555-0142 <b>", 50)
        event = await events.until("entries")
    assert set(event["entries"]) == {"50"}
    assert event["id"] == "50"
    assert "call [phone] &lt;b&gt;" in event["entries"]["50"]


async def test_what_was_understood_follows(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    await say(staff, "c1", "and for teens?", 50)
    async with opened(staff, "conversation=c1") as events:
        await events.next("conversation")
        found = reading(50, outcome="read", intent="adolescents_teens")
        entry = Entry("c1", "web", AT, (), found, known=True)
        await staff.database.write(lambda c: log.finish(c, entry))
        event = await events.until("entries")
    assert set(event["entries"]) == {"50"}
    assert "Understood: adolescents_teens" in event["entries"]["50"]


async def test_that_an_answer_did_not_help_is_told(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff)
    async with opened(staff, "conversation=c1") as events:
        await events.next("conversation")
        await staff.database.write(lambda c: answer_ratings.rate(c, "c1", 12, 0, AT))
        event = await events.until("entries")
    assert set(event["entries"]) == {"12"}
    assert "did not help" in event["entries"]["12"]


async def test_delivery_is_told(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    await staff.post("/conversations/c1/reply", text="Hello")
    all_ = await staff.database.read(lambda c: log.messages_after(c, "c1", 0))
    seq = next(each.seq for each in all_ if each.sender == "staff")
    async with opened(staff, "conversation=c1") as events:
        await events.next("conversation")
        await staff.database.write(lambda c: staff_messages.delivered(c, "c1", [seq], AT))
        event = await events.until("entries")
    assert "delivered " in event["entries"][str(seq)]


@pytest.mark.parametrize("kind", ["here", "gone"])
async def test_whether_the_persons_page_is_open_is_told(staff: Staff, kind: Any) -> None:
    await staff.enter("agent")
    await wait(staff)
    if kind == "gone":
        await staff.database.write(lambda c: feed.publish(c, "c1", "here", AT))
    async with opened(staff, "conversation=c1") as events:
        await events.next("conversation")
        await staff.database.write(lambda c: feed.publish(c, "c1", kind, AT))
        event = await events.until("regions")
    words = "page is open since" if kind == "here" else "page is not open"
    assert words in event["regions"]["state"]


async def test_that_the_person_types_is_told_and_that_staff_do_is_not(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "conversation=c1") as events:
        await events.next("inbox")
        for sender in ("staff", "visitor"):
            await staff.database.write(
                partial(feed.publish, conversation_id="c1", kind="typing", at=AT, sender=sender)
            )
        assert (await events.next())["event"] == "typing"
        await say(staff, "c1", "more", 50)
        assert (await events.next())["event"] == "conversation"


async def test_who_else_looks_is_told(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "conversation=c1") as ana:
        await ana.next("conversation")
        await staff.enter("clinician", "Bo Li")
        async with opened(staff, "conversation=c1") as bo:
            assert "Ana Diaz has this conversation open" in await company(bo)
            assert "Bo Li has this conversation open" in await company(ana)
        assert "Bo Li" not in await company(ana)


@pytest.mark.parametrize("how", ["header", "address"])
async def test_a_page_goes_on_where_it_was(staff: Staff, how: str) -> None:
    await staff.enter("agent")
    for start in (100, 200):
        said = tuple(asked(start + n, f"word{start + n}.") for n in range(60))
        entry = Entry("c1", "web", AT, said)
        await staff.database.write(partial(log.write, entry=entry))
    headers = {"Last-Event-ID": "130"} if how == "header" else {}
    query = "conversation=c1" + ("&after=130" if how == "address" else "")
    async with opened(staff, query, **headers) as events:
        first = await events.next("conversation")
    assert min(map(int, first["entries"])) == 131
    assert first["id"] == "259"


async def test_whoever_has_missed_too_much_loads_the_page_anew(staff: Staff) -> None:
    await staff.enter("agent")
    for start in range(0, 250, 50):
        said = tuple(asked(start + n + 1) for n in range(50))
        entry = Entry("c1", "web", AT, said)
        await staff.database.write(partial(log.write, entry=entry))
    async with opened(staff, "conversation=c1&after=5") as events:
        assert (await events.next())["event"] == "anew"


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, ""])
async def test_a_wrong_place_is_the_beginning(staff: Staff, after: str) -> None:
    await staff.enter("agent")
    await talk(staff)
    async with opened(staff, f"conversation=c1&after={after}") as events:
        assert set((await events.next("conversation"))["entries"]) == {"10", "12"}


async def reads(staff: Staff) -> list[tuple[str, str]]:
    deeds = await staff.database.read(audit.newest)
    return [(deed["staff_id"], deed["subject"]) for deed in deeds if deed["action"] == "read"]


async def test_who_follows_a_conversation_has_read_it(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    async with opened(staff, "conversation=c1") as events:
        await events.next("conversation")
        assert await reads(staff) == [(staff.people[0].id, "c1")]


@pytest.mark.parametrize("headers", [{}, {"Last-Event-ID": "12"}])
async def test_a_page_that_connects_again_is_no_new_look(
    staff: Staff, headers: dict[str, str]
) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    for minutes, count in ((0, 1), (10, 1), (6, 2)):
        staff.clock.pass_(minutes * MINUTE)
        await staff.be(staff.people[0].id)
        async with opened(staff, "conversation=c1", **headers) as events:
            await events.next("conversation")
        assert len(await reads(staff)) == count


@pytest.mark.parametrize("query", ["tab=all", "conversation=none"])
async def test_where_nothing_is_read_nothing_is_noted(staff: Staff, query: str) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    async with opened(staff, query) as events:
        await events.next("inbox")
    assert await reads(staff) == []
