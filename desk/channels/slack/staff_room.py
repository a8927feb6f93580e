"""Staff's channel: follows what happens, and posts what concerns staff.

A handoff is posted without the person's words; only where the agreement with Slack allows it does
what the person then writes stand in the thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from desk.channels.contract import NotSentError
from desk.channels.slack.staff import StaffThreads
from desk.conversations import now_ms
from store import changes, feed, log, ownership, staff_posts
from store.database import Database
from store.feed import FeedRow
from store.owner_rules import CRISIS

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks."""
_BACK = 10 * 60_000
"""Milliseconds before the start from which on is posted what was not."""
_OF_RISK = "words of risk"


class StaffRoom:
    """One desk's place in the feed, for staff's channel."""

    def __init__(
        self,
        threads: StaffThreads,
        database: Database,
        console_url: str,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        """Post to these threads; links go to the console."""
        self._threads, self._database = threads, database
        self._console, self._clock, self._last = console_url, clock, -1

    async def follow(self) -> int:
        """Post what is new, and return how much was posted; raises StoreError."""
        if self._last < 0:
            since = self._clock() - _BACK
            self._last = await self._database.read(lambda c: feed.before(c, since))
        rows = await self._database.read(lambda c: feed.after(c, self._last))
        done = 0
        for row in rows:
            try:
                done += await self._post(row)
            except NotSentError as problem:
                # The next look begins with it.
                logger.warning("Staff's channel did not take a post: %s.", problem.code)
                if problem.again:
                    return done
            self._last = row.id
        return done

    async def _post(self, row: FeedRow) -> bool:
        if row.kind == "owner":
            return await self._handoff(row.conversation_id, row.seq or 0)
        if row.kind == "message" and row.sender == "visitor":
            return await self._words(row.conversation_id, row.seq or 0)
        return False

    async def _handoff(self, conversation: str, seq: int) -> bool:
        change, owned = await self._database.read(
            lambda c: (changes.change_of(c, conversation, seq), ownership.state(c, conversation))
        )
        if change is None or owned is None or change.to_owner != "queue":
            return False
        reason = _OF_RISK if owned.reason == CRISIS else owned.reason
        where = f"{self._console}/conversations/{conversation}"
        if not await self._mine(conversation, seq):
            return False
        try:
            await self._threads.post_handoff(conversation, reason, where)
        except NotSentError:
            await self._give_back(conversation, seq)
            raise
        return True

    async def _words(self, conversation: str, seq: int) -> bool:
        if not self._threads.open:
            return False
        owned, message = await self._database.read(
            lambda c: (ownership.state(c, conversation), log.message(c, conversation, seq))
        )
        if owned is None or owned.owner == "bot" or message is None:
            return False
        if not await self._mine(conversation, seq):
            return False
        try:
            return await self._threads.post_words(conversation, message.text)
        except NotSentError:
            await self._give_back(conversation, seq)
            raise

    async def _mine(self, conversation: str, seq: int) -> bool:
        now = self._clock()
        return await self._database.write(lambda c: staff_posts.claim(c, conversation, seq, now))

    async def _give_back(self, conversation: str, seq: int) -> None:
        await self._database.write(lambda c: staff_posts.release(c, conversation, seq))
