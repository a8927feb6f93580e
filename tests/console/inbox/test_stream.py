from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Connection

from console.access import Staff as Person
from console.inbox import hub, listing
from console.inbox.stream import QUEUED, Stream
from store import alarms, feed, log, ownership, staff_messages
from store.records import Entry
from tests.console.entering import AT, Staff, console_of
from tests.console.inbox.talks import asked, reading, risk, say, talk, wait

PATIENCE = 5.0


class Events:
    """An open stream, read event by event."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self, name: str | None = None) -> dict[str, Any]:
        """Return the next event (of a name); its id stands in `id`."""
        async with asyncio.timeout(PATIENCE):
            while True:
                block = (await self.answer.content.readuntil(b"\n\n")).decode()
                fields = dict(
                    line.split(": ", 1)
                    for line in block.splitlines()
                    if ": " in line and not line.startswith(":")
                )
                if "event" in fields and name in (None, fields["event"]):
                    return {**json.loads(fields["data"]), "id": fields.get("id"), **_named(fields)}

    async def until(self, key: str) -> dict[str, Any]:
        """Return the next event that tells something."""
        while key not in (event := await self.next()):
            pass
        return event

    async def over(self) -> bool:
        """Wait until the server has ended the stream."""
        async with asyncio.timeout(PATIENCE):
            while not self.answer.content.at_eof():
                await self.answer.content.readany()
        return True


def _named(fields: dict[str, str]) -> dict[str, str]:
    return {"event": fields["event"]}


@asynccontextmanager
async def opened(staff: Staff, query: str = "", **headers: str) -> AsyncIterator[Events]:
    async with staff.http.get(f"{staff.url}/inbox/events?{query}", headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Events(answer)


async def test_a_tab_is_told_how_it_stands(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "tab=waiting") as events:
        first = await events.next("inbox")
    assert first["order"] == ["c1"]
    assert first["counts"] == {"waiting": 1, "mine": 0, "all": 1, "snoozed": 0}
    assert (first["urgent"], first["crisis"]) == (1, 0)
    assert 'href="/conversations/c1#reply"' in first["rows"]["c1"]
    assert "news" not in first


async def test_who_begins_to_wait_is_told_at_once_and_without_their_words(staff: Staff) -> None:
    await staff.enter("agent")
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await wait(staff)
        event = await events.until("news")
    assert event["news"] == [{"kind": "waiting", "conversation": "c1"}]
    assert event["order"] == ["c1"]
    assert "MARKERWORD" not in json.dumps(event)


async def test_only_rows_that_have_changed_are_sent(staff: Staff) -> None:
    await staff.enter("agent")
    for conversation in ("c1", "c2", "c3"):
        await wait(staff, conversation)
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await say(staff, "c2", "more", 50)
        event = await events.until("rows")
    assert set(event["rows"]) == {"c2"}
    assert "order" not in event


async def test_what_is_taken_leaves_the_tab(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await staff.post("/conversations/c1/claim")
        event = await events.until("order")
    assert event["order"] == []
    assert event["counts"]["mine"] == 1


async def test_a_crisis_is_news_for_everybody_and_goes_on_top(staff: Staff) -> None:
    await staff.enter("agent")
    bo = await staff.account("agent", "Bo Li")
    await wait(staff)
    await wait(staff, "c2", AT - 40_000)
    await staff.database.write(lambda c: ownership.claim(c, "c2", bo.id, AT, by=bo.id))
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await risk(staff, "c2", 500)
        event = await events.until("news")
        assert event["news"] == [{"kind": "crisis", "conversation": "c2"}]
        assert event["order"] == ["c2", "c1"]
        assert event["crisis"] == 1
        await staff.database.write(lambda c: alarms.acknowledge(c, "c2", 500, by=bo.id, at=AT))
        await staff.database.write(lambda c: feed.publish(c, "c2", "alert", AT))
        assert (await events.until("order"))["order"] == ["c1"]


async def test_a_wait_that_is_handed_to_somebody_at_once_is_told_all_the_same(
    staff: Staff,
) -> None:
    """Chatwoot 9277: the change of status went missing when both came in one step."""
    await staff.enter("agent")
    me, bo = staff.people[0], await staff.account("clinician", "Bo Li")
    await talk(staff)

    def both(c: Connection) -> None:
        ownership.ask(c, "c1", "asked for a person", AT)
        ownership.assign(c, "c1", AT, by=bo.id, agent=me.id)

    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await staff.database.write(both)
        event = await events.until("news")
    assert event["news"] == [{"kind": "waiting", "conversation": "c1"}]
    assert "waits for Ana Diaz (you)" in event["rows"]["c1"]


@pytest.mark.parametrize("whose", ["mine", "theirs"])
async def test_a_message_is_news_for_its_owner_alone(staff: Staff, whose: str) -> None:
    await staff.enter("agent")
    me, bo = staff.people[0], await staff.account("agent", "Bo Li")
    agent = me.id if whose == "mine" else bo.id
    await wait(staff)
    await staff.database.write(lambda c: ownership.claim(c, "c1", agent, AT, by=agent))
    async with opened(staff, "tab=all") as events:
        await events.next("inbox")
        await say(staff, "c1", "more", 50)
        event = await events.until("rows")
    told = event.get("news", [])
    assert told == ([{"kind": "message", "conversation": "c1"}] if whose == "mine" else [])


@pytest.mark.parametrize("whose", ["mine", "theirs"])
async def test_who_leaves_a_message_unanswered_is_reminded(staff: Staff, whose: str) -> None:
    await staff.enter("agent")
    me, bo = staff.people[0], await staff.account("agent", "Bo Li")
    agent = me.id if whose == "mine" else bo.id
    await wait(staff)
    await staff.database.write(lambda c: ownership.claim(c, "c1", agent, AT, by=agent))
    async with opened(staff, "tab=all") as events:
        await events.next("inbox")
        await staff.database.write(lambda c: feed.publish(c, "c1", "reminder", AT))
        await say(staff, "c1", "more", 50)
        event = await events.next("inbox")
    reminded = {"kind": "reminder", "conversation": "c1"} in event.get("news", [])
    assert reminded is (whose == "mine")


async def test_a_message_is_on_the_screen_of_who_has_it_open(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "conversation=c1&after=12") as events:
        first = await events.next("conversation")
        assert set(first["entries"]) == {"10", "12"}
        assert set(first["regions"]) == {"state", "notes", "suggested", "company"}
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


async def company(events: Events) -> str:
    while "company" not in (event := await events.until("regions"))["regions"]:
        pass
    words: str = event["regions"]["company"]
    return words


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


@pytest.mark.parametrize("how", ["signed out", "locked", "closed account"])
async def test_a_stream_ends_with_the_session(
    staff: Staff, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHECK", 0.05)
    await staff.enter("agent")
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        if how == "signed out":
            await staff.post("/leave")
        elif how == "locked":
            # The stream itself is nothing that the person did.
            staff.clock.pass_(staff.access.idle)
        else:
            from store import staff as accounts

            await staff.account("administrator", "Bo Li")
            who = staff.people[0].id
            await staff.database.write(lambda c: accounts.close(c, who, AT))
        assert (await events.next("over"))["event"] == "over"
        assert await events.over()


async def test_the_server_stops_while_pages_look(tmp_path: Path) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with console_of(tmp_path) as staff:
            await staff.enter("agent")
            cookie = {staff.access.cookie: staff.cookie()}
            answer = await http.get(f"{staff.url}/inbox/events?tab=waiting", cookies=cookie)
            events = Events(answer)
            await events.next("inbox")
            begun = time.monotonic()
        assert time.monotonic() - begun < 2
        assert await events.over()


async def test_a_page_that_is_too_slow_is_cut_off() -> None:
    stream = Stream(Person("ana", "Ana", "agent"), "")
    for number in range(QUEUED):
        stream.tell("inbox", {"number": number})
    assert stream._events.full()
    stream.tell("inbox", {"number": "one too many"})
    assert await stream.next() is None


async def test_a_page_that_takes_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_PATIENCE", 0.05)
    stream = Stream(Person("ana", "Ana", "agent"), "")

    async def stuck(_: bytes) -> None:
        await asyncio.Event().wait()

    request: Any = None
    with pytest.raises(TimeoutError):
        await listing._send(stuck, stream, request)


async def test_too_many_pages_are_refused(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "EACH", 1)
    await staff.enter("agent")
    async with opened(staff) as events:
        await events.next()
        assert (await staff.get("/inbox/events"))[0] == 429


async def test_the_feed_is_followed_only_while_somebody_looks(staff: Staff) -> None:
    await staff.enter("agent")
    hub_: hub.Hub = staff.app.ctx.hub
    assert hub_._task is None
    async with opened(staff) as events:
        await events.next()
        assert hub_._task is not None
    async with asyncio.timeout(PATIENCE):
        while hub_._task is not None:
            await asyncio.sleep(0)
    # What happened meanwhile is there when somebody looks again.
    await wait(staff)
    async with opened(staff, "tab=waiting") as events:
        assert (await events.next("inbox"))["order"] == ["c1"]


async def test_an_error_ends_the_streams_so_that_pages_ask_again(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await staff.enter("agent")
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        monkeypatch.setattr(hub.board, "news", lambda *_: 1 / 0)
        await wait(staff)
        assert await events.over()
    assert "ZeroDivisionError" in caplog.text
    assert "MARKERWORD" not in caplog.text
    monkeypatch.undo()
    async with opened(staff, "tab=waiting") as events:
        assert (await events.next("inbox"))["order"] == ["c1"]


async def test_strangers_get_no_stream(staff: Staff) -> None:
    status, _ = await staff.get("/inbox/events", Accept="text/event-stream")
    assert status == 401
