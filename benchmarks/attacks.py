"""What `make bench-hostile` does to a running desk; each attack runs in a process of its own.

`python -m benchmarks.attacks NAME HOST PORT SECONDS ADDRESS` attacks from ADDRESS, an address of
loopback that no visitor has, and prints as JSON what became of it. It takes a quarter of one
processor at most: attackers have machines of their own, and here they share two cores with all
that is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import secrets
import socket
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

SHARE = 0.25
"""Of one processor, at most."""
_LINE = 125_000_000
"""Bytes a second of an attacker's line (1 Gbit/s); within one machine they would be gigabytes."""
SILENT = 10_000
"""Connections that say nothing."""
_SMALL = 4_096
_HEAD = "{line} HTTP/1.1\r\nHost: {host}\r\n"


@dataclass
class Attack:
    """One attack under way."""

    host: str
    port: int
    seconds: float
    address: str
    count: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() - self.began >= self.seconds

    async def breathe(self) -> None:
        """Keep to the share of the processor."""
        await asyncio.sleep(0)
        while not self.over and time.process_time() > SHARE * (time.monotonic() - self.began + 0.2):
            await asyncio.sleep(0.01)

    async def open(
        self, buffer: int | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection from the attacker's address."""
        await self.breathe()
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        raw.setblocking(False)
        if buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        raw.bind((self.address, 0))
        try:
            await asyncio.get_running_loop().sock_connect(raw, (self.host, self.port))
        except OSError:
            raw.close()
            raise
        self.count["opened"] += 1
        return await asyncio.open_connection(sock=raw, limit=_SMALL)

    def head(self, line: str, *fields: str) -> bytes:
        """Return the beginning of a request."""
        start = _HEAD.format(line=line, host=f"{self.host}:{self.port}")
        return (start + "".join(f"{each}\r\n" for each in fields)).encode()

    def post(self, path: str, body: bytes, *fields: str) -> bytes:
        """Return a whole request with a body."""
        more = ("Content-Type: application/json", f"Content-Length: {len(body)}", *fields)
        return self.head(f"POST {path}", *more) + b"\r\n" + body

    async def ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> tuple[int, bytes]:
        """Send a request and read its answer; 0 where the connection was closed."""
        await self.breathe()
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        self.count[f"status {status}"] += 1
        length = 0
        for line in head.split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        return status, await reader.readexactly(length)

    async def again(self, work: Callable[[], Awaitable[None]], workers: int) -> None:
        """Do something again and again, by several at once."""

        async def one() -> None:
            while not self.over:
                try:
                    await asyncio.wait_for(work(), max(0.1, self._left()))
                except TimeoutError:
                    return
                except (OSError, EOFError, asyncio.LimitOverrunError, ValueError, IndexError):
                    self.count["closed on us"] += 1
                    await asyncio.sleep(0.02)

        await asyncio.gather(*(one() for _ in range(workers)))

    def _left(self) -> float:
        return self.seconds - (time.monotonic() - self.began)

    async def token(self) -> str:
        """Begin a conversation."""
        reader, writer = await self.open()
        _, body = await self.ask(reader, writer, self.post("/api/v1/conversations", b"{}"))
        writer.close()
        token: str = json.loads(body)["token"]
        return token


async def _held(attack: Attack, first: bytes, drip: bytes) -> None:
    """Send the beginning of a request, then a little every second, as long as it is borne."""
    reader, writer = await attack.open()
    try:
        writer.write(first)
        while not attack.over:
            writer.write(drip)
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    if not await reader.read(_SMALL):
                        raise EOFError
                    attack.count["refused"] += 1
                    raise EOFError
    finally:
        writer.close()


async def slow_headers(attack: Attack) -> None:
    """Slowloris: 500 requests whose head comes by a line a second."""
    first = attack.head("GET /chat")
    await attack.again(lambda: _held(attack, first, b"X-Slow: 1\r\n"), 500)


async def slow_bodies(attack: Attack) -> None:
    """500 messages whose body comes by a byte a second."""
    first = attack.head("POST /api/v1/messages", "Content-Length: 900000") + b"\r\n{"
    await attack.again(lambda: _held(attack, first, b" "), 500)


async def slow_readers(attack: Attack) -> None:
    """200 streams, and 100 connections that ask for files and never read them."""
    token = await attack.token()
    stream = attack.head("GET /api/v1/events", f"Authorization: Bearer {token}") + b"\r\n"
    files = (attack.head("GET /widget/iop-chat.js") + b"\r\n") * 200

    async def unread(request: bytes) -> None:
        reader, writer = await attack.open(_SMALL)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        try:
            writer.write(request)
            while not attack.over and not writer.is_closing():
                await asyncio.sleep(0.5)
        finally:
            writer.close()

    await asyncio.gather(
        attack.again(lambda: unread(stream), 200), attack.again(lambda: unread(files), 100)
    )


async def silent(attack: Attack) -> None:
    """10,000 connections that say nothing."""
    held: list[socket.socket] = []
    loop = asyncio.get_running_loop()
    while len(held) < SILENT and not attack.over:
        await attack.breathe()
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        raw.setblocking(False)
        raw.bind((attack.address, 0))
        try:
            await loop.sock_connect(raw, (attack.host, attack.port))
        except OSError:
            attack.count["refused"] += 1
            raw.close()
            continue
        attack.count["opened"] += 1
        held.append(raw)
    while not attack.over:
        await asyncio.sleep(0.1)
    for raw in held:
        with contextlib.suppress(OSError):
            closed = raw.recv(1, socket.MSG_DONTWAIT) is not None
            attack.count["refused"] += closed
        raw.close()


async def large_bodies(attack: Attack) -> None:
    """Bodies of just under 1 MB that are no message, as many as a line carries."""
    request = attack.post("/api/v1/messages", b"how much is the program " * 41_000)
    workers = 20

    async def work() -> None:
        due = time.monotonic() + workers * len(request) / _LINE
        reader, writer = await attack.open()
        try:
            await attack.ask(reader, writer, request)
        finally:
            writer.close()
        await asyncio.sleep(max(0.0, due - time.monotonic()))

    await attack.again(work, workers)


async def header_flood(attack: Attack) -> None:
    """Heads of 100 fields of 8 kB, and heads without an end."""
    flood = b"".join(b"X-%d: %b\r\n" % (number, b"a" * 8_000) for number in range(100))

    async def work() -> None:
        reader, writer = await attack.open()
        try:
            await attack.ask(reader, writer, attack.head("GET /chat") + flood)
        finally:
            writer.close()

    await attack.again(work, 20)


async def tricks(attack: Attack) -> None:
    """Foreign hosts and origins, and requests that can be read in two ways."""
    get = "GET /api/v1/notice HTTP/1.1\r\n"
    shapes = [
        f"{get}Host: evil.example\r\n\r\n",
        f"{get}Host: a\r\nHost: b\r\n\r\n",
        f"{get}Host: {attack.host}\r\nOrigin: null\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
        f"POST /chat HTTP/1.1\r\nHost: {attack.host}\r\nContent-Length: 5\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"{get}Host: a\r\n folded: b\r\n\r\n",
        f"{get}Host: a\r\nX-Forwarded-For: {'1.2.3.4, ' * 200}\r\n\r\n",
        f"{get}Host : a\r\n\r\n",
    ]

    async def work() -> None:
        for shape in shapes:
            reader, writer = await attack.open()
            try:
                await attack.ask(reader, writer, shape.encode())
            finally:
                writer.close()

    await attack.again(work, 20)


async def pipelined(attack: Attack) -> None:
    """2,000 requests at once on each of 20 connections."""
    request = (attack.head("GET /healthz") + b"\r\n") * 2_000

    async def work() -> None:
        reader, writer = await attack.open()
        try:
            writer.write(request)
            while await reader.read(65_536):
                await attack.breathe()
        finally:
            writer.close()

    await attack.again(work, 20)


async def crumbs(attack: Attack) -> None:
    """Bodies in chunks of one byte."""
    head = attack.head("POST /api/v1/messages", "Transfer-Encoding: chunked") + b"\r\n"

    async def work() -> None:
        reader, writer = await attack.open()
        try:
            await attack.ask(reader, writer, head + b"1\r\na\r\n" * 100_000)
        finally:
            writer.close()

    await attack.again(work, 10)


async def _turns(attack: Attack, tokens: list[str]) -> None:
    async def work() -> None:
        reader, writer = await attack.open()
        try:
            while not attack.over:
                token = secrets.choice(tokens)
                text = "how much is the program and what about insurance " * 5
                body = json.dumps({"id": secrets.token_hex(16), "text": text}).encode()
                bearer = f"Authorization: Bearer {token}"
                await attack.ask(reader, writer, attack.post("/api/v1/messages", body, bearer))
        finally:
            writer.close()

    await attack.again(work, 64)


async def one_conversation(attack: Attack) -> None:
    """Messages of one conversation, as fast as they go."""
    await _turns(attack, [await attack.token()])


async def one_address(attack: Attack) -> None:
    """Messages of 40 conversations of one address, as fast as they go."""
    await _turns(attack, [await attack.token() for _ in range(40)])


ATTACKS: dict[str, Callable[[Attack], Coroutine[Any, Any, None]]] = {
    work.__name__: work
    for work in (
        slow_headers,
        slow_bodies,
        slow_readers,
        silent,
        large_bodies,
        header_flood,
        tricks,
        pipelined,
        crumbs,
        one_conversation,
        one_address,
    )
}


def main() -> int:
    """Attack, and print what became of it."""
    os.nice(19)
    name, host, port, seconds, address = sys.argv[1:]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    attack = Attack(host, int(port), float(seconds), address)
    with contextlib.suppress(OSError, EOFError, KeyError, ValueError):
        asyncio.run(ATTACKS[name](attack))
    share = time.process_time() / attack.seconds
    sys.stdout.write(json.dumps({"processor": round(share, 2), **attack.count}) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    # Thousands of connections need not be taken down one by one.
    os._exit(main())
