"""Streams of the inbox as tests read them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.console.entering import Staff

PATIENCE = 30.0


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


async def company(events: Events) -> str:
    while "company" not in (event := await events.until("regions"))["regions"]:
        pass
    words: str = event["regions"]["company"]
    return words
