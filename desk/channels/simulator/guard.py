"""Who may use the simulator: this machine, by its own name, and no other page in a browser."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

import orjson
from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound

from desk.web_answers import json_answer

_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

Answering = Coroutine[Any, Any, HTTPResponse]
Handler = Callable[[Request], Answering]
Taking = Callable[[dict[str, Any]], Answering]


def only_this_machine(request: Request) -> None:
    """Let nobody else know that there is anything.

    A name that leads here but is not this machine's own is a foreign page's (DNS rebinding), and
    a proxy on this machine speaks for somebody elsewhere.

    Raises:
        NotFound: The request comes from elsewhere.
    """
    host = request.headers.getall("host", [])
    passed_on = any(name in request.headers for name in _PASSED_ON)
    if passed_on or len(host) != 1 or not (_is_here(request.ip) and _is_own_name(host[0])):
        raise NotFound


def _is_here(address: str) -> bool:
    try:
        read = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(read, "ipv4_mapped", None)
    return (mapped or read).is_loopback


def _is_own_name(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname in _NAMES and parts.netloc == host and "@" not in host
    except ValueError:
        return False


def takes_json(handler: Taking) -> Handler:
    """Return a handler of requests that change something, for one that takes a JSON object.

    No page elsewhere can make a browser send this content type here without being allowed to.
    """

    async def take(request: Request) -> HTTPResponse:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return json_answer({"error": "The body must be application/json."}, 415)
        origin, host = request.headers.get("origin"), request.headers.get("host")
        if origin not in (None, f"http://{host}"):
            return json_answer({"error": "Another page may not do this."}, 403)
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            return json_answer({"error": "The body must be a JSON object."}, 400)
        return await handler(body)

    return take
