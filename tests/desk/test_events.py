from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from desk.channels import stream
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve

Event = tuple[str, Any]


class Stream:
    def __init__(self, content: Any) -> None:
        self._content = content
        self.ids: list[int] = []

    async def next(self) -> Event | None:
        """Return the next event, None at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(30):
            while line := (await self._content.readline()).decode():
                if line == "\n" and "event" in fields:
                    return fields["event"], json.loads(fields["data"])
                if line.startswith(":"):
                    return "comment", line[1:].strip()
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value
                if name == "id":
                    self.ids.append(int(value))
        return None

    async def messages(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(found) < count:
            event = await self.next()
            assert event is not None
            if event[0] == "message":
                found.append(event[1])
        return found


@asynccontextmanager
async def listening(desk: Running, token: str, after: int | None = None) -> AsyncIterator[Stream]:
    headers = {"Authorization": f"Bearer {token}"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    async with desk.http.get(f"{desk.url}/api/v1/events", headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Stream(answer.content)


async def test_messages_and_typing_are_streamed(desk: Running) -> None:
    token, greeting = await desk.start()
    async with listening(desk, token) as events:
        assert await events.next() == ("message", greeting[0])
        _, body = await desk.send(token)
        assert await events.next() == ("message", body["message"])
        assert await events.next() == ("typing", {"on": True, "from": "bot"})
        assert await events.next() == ("typing", {"on": False, "from": "bot"})
        assert await events.next() == ("message", body["replies"][0])
        assert events.ids == [
            greeting[0]["seq"],
            body["message"]["seq"],
            body["replies"][0]["seq"],
        ]


async def test_a_lost_stream_is_resumed_where_it_stopped(desk: Running) -> None:
    token, _ = await desk.start()
    _, first = await desk.send(token, "one")
    _, second = await desk.send(token, "two")
    async with listening(desk, token, first["replies"][-1]["seq"]) as events:
        assert await events.messages(2) == [second["message"], *second["replies"]]


async def test_a_stream_is_resumed_from_the_log_after_a_restart(serve: Serve) -> None:
    before = await serve()
    token, greeting = await before.start()
    _, body = await before.send(token)
    after = await serve()
    async with listening(after, token, greeting[0]["seq"]) as events:
        assert await events.messages(2) == [body["message"], *body["replies"]]


async def test_resources_do_not_wait_for_the_turn_before(desk: Running, brain: BrainServer) -> None:
    token, _ = await desk.start()
    brain.gate.clear()
    waiting = asyncio.create_task(desk.send(token, "how much is it"))
    while not brain.calls:
        await asyncio.sleep(0)
    async with listening(desk, token) as events:
        await events.messages(2)
        at_risk = asyncio.create_task(desk.send(token, CRISIS))
        (resources,) = await events.messages(1)
        assert resources["kind"] == "crisis"
        assert not waiting.done()
        brain.gate.set()
        _, first = await waiting
        _, second = await at_risk
    # Whoever resumes after the resources must not miss what was numbered before them.
    async with listening(desk, token, resources["seq"]) as events:
        later = await events.messages(3)
    texts = [each["text"] for each in later]
    assert first["replies"][0]["text"] in texts
    assert CRISIS in texts
    assert second["replies"][0] == resources


async def test_each_stream_gets_each_message_once(desk: Running) -> None:
    token, _ = await desk.start()
    async with listening(desk, token) as one, listening(desk, token) as two:
        await desk.send(token)
        assert await one.messages(3) == await two.messages(3)
        assert len(set(one.ids)) == 3


async def test_too_many_streams_of_a_conversation(desk: Running) -> None:
    token, _ = await desk.start()
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{desk.url}/api/v1/events"
    answers = [await desk.http.get(url, headers=headers) for _ in range(9)]
    assert [answer.status for answer in answers] == [200] * 8 + [429]
    for answer in answers:
        answer.close()


async def test_a_silent_stream_is_kept_alive(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.01)
    token, _ = await desk.start()
    async with listening(desk, token) as events:
        await events.messages(1)
        assert await events.next() == ("comment", "ping")


async def test_streams_end_when_the_desk_does(desk: Running) -> None:
    token, _ = await desk.start()
    async with listening(desk, token) as events:
        await events.messages(1)
        desk.desk.conversations.end_streams()
        assert await events.next() is None


async def test_who_does_not_read_is_cut_off() -> None:
    from desk.conversations import Listener

    listener = Listener()
    for number in range(500):
        listener.tell(("typing", bool(number)))
    while (event := await listener.next()) is not None:
        assert event[0] == "typing"
