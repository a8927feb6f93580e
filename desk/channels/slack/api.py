"""Calls Slack's Web API, and says of every failure whether trying again can help."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from desk.channels.contract import NotSentError
from desk.channels.slack.config import SlackConfig

LIMIT = 10.0
"""Seconds for one call. A desk's claim of a message is longer, so that no other sends it."""
_LIMITED = frozenset({"ratelimited", "rate_limited"})
# Slack was not able to say what has become of it.
_UNKNOWN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
# It has not been taken, and the reason passes.
_PASSING = frozenset({"team_added_to_org", "external_channel_migrating"})


class Slack:
    """A client of one workspace; make it inside the event loop."""

    def __init__(self, config: SlackConfig) -> None:
        """Call with the bot's token."""
        self._url = config.api_url
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {config.bot_token}"},
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def write(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call a method that changes something, such as chat.postMessage.

        Raises:
            NotSentError: It was not done, or nobody knows.
        """
        return await self._call(
            method,
            data=orjson.dumps(body),
            headers={"Content-Type": "application/json; charset=utf-8"},
        )

    async def look(self, method: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """Call a method that reads; those take a form, not all of them JSON.

        Raises:
            NotSentError: Slack does not say.
        """
        return await self._call(method, data=dict(asked))

    async def _call(self, method: str, **how: Any) -> dict[str, Any]:
        url = f"{self._url}{method}"
        try:
            async with asyncio.timeout(LIMIT):
                # A redirect would carry words to another place.
                async with self._session.post(url, allow_redirects=False, **how) as answer:
                    raw = await answer.read()
                    status, after = answer.status, answer.headers.get("Retry-After", "")
        except TimeoutError:
            raise NotSentError("timeout", again=True, maybe=True) from None
        except aiohttp.ClientConnectorError:
            raise NotSentError("no connection", again=True) from None
        except aiohttp.ClientError:
            raise NotSentError("connection cut", again=True, maybe=True) from None
        return _done(status, raw, after)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _done(status: int, raw: bytes, after: str) -> dict[str, Any]:
    """Return what Slack has answered; raises NotSentError when it was no success."""
    read = _object(raw)
    if status == 200 and read.get("ok") is True:
        return read
    said = read.get("error")
    code = said[:64] if isinstance(said, str) else ""
    if status == 429 or code in _LIMITED:
        seconds = float(after) if after.isascii() and after.isdigit() else None
        raise NotSentError("ratelimited", again=True, after=seconds)
    if status >= 500 or code in _UNKNOWN or (status == 200 and not code):
        raise NotSentError(code or str(status), again=True, maybe=True)
    raise NotSentError(code or str(status), again=code in _PASSING)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        read = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}
