"""The pretend platforms in front of the real desk: each takes what the other signs and sends."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest

from desk.app import build_app
from desk.parts import load_parts
from desk.settings import Settings
from tests.desk.brain_server import BrainServer, reading
from tests.desk.channels.simulator.conftest import PHONE
from tests.desk.serving import serving_app

Messages = list[dict[str, Any]]


@dataclass
class Tried:
    """A desk as `make run` serves it on this machine, and the pages to try it."""

    url: str
    http: aiohttp.ClientSession

    async def post(self, path: str, **body: Any) -> None:
        async with self.http.post(f"{self.url}/try/{path}", json=body) as answer:
            assert answer.status in (200, 201), await answer.text()

    async def shown(self, path: str, **query: str) -> Messages:
        async with self.http.get(f"{self.url}/try/{path}/state", params=query) as answer:
            assert answer.status == 200
            return list((await answer.json())["messages"])

    async def text(self, text: str) -> None:
        await self.post("phone/send", number=PHONE, text=text, media=False)

    async def answers(self, state: str, more_than: int = 0) -> Messages:
        """What the desk has texted that has come into a state; TimeoutError when nothing does."""
        async with asyncio.timeout(10):
            while True:
                shown = await self.shown("phone", number=PHONE)
                found = [m for m in shown if m["from"] == "desk" and m["state"] == state]
                if len(found) > more_than:
                    return found
                await asyncio.sleep(0.05)

    async def says(self) -> Messages:
        """What the desk has said to Robin in Slack; TimeoutError when it says nothing."""
        async with asyncio.timeout(10):
            while True:
                shown = await self.shown("slack", user="Robin")
                found = [m for m in shown if m["from"] == "desk"]
                if found:
                    return found
                await asyncio.sleep(0.05)


@pytest.fixture
async def tried(settings: Settings, brain: BrainServer) -> AsyncIterator[Tried]:
    brain.reading = reading("cost")
    listener = socket.create_server(("127.0.0.1", 0))
    parts = load_parts(replace(settings, demo=True, port=listener.getsockname()[1]))
    app = build_app(parts, f"desk-{uuid.uuid4().hex}")
    async with serving_app(app, listener), aiohttp.ClientSession() as http:
        yield Tried(parts.settings.own_url, http)


async def test_a_text_is_answered_and_its_delivery_known(tried: Tried) -> None:
    await tried.text("how much is it")
    await tried.answers("delivered")
    shown = await tried.shown("phone", number=PHONE)
    assert shown[0]["state"] == "received"
    assert [message["note"] for message in shown if message["note"]] == []


async def test_words_of_risk_are_answered_though_nothing_is_delivered(tried: Tried) -> None:
    await tried.post("phone/deliver", mode="blocked")
    await tried.text("i want to kill myself tonight")
    assert "988" in (await tried.answers("undelivered"))[0]["text"]


async def test_after_stop_the_desk_is_silent(tried: Tried) -> None:
    await tried.text("STOP")
    await asyncio.sleep(1)
    shown = await tried.shown("phone", number=PHONE)
    assert [message["from"] for message in shown] == ["you", "carrier"]


async def test_a_photo_is_deleted_at_the_provider(tried: Tried) -> None:
    await tried.post("phone/send", number=PHONE, text="", media=True)
    async with asyncio.timeout(15):
        while (await tried.shown("phone", number=PHONE))[0]["photos_kept"]:
            await asyncio.sleep(0.1)


async def test_a_message_in_slack_is_answered(tried: Tried) -> None:
    await tried.post("slack/send", user="Robin", text="how much is it", kind="direct")
    assert (await tried.says())[0]["refused"] is False


async def test_a_mention_is_answered_by_a_hint_alone(tried: Tried) -> None:
    await tried.post("slack/send", user="Robin", text="how much is it", kind="mention")
    assert [message["only_you"] for message in await tried.says()] == [True]
