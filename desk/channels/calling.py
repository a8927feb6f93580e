"""Calls a platform's API: a refusal is told from what nobody knows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from desk.channels.contract import NotSentError

LIMIT = 10.0
"""Seconds for one call. A desk's claim of a message is longer, so that no other sends it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a platform has answered, whatever it is."""

    status: int
    body: dict[str, Any]
    """The object that it holds; empty where it holds none."""
    after: float | None
    """Seconds that it asks to wait."""


def session(authorization: str) -> aiohttp.ClientSession:
    """Return a session that sends an Authorization header; make it inside the event loop."""
    return aiohttp.ClientSession(
        headers={"Authorization": authorization},
        # The limit of `call` covers all of it; nothing of the environment may reroute it.
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def call(client: aiohttp.ClientSession, method: str, url: str, **how: Any) -> Answered:
    """Call a platform.

    Args:
        client: From `session`.
        method: Such as "POST".
        url: The address.
        how: Further arguments of aiohttp's request.

    Raises:
        NotSentError: There was no answer; `maybe` says whether it was taken all the same.
    """
    try:
        async with asyncio.timeout(LIMIT):
            # A redirect would carry words to another place.
            async with client.request(method, url, allow_redirects=False, **how) as answer:
                raw = await answer.read()
                after = answer.headers.get("Retry-After", "")
                seconds = float(after) if after.isascii() and after.isdigit() else None
                return Answered(answer.status, _object(raw), seconds)
    except TimeoutError:
        raise NotSentError("timeout", again=True, maybe=True) from None
    except aiohttp.ClientConnectorError:
        raise NotSentError("no connection", again=True) from None
    except aiohttp.ClientError:
        raise NotSentError("connection cut", again=True, maybe=True) from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        read = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}
