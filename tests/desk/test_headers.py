"""Security headers on every answer of the visitors' port, whatever the request."""

from __future__ import annotations

import re
from typing import Any

import pytest

from desk.web_answers import HEADERS
from tests.desk.conftest import Running, Serve
from tests.desk.raw import Line, asked, get

ORIGIN = "https://www.example.org"


def routes(app: Any) -> list[tuple[str, str]]:
    """Return method and a path of every route."""
    found = []
    for route in app.router.routes:
        path = "/" + re.sub(r"<[^>]+>", "1", route.path)
        found += [(method, path) for method in route.methods if method != "HEAD"]
    return sorted(set(found))


def lacking(headers: dict[str, str]) -> set[str]:
    return {name for name in HEADERS if name.lower() not in headers}


async def test_every_route_answers_with_security_headers(desk: Running) -> None:
    every = routes(desk.app)
    assert len(every) > 30
    found = {}
    for method, path in every:
        request = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        found[method, path] = lacking((await asked(desk.url, request)).headers)
    assert {route: names for route, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "request_",
    [
        get("/nothing"),
        get("/api/v1/nothing"),
        get("/chat").replace("GET", "DELETE", 1),
        get("/api/v1/messages").replace("GET", "OPTIONS", 1),
        get("/widget/%2e%2e/x"),
        "nonsense\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        get("/", f"X: {'a' * 9_000}"),
        get("/", host="a/b"),
        "POST /chat HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n",
    ],
)
async def test_every_error_has_them_too(desk: Running, request_: str) -> None:
    assert lacking((await asked(desk.url, request_)).headers) == set()


async def test_over_https_every_answer_says_that_it_stays_so(serve: Serve) -> None:
    desk = await serve({"public_url": "https://help.example.org"})
    for request in (get("/healthz"), get("/", host="evil.com"), "nonsense\r\n\r\n"):
        answer = await asked(desk.url, request)
        assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (ORIGIN, True),
        ("null", False),
        ("https://www.example.org.evil.com", False),
        ("https://evil.com/https://www.example.org", False),
        ("https://www.example.org@evil.com", False),
        ("https://www.example.org:444", False),
        ("http://www.example.org", False),
        ("https://example.org", False),
        ("HTTPS://WWW.EXAMPLE.ORG", False),
        (f"{ORIGIN}, https://evil.com", False),
        ("", False),
    ],
)
async def test_only_a_listed_website_may_read_the_api(
    serve: Serve, origin: str, allowed: bool
) -> None:
    desk = await serve(origins=frozenset({ORIGIN}))
    for request in (
        get("/api/v1/notice", f"Origin: {origin}"),
        get("/api/v1/messages", f"Origin: {origin}").replace("GET", "OPTIONS", 1),
        get("/api/v1/nothing", f"Origin: {origin}"),
    ):
        answer = await asked(desk.url, request)
        assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers


async def test_a_stream_has_them_too(desk: Running) -> None:
    token, _ = await desk.start()
    async with Line(desk.url) as line:
        line.send(get("/api/v1/events", f"Authorization: Bearer {token}"))
        head = (await line.reader.readuntil(b"\r\n\r\n")).decode().lower()
    assert all(f"\r\n{name.lower()}: " in head for name in HEADERS)
