"""Takes messages to the direct messages of a person, and finds those that Slack has taken."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from desk.channels.contract import NotSentError, Receipt, Rendered
from desk.channels.slack.api import Slack

EVENT = "iop_message"
"""The type of the metadata by which a message of ours is found."""
_SKEW = 60_000
"""Milliseconds by which Slack's clock may be behind ours."""
_PAGES = 5
_REMEMBERED = 10_000


class Outbox:
    """Messages to people."""

    def __init__(self, slack: Slack) -> None:
        """Send by this client."""
        self._slack = slack
        self._opened: OrderedDict[str, str] = OrderedDict()
        self._doubted: OrderedDict[str, int] = OrderedDict()
        """When messages were sent of which nobody knows whether Slack has taken them."""

    async def send(self, address: Mapping[str, str], rendered: Rendered, mark: str) -> Receipt:
        """Hand over a message; raises as desk.channels.contract.Channel.send does.

        One that Slack may have taken before is looked for first: at a look right after a timeout it
        may not have stood there yet.
        """
        taken = await self._taken_before(address, mark)
        if taken is not None:
            return taken
        try:
            receipt = await self._post(address, rendered, mark)
        except NotSentError as problem:
            if problem.maybe:
                self._doubt(mark)
            raise
        self._doubted.pop(mark, None)
        return receipt

    def _doubt(self, mark: str) -> None:
        self._doubted.setdefault(mark, time.time_ns() // 1_000_000)
        while len(self._doubted) > _REMEMBERED:
            self._doubted.popitem(last=False)

    async def _taken_before(self, address: Mapping[str, str], mark: str) -> Receipt | None:
        at = self._doubted.get(mark)
        if at is None:
            return None
        try:
            found = await self.find(address, mark, at)
        except NotSentError as problem:
            if problem.again:
                raise
            # It can never be looked up: rather twice than not at all.
            return None
        return found[0] if found else None

    async def _post(self, address: Mapping[str, str], rendered: Rendered, mark: str) -> Receipt:
        body = {
            **rendered.body,
            "channel": await self._place(address),
            "metadata": {"event_type": EVENT, "event_payload": {"mark": mark}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        answer = await self._slack.write("chat.postMessage", body)
        ts = answer.get("ts")
        if not isinstance(ts, str):
            raise NotSentError("no ts", again=True, maybe=True)
        return Receipt(ts)

    async def _place(self, address: Mapping[str, str]) -> str:
        """Return the channel of somebody's direct messages, opened where it is not known."""
        if address["channel"]:
            return address["channel"]
        who = address["user"]
        if who not in self._opened:
            answer = await self._opening(who)
            channel = answer.get("channel")
            found = channel.get("id") if isinstance(channel, dict) else None
            if not isinstance(found, str):
                raise NotSentError("no channel", again=True)
            self._opened[who] = found
        while len(self._opened) > _REMEMBERED:
            self._opened.popitem(last=False)
        return self._opened[who]

    async def _opening(self, user: str) -> dict[str, Any]:
        try:
            return await self._slack.write("conversations.open", {"users": user})
        except NotSentError as problem:
            # To open a channel twice does no harm, and the message has not left yet.
            raise NotSentError(problem.code, again=problem.again, after=problem.after) from None

    async def find(self, address: Mapping[str, str], mark: str, since: int) -> list[Receipt]:
        """Return messages of a mark which Slack has taken since a moment.

        Args:
            address: To whom they went.
            mark: Ours.
            since: In milliseconds since 1970.

        Raises:
            NotSentError: Slack does not say.
        """
        asked = {
            "channel": await self._place(address),
            "oldest": f"{max(since - _SKEW, 0) / 1000:.6f}",
            "include_all_metadata": "true",
            "limit": "200",
        }
        return [
            Receipt(each["ts"])
            for each in await history(self._slack, asked)
            if marked(each, EVENT).get("mark") == mark and isinstance(each.get("ts"), str)
        ]


async def history(slack: Slack, asked: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return messages of a channel, page by page; raises NotSentError."""
    found: list[Mapping[str, Any]] = []
    cursor = ""
    for _ in range(_PAGES):
        page = {**asked, "cursor": cursor} if cursor else asked
        answer = await slack.look("conversations.history", page)
        found += [each for each in answer.get("messages") or () if isinstance(each, dict)]
        more = answer.get("response_metadata")
        cursor = str(more.get("next_cursor") or "") if isinstance(more, dict) else ""
        if not cursor:
            break
    return found


def marked(message: Mapping[str, Any], event: str) -> Mapping[str, Any]:
    """Return what we have noted at a message of ours; nothing for another's."""
    noted = message.get("metadata")
    if not isinstance(noted, dict) or noted.get("event_type") != event:
        return {}
    payload = noted.get("event_payload")
    return payload if isinstance(payload, dict) else {}
