"""Calls Slack's Web API, and says of every failure whether trying again can help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from desk.channels.calling import Answered, call, session
from desk.channels.contract import NotSentError
from desk.channels.slack.config import SlackConfig

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
        self._session = session(f"Bearer {config.bot_token}")

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
        return _done(await call(self._session, "POST", f"{self._url}{method}", **how))

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _done(answer: Answered) -> dict[str, Any]:
    """Return what Slack has answered; raises NotSentError when it was no success."""
    status, read = answer.status, answer.body
    if status == 200 and read.get("ok") is True:
        return read
    said = read.get("error")
    code = said[:64] if isinstance(said, str) else ""
    if status == 429 or code in _LIMITED:
        raise NotSentError("ratelimited", again=True, after=answer.after)
    if status >= 500 or code in _UNKNOWN or (status == 200 and not code):
        raise NotSentError(code or str(status), again=True, maybe=True)
    raise NotSentError(code or str(status), again=code in _PASSING)
