"""Tells staff in their own channel that somebody waits and, where it is allowed, talks across.

What people write leaves the desk for staff's channel only with `baa: true`: then the agreement with
Slack covers it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from desk.channels.contract import NotSentError, Receipt
from desk.channels.slack.api import Slack
from desk.channels.slack.blocks import pieces
from desk.channels.slack.config import SlackConfig
from desk.channels.slack.events import Spoken
from desk.channels.slack.markup import escaped, link
from desk.channels.slack.outbox import history, marked
from desk.channels.slack.seen import Seen
from desk.channels.slack.staff_replies import NotRelayedError

Relay = Callable[[str, str, str], Awaitable[None]]
"""Takes a conversation's id, the Slack user id of whoever of staff writes, and their words."""

EVENT = "iop_handoff"
"""The type of the metadata by which the thread of a conversation is found."""
PATIENCE = 2.5
"""Seconds for a reply of staff; Slack gives a request three, and then sends it again."""
_REMEMBERED = 5_000


class StaffThreads:
    """One thread a conversation, in staff's channel."""

    def __init__(self, config: SlackConfig, slack: Slack, relay: Relay | None = None) -> None:
        """Post there; `relay` takes what staff reply."""
        self._channel = config.staff_channel or ""
        self._slack, self._relay = slack, relay
        self._open = config.baa
        self._threads: OrderedDict[str, str] = OrderedDict()
        self._seen = Seen()

    @property
    def open(self) -> bool:
        """Whether people's words may stand in staff's channel."""
        return self._open

    async def post_handoff(self, conversation_id: str, reason: str, where: str) -> Receipt:
        """Say that somebody waits, without their words.

        Args:
            conversation_id: Whose conversation it is.
            reason: Why, in words of ours.
            where: The conversation's address in the console.

        Raises:
            NotSentError: Slack did not take it, or nobody knows.
        """
        text = f"Somebody waits: {escaped(reason)}, {link('open in the console', where)}"
        body = {
            "text": text,
            "metadata": {"event_type": EVENT, "event_payload": {"conversation": conversation_id}},
            "unfurl_links": False,
        }
        ts = await self._post(body)
        self._remember(conversation_id, ts)
        return Receipt(ts)

    async def post_words(self, conversation_id: str, text: str) -> bool:
        """Put what somebody has written into their thread; return whether there is one.

        Raises:
            NotSentError: Slack did not take it, or nobody knows.
        """
        if not self._open:
            return False
        thread = self._threads.get(conversation_id) or await self._thread_of(conversation_id)
        if thread is None:
            return False
        for piece in pieces(text):
            shown = {"type": "plain_text", "text": piece, "emoji": False}
            body = {"text": escaped(piece), "blocks": [{"type": "section", "text": shown}]}
            await self._post({**body, "thread_ts": thread})
        return True

    async def _post(self, body: dict[str, Any]) -> str:
        answer = await self._slack.write("chat.postMessage", {**body, "channel": self._channel})
        ts = answer.get("ts")
        if not isinstance(ts, str):
            raise NotSentError("no ts", again=True, maybe=True)
        return ts

    def _remember(self, conversation_id: str, ts: str) -> None:
        self._threads[conversation_id] = ts
        self._threads.move_to_end(conversation_id)
        while len(self._threads) > _REMEMBERED:
            self._threads.popitem(last=False)

    async def _thread_of(self, conversation_id: str) -> str | None:
        """Return the thread of a conversation which an earlier desk has opened, the newest."""
        asked = {"channel": self._channel, "include_all_metadata": "true", "limit": "200"}
        for each in await history(self._slack, asked):
            ts = each.get("ts")
            if marked(each, EVENT).get("conversation") == conversation_id and isinstance(ts, str):
                self._remember(conversation_id, ts)
                return ts
        return None

    async def heard(self, heard: Spoken) -> None:
        """Take what staff have written in their channel; only a reply in a thread goes on.

        Raises:
            TimeoutError: It took too long; Slack sends it again.
            NotSentError: Slack does not say whose thread it is.
        """
        reply = heard.thread is not None and heard.thread != heard.ts and heard.edited is None
        if not (self._open and reply and self._relay and heard.text):
            return
        if not self._seen.add(heard.key):
            return
        try:
            async with asyncio.timeout(PATIENCE):
                conversation = await self._conversation_of(heard.thread or "")
                if conversation is not None:
                    await self._passed_on(conversation, heard)
        except BaseException:
            self._seen.discard(heard.key)
            raise

    async def _passed_on(self, conversation: str, heard: Spoken) -> None:
        """Send a reply to the person; whoever wrote it is told when it does not go on."""
        assert self._relay is not None
        try:
            await self._relay(conversation, heard.user, heard.text)
        except NotRelayedError as problem:
            body = {"channel": self._channel, "user": heard.user, "text": str(problem)}
            if heard.thread:
                body["thread_ts"] = heard.thread
            await self._slack.write("chat.postEphemeral", body)

    async def _conversation_of(self, thread: str) -> str | None:
        for conversation, ts in self._threads.items():
            if ts == thread:
                return conversation
        asked = {
            "channel": self._channel,
            "ts": thread,
            "limit": "1",
            "include_all_metadata": "true",
        }
        answer = await self._slack.look("conversations.replies", asked)
        for each in answer.get("messages") or ():
            found = marked(each, EVENT).get("conversation") if isinstance(each, dict) else None
            if isinstance(found, str):
                self._remember(found, thread)
                return found
        return None
