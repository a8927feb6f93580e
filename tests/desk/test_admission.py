"""Hostile connections and requests, byte by byte, against a desk that serves."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk import admission
from desk.admission import Gate
from desk.hosts import Hosts
from desk.settings import Rate, Settings
from tests.desk.conftest import CRISIS, Running, Serve
from tests.desk.raw import PATIENCE, Line, asked, get, post

PUBLIC = "https://help.example.org"


@pytest.fixture
async def few(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A desk that takes 12 connections, 6 of one address, and looks at its clock often."""
    monkeypatch.setattr(admission, "_LOOK_EVERY", 0.02)
    running: Running = await serve({"connections": 12, "connections_address": 6})
    return running


@pytest.fixture
async def lines() -> AsyncIterator[Any]:
    """Open connections that end with the test."""
    async with AsyncExitStack() as stack:

        async def opened(url: str, count: int) -> list[Line]:
            return [await stack.enter_async_context(Line(url)) for _ in range(count)]

        yield opened


def gate_of(desk: Running) -> Gate:
    gate: Gate = desk.app.ctx.gate
    return gate


async def until(holds: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)


async def test_silent_connections_of_an_address_make_room_for_its_next_visitor(
    few: Running, lines: Any
) -> None:
    await lines(few.url, 12)
    await until(lambda: gate_of(few).count <= 6)
    assert (await asked(few.url, get("/healthz"))).status == 200
    assert gate_of(few).count <= 6


async def test_an_address_whose_connections_are_all_at_work_gets_resources_at_once(
    few: Running, lines: Any
) -> None:
    token, _ = await few.start()
    opened = await lines(few.url, 6)
    for line in opened:
        line.send(get("/api/v1/events", f"Authorization: Bearer {token}"))
        assert b"200" in await line.reader.readuntil(b"\r\n\r\n")
    async with Line(few.url) as line:
        refused = await line.answer()
    assert refused.status == 503
    assert refused.json["crisis"]["kind"] == "crisis"
    assert "988" in refused.json["error"]["message"]
    assert gate_of(few).refused == 1


async def test_connections_that_end_are_forgotten(few: Running) -> None:
    for _ in range(20):
        assert (await asked(few.url, get("/healthz"))).status == 200
    await until(lambda: gate_of(few).count <= 1)


async def test_of_a_full_desk_the_address_with_the_most_makes_room() -> None:
    gate = Gate(4, 4, behind_proxy=False)
    dropped = []

    class Fake:
        waits = True

        def __init__(self, address: str) -> None:
            self.address = address

        def drop(self) -> None:
            dropped.append(self.address)
            gate.leave(self)  # type: ignore[arg-type]

    def enter(address: str) -> bool:
        return gate.enter(Fake(address))  # type: ignore[arg-type]

    assert all(enter(address) for address in ("flood", "flood", "flood", "one"))
    assert enter("two")
    assert dropped == ["flood"]
    assert gate.count == 4
    assert enter("three")
    assert not enter("four")
    assert gate.refused == 1


async def test_a_connection_that_says_nothing_is_closed(
    few: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "FIRST_BYTE", 0.1)
    async with Line(few.url) as line:
        assert await line.until_closed() == b""


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        ("GET /chat HTTP/1.1\r\nHost: x\r\n", b"X-Slow: 1\r\n"),
        ("GET /chat HTTP/1.1\r\nHost: x\r\nX-Long: ", b"a"),
        ("POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n", b"a"),
        (
            "POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\na\r\n",
        ),
    ],
)
async def test_a_request_that_comes_in_drops_is_given_up(
    few: Running, first: str, drip: bytes
) -> None:
    few.app.config.REQUEST_TIMEOUT = 0.3
    async with Line(few.url) as line:
        line.send(first)
        said = await line.until_closed(drip)
    # An answer may be lost where the client still sends.
    assert not said or (b" 408 " in said.split(b"\r\n")[0] and b"988" in said)


async def test_a_stream_that_is_not_read_is_dropped(
    few: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "UNREAD", 0.1)
    async with Line(few.url) as line:
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        file = max(Path("widget").glob("*.js"), key=lambda path: path.stat().st_size)
        line.send(get(f"/widget/{file.name}") * 2_000)
        await until(lambda: gate_of(few).count == 1)
        await until(lambda: gate_of(few).count == 0)


async def test_a_stream_that_is_read_lives_on(few: Running) -> None:
    few.app.config.REQUEST_TIMEOUT = 0.1
    token, _ = await few.start()
    async with Line(few.url) as line:
        line.send(get("/api/v1/events", f"Authorization: Bearer {token}"))
        await line.reader.readuntil(b"\r\n\r\n")
        await few.send(token, "how much is it")
        async with asyncio.timeout(PATIENCE):
            assert b"It depends." in await line.reader.readuntil(b"It depends.")


async def test_requests_sent_at_once_let_others_through(few: Running) -> None:
    async with Line(few.url) as line:
        line.send(get("/healthz") * 300)
        other = asyncio.create_task(asked(few.url, get("/healthz")))
        served = 0
        while not other.done():
            assert (await line.answer()).status == 200
            served += 1
        assert (await other).status == 200
        assert served < 300


