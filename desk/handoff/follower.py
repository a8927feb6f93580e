"""Follows the feed: what staff write and do in the console reaches the person's open page at once.

Everything it writes is numbered by the store and written once, so that several desks may follow,
and one that was away catches up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from desk.conversations import Conversations, Live, now_ms
from desk.handoff.told import line_on
from desk.lines import Lines
from store import changes, feed, languages, log, ownership
from store.changes import Change
from store.database import Database
from store.errors import StoreError
from store.feed import FeedRow
from store.records import Message, Ownership

logger = logging.getLogger(__name__)

EVERY = 0.1
"""Seconds between two looks at the feed."""
KEPT_DAYS = 7
"""How long the feed is kept."""
_CATCH_UP = 24 * 3_600_000
"""Milliseconds before the start from which on changes of owner are told that were not."""
_OVERLAP = 10_000


class Follower:
    """One desk's place in the feed."""

    def __init__(
        self,
        lines: Lines,
        database: Database,
        conversations: Conversations,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        """Pass on to the conversations in memory; `clock` gives the moment in milliseconds."""
        self._lines, self._database, self._conversations = lines, database, conversations
        self._clock, self._last, self._failing = clock, -1, False

    async def follow(self) -> int:
        """Handle what is new, and return how many rows there were."""
        try:
            done = await self._follow()
        except StoreError as problem:
            # Ten times a second would drown the log.
            if not self._failing:
                logger.warning("The feed cannot be followed. %s", problem)
            self._failing = True
            return 0
        self._failing = False
        return done

    async def _follow(self) -> int:
        if self._last < 0:
            await self._catch_up()
        rows = await self._database.read(lambda c: feed.after(c, self._last))
        for row in rows:
            await self._handled(row)
            self._last = row.id
        return len(rows)

    async def _handled(self, row: FeedRow) -> None:
        try:
            await self._handle(row)
        except StoreError:
            raise
        except Exception as problem:
            # Everybody's staff would fall silent for the sake of one row. Only the class is
            # logged, since the rest may hold a person's words.
            logger.error("A change could not be told: %s.", type(problem).__name__)

    async def _catch_up(self) -> None:
        now, last = self._clock(), 0
        # From a little before the start: a page may have been opened before this looked first.
        begin = await self._database.read(lambda c: feed.before(c, now - _OVERLAP))
        since = now - _CATCH_UP
        while rows := await self._rows_of_owners(since, last):
            for row in rows:
                await self._handled(row)
                last = row.id
        await self._close_pages(now)
        self._last = begin

    async def _close_pages(self, now: int) -> None:
        """Say of pages that were open when a desk was killed that they are not, until they are."""
        lives = {
            chat: self._conversations.get(chat)
            for chat in await self._database.read(feed.open_pages)
        }
        gone = [
            FeedRow(chat, "gone", now, sender="visitor")
            for chat, live in lives.items()
            if live is None or not live.listeners
        ]
        if gone:
            await self._database.write(lambda c: feed.publish_all(c, gone))

    async def _rows_of_owners(self, since: int, last: int) -> list[FeedRow]:
        return await self._database.read(lambda c: feed.owner_changes(c, since, last))

    async def _handle(self, row: FeedRow) -> None:
        if row.kind == "owner":
            await self._owner(row)
            return
        live = self._conversations.get(row.conversation_id)
        if live is None or (row.seq is None and row.kind == "message"):
            return
        if row.kind == "typing" and row.sender == "staff" and live.owner == "human":
            live.staff_types()
        elif row.kind == "message" and row.seq is not None and row.seq % 2:
            # Numbers of the store: what staff wrote, and lines of this or another desk.
            await self._message(live, row.seq)

    async def _message(self, live: Live, seq: int) -> None:
        message = await self._database.read(lambda c: log.message(c, live.id, seq))
        if message is not None:
            live.pass_on(message)

    async def _owner(self, row: FeedRow) -> None:
        conversation_id, seq = row.conversation_id, row.seq or 0
        change, owned, language = await self._database.read(
            lambda c: (
                changes.change_of(c, conversation_id, seq),
                ownership.state(c, conversation_id),
                languages.language_of(c, conversation_id),
            )
        )
        if change is None or owned is None:
            return
        line = line_on(self._lines, change, language)
        if line is not None:
            line = await self._as_logged(conversation_id, line, told=change.told)
        live = self._conversations.get(conversation_id)
        if live is not None:
            await self._show(live, change, owned, line)

    async def _as_logged(self, conversation_id: str, line: Message, *, told: bool) -> Message:
        """Write a line unless that has been done, by another desk or in another language."""
        if not told:
            told = not await self._database.write(
                lambda c: changes.add_line(c, conversation_id, line)
            )
        if not told:
            return line
        found = await self._database.read(lambda c: log.message(c, conversation_id, line.seq))
        return found or line

    async def _show(
        self, live: Live, change: Change, owned: Ownership, line: Message | None
    ) -> None:
        live.own(owned)
        if line is not None:
            live.pass_on(line)
        live.tell_owner()
        if change.from_owner == "bot" and owned.owner != "bot" and live.listeners:
            await self._database.write(
                lambda c: feed.publish(c, live.id, "here", self._clock(), sender="visitor")
            )

    async def forget(self) -> int:
        """Delete what of the feed is old; raises StoreError."""
        before = self._clock() - KEPT_DAYS * 86_400_000
        return await self._database.write(lambda c: feed.forget(c, before))
