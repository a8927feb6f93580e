"""Speaks with a desk byte by byte, as no browser does."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Any

PATIENCE = 30.0
"""Seconds for what should come at once: a busy machine stands still now and then."""


@dataclass(frozen=True)
class Answer:
    """One answer of HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    """One connection."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self.host, self.port = host, int(port)

    async def __aenter__(self) -> Line:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    def send(self, data: bytes | str) -> None:
        self.writer.write(data if isinstance(data, bytes) else data.encode("latin-1"))

    async def answer(self) -> Answer:
        """Read the next answer; raises IncompleteReadError when the desk has closed."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            pairs = (line.partition(":") for line in lines)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split(" ")[1]), headers, body)

    async def ask(self, data: bytes | str) -> Answer:
        self.send(data)
        return await self.answer()

    async def until_closed(self, drip: bytes = b"") -> bytes:
        """Send a little again and again until the desk closes; return what it has said."""
        said = b""
        async with asyncio.timeout(PATIENCE):
            while True:
                if drip:
                    self.send(drip)
                try:
                    async with asyncio.timeout(0.02):
                        more = await self.reader.read(65_536)
                except TimeoutError:
                    continue
                except ConnectionError:
                    return said
                if not more:
                    return said
                said += more


async def asked(url: str, data: bytes | str) -> Answer:
    """Ask on a connection of its own."""
    async with Line(url) as line:
        return await line.ask(data)


def get(path: str, *fields: str, host: str = "127.0.0.1") -> str:
    more = "".join(f"{field}\r\n" for field in fields)
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n"


def post(path: str, body: str, *fields: str, host: str = "127.0.0.1") -> str:
    more = "".join(f"{field}\r\n" for field in fields)
    length = len(body.encode("latin-1"))
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n{more}\r\n{body}"
    )