GET = "GET /api/v1/notice HTTP/1.1\r\n"
POST = "POST /api/v1/messages HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (f"{GET}Host: a\r\nHost: a\r\n\r\n", 400),
        (f"{GET}\r\n", 400),
        ("GET /healthz HTTP/1.0\r\n\r\n", 200),
        (f"{GET}Host: a\r\n folded: b\r\n\r\n", 400),
        (f"{GET}Host: a\r\nX: b\r\n\tc\r\n\r\n", 400),
        (f"{GET}Host : a\r\n\r\n", 400),
        (f"{GET}Host: a\r\nX: b\nContent-Length: 5\r\n\r\n", 400),
        (f"{GET}Host: a\r\nX: \x00\r\n\r\n", 400),
        (f"{GET}Host: a/../b\r\n\r\n", 421),
        (f"{GET}Host: a b\r\n\r\n", 421),
        (f"{GET}Host: user@a\r\n\r\n", 421),
        ("GET http://evil.example/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET //evil.example/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("get /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", 400),
        ("GET /healthz\r\nHost: a\r\n\r\n", 400),
        (f"{POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (f"{POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
        (f"{POST}Content-Length: +5\r\n\r\nabcde", 400),
        (f"{POST}Content-Length : 5\r\n\r\nabcde", 400),
        (f"{POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (f"{POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400),
        (f"{POST}Transfer-Encoding: chunked\r\n\r\n" + "1\r\na\r\n" * 2_000, 400),
        (f"{GET}Host: a\r\n" + "X: b\r\n" * 200 + "\r\n", 400),
        (f"{GET}Host: a\r\nX: {'b' * 9_000}\r\n\r\n", 413),
    ],
)
async def test_what_could_be_read_in_two_ways_is_refused(
    desk: Running, request_: str, status: int
) -> None:
    async with Line(desk.url) as line:
        answer = await line.ask(request_)
        assert answer.status == status
        if status in (400, 413):
            assert "988" in answer.body.decode()
            assert await line.until_closed() == b""
    assert (await asked(desk.url, get("/healthz"))).status == 200


@pytest.fixture
async def public(serve: Serve) -> Running:
    running: Running = await serve({"public_url": PUBLIC})
    return running


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("help.example.org", 200),
        ("HELP.example.org:443", 200),
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("[::1]:8080", 200),
        ("help.example.org:80", 421),
        ("help.example.org.evil.com", 421),
        ("evil-help.example.org", 421),
        ("help.example.org@evil.com", 421),
        ("evil.com", 421),
        ("10.0.0.5", 421),
        ("127.0.0.1.evil.com", 421),
        ("", 421),
    ],
)
async def test_only_the_public_name_and_this_machines_own_are_served(
    public: Running, host: str, status: int
) -> None:
    answer = await asked(public.url, get("/api/v1/notice", host=host))
    assert answer.status == status
    assert status == 200 or "988" in answer.json["error"]["message"]
    assert (await asked(public.url, get("/healthz", host=host))).status == 200


async def test_a_message_of_risk_under_a_wrong_name_gets_resources(public: Running) -> None:
    body = json.dumps({"id": uuid.uuid4().hex, "text": CRISIS})
    answer = await asked(public.url, post("/api/v1/messages", body, host="evil.com"))
    assert answer.status == 421
    assert answer.json["crisis"]["kind"] == "crisis"


@given(st.text(max_size=60))
def test_no_other_host_is_taken_for_ours(host: str) -> None:
    served = Hosts(Settings(public_url=PUBLIC)).serves(host)
    name = host.lower().rpartition(":")[0] if host[-1:].isdigit() else host.lower()
    ours = {"help.example.org", "127.0.0.1", "localhost", "[::1]"}
    assert not served or name in ours or host.lower() in ours


@pytest.mark.parametrize("hops", [0, 1, 2])
async def test_an_address_cannot_be_made_up(serve: Serve, hops: int) -> None:
    """Whatever comes before the own proxies' entries is the client's and counts for nothing."""
    desk = await serve({"proxies": hops, "rate_address": Rate(2, 0.0001)})
    seen = [f"203.0.113.{n}" for n in range(9)]
    own = ["198.51.100.1"] * hops
    statuses = [
        (
            await asked(
                desk.url,
                post(
                    "/api/v1/conversations",
                    "{}",
                    f"X-Forwarded-For: {', '.join([made_up, *own])}",
                    f"Forwarded: for={made_up}",
                    f"X-Real-IP: {made_up}",
                ),
            )
        ).status
        for made_up in seen
    ]
    assert statuses == [201] + [429] * 8


_FIELD = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=200)
_HOSTILE = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Host", "Origin", "Content-Length", "Expect"])
async def test_hostile_values_of_a_header_break_nothing(serve: Serve, name: str) -> None:
    desk = await serve({"proxies": 1})
    loop = asyncio.get_running_loop()

    async def sent(value: str) -> int:
        own = "" if name == "Host" else "Host: a\r\n"
        async with Line(desk.url) as line:
            line.send(f"GET /healthz HTTP/1.1\r\n{own}{name}: {value}\r\n\r\n")
            line.writer.write_eof()
            try:
                return (await line.answer()).status
            except asyncio.IncompleteReadError:
                return 0

    @_HOSTILE
    @given(_FIELD)
    def hostile(value: str) -> None:
        status = asyncio.run_coroutine_threadsafe(sent(value), loop).result(PATIENCE)
        assert status in (0, 200, 400, 408, 413, 417)

    await asyncio.to_thread(hostile)
    assert (await asked(desk.url, get("/healthz"))).status == 200
