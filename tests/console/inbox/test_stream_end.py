"""How streams end, and who gets none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from console.access import Staff as Person
from console.inbox import hub, listing
from console.inbox.stream import QUEUED, Stream
from tests.console.entering import AT, Staff, console_of
from tests.console.inbox.streams import PATIENCE, Events, opened
from tests.console.inbox.talks import wait


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
            staff.app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 600
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
        with monkeypatch.context() as broken:
            broken.setattr(hub.board, "news", lambda *_: 1 / 0)
            await wait(staff)
            assert await events.over()
    assert "ZeroDivisionError" in caplog.text
    assert "MARKERWORD" not in caplog.text
    async with opened(staff, "tab=waiting") as events:
        assert (await events.next("inbox"))["order"] == ["c1"]


async def test_strangers_get_no_stream(staff: Staff) -> None:
    status, _ = await staff.get("/inbox/events", Accept="text/event-stream")
    assert status == 401
