"""Follows the feed while anybody looks, and tells every open page what has changed on it.

What has happened is read once for all pages: one query of the feed every tenth of a second, and one
of the conversations that it names.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress

from console.inbox import board, reading, shown
from console.inbox.board import Board
from console.inbox.fragments import Fragments
from console.inbox.reading import Batch, Detail
from console.inbox.stream import Stream
from store import feed, inbox, seen
from store import staff as accounts
from store.database import Database
from store.errors import StoreError
from store.feed import FeedRow
from store.inbox import Waiting

logger = logging.getLogger(__name__)

EVERY = 0.1
"""Seconds between two looks at the feed."""
MOST, EACH = 400, 20
"""Open pages of all, and of one person."""
_RESUMED = 200
"""Messages that a page may have missed; whoever has missed more loads the page anew."""


class TooManyError(Exception):
    """Too many pages are open."""


class Hub:
    """Knows the open pages and the inbox as it is now."""

    def __init__(self, database: Database, fragments: Fragments) -> None:
        """Read there, and make pieces of pages with these."""
        self._database, self._fragments = database, fragments
        self._streams: set[Stream] = set()
        self._rows: dict[str, Waiting] = {}
        self._board = Board(())
        self._names: Mapping[str, str] = {}
        self._last = 0
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def join(self, stream: Stream, after: int = 0) -> None:
        """Tell a page how everything stands, and from then on what changes.

        Args:
            stream: The page.
            after: The number of the last message that it shows.

        Raises:
            TooManyError: There are too many pages.
            StoreError: The log cannot be read.
        """
        own = sum(each.me.id == stream.me.id for each in self._streams)
        if len(self._streams) >= MOST or own >= EACH:
            raise TooManyError
        async with self._lock:
            if self._task is None:
                await self._begin()
            await self._show_all(stream, after)
            self._streams.add(stream)
        self._greet(stream.conversation)

    async def _begin(self) -> None:
        self._last, rows, self._names = await self._database.read(
            lambda c: (feed.newest(c), inbox.listed(c), accounts.names(c))
        )
        self._rows = {row.id: row for row in rows}
        self._board = Board(rows)
        self._task = asyncio.create_task(self._follow())

    async def _show_all(self, stream: Stream, after: int) -> None:
        ids, conversation = [*self._rows, stream.conversation or ""], stream.conversation
        stream.seen.update(await self._database.read(lambda c: seen.up_to(c, stream.me.id, ids)))
        if conversation is not None:
            found, missed = await self._database.read(
                lambda c: (
                    reading.detail(c, conversation),
                    reading.since(c, conversation, after, _RESUMED + 1),
                )
            )
            if len(missed) > _RESUMED:
                stream.tell("anew", {})
            elif found is not None:
                entries = self._entries(stream, found, missed)
                for each in self._show(stream, found, entries):
                    each.show_board(self._board, self._names, self._fragments)
        stream.show_board(self._board, self._names, self._fragments)

    def leave(self, stream: Stream) -> None:
        """Forget a page; the last one ends the looking."""
        self._streams.discard(stream)
        self._greet(stream.conversation)
        if not self._streams and self._task is not None:
            self._task.cancel()
            self._task = None

    def end_streams(self) -> None:
        """End every stream, so that the server can stop."""
        for stream in tuple(self._streams):
            stream.end()

    async def _follow(self) -> None:
        try:
            while True:
                await asyncio.sleep(EVERY)
                # A log that cannot be read now is asked again; pages wait meanwhile.
                with suppress(StoreError):
                    async with self._lock:
                        await self._step()
        except Exception as problem:
            logger.error("The console stopped following the log: %s.", type(problem).__name__)
            self._task = None
            self.end_streams()

    async def _step(self) -> None:
        watched = {each.conversation for each in self._streams if each.conversation}
        last = self._last
        batch = await self._database.read(lambda c: reading.batch(c, last, watched))
        if not batch.rows:
            return
        self._last = batch.rows[-1].id
        self._names = batch.names or self._names
        news, behind = self._take_over(batch), set[Stream]()
        for conversation, found in batch.details.items():
            made: dict[bool, Mapping[int, str]] = {}
            for stream in self._on(conversation):
                own = shown.owns(found.row, stream.me)
                if own not in made:
                    made[own] = self._entries(stream, found, found.messages)
                behind |= self._show(stream, found, made[own])
        for row in batch.rows:
            self._transient(row)
        for stream in self._streams if batch.touched else behind:
            stream.show_board(self._board, self._names, self._fragments, news)

    def _take_over(self, batch: Batch) -> list[board.News]:
        news: list[board.News] = []
        for conversation in batch.touched:
            before, now = self._rows.pop(conversation, None), batch.listed.get(conversation)
            if now is not None:
                news += board.news(before, now)
                self._rows[conversation] = now
        if batch.touched:
            self._board = Board(self._rows.values())
        return news

    def _entries(
        self, stream: Stream, found: Detail, messages: reading.Messages
    ) -> Mapping[int, str]:
        """Return messages as somebody sees them: as they were written, where it is their work."""
        own = shown.owns(found.row, stream.me)
        return self._fragments.entries(messages, unmasked=own, marks=True)

    def _show(self, stream: Stream, found: Detail, entries: Mapping[int, str]) -> set[Stream]:
        """Show a conversation; return the pages on which it is no longer unread by that."""
        behind = self._mark(stream.me.id, found.row.id, found.row.heard)
        stream.seen[found.row.id] = found.row.heard
        company = self._company(stream)
        stream.show_conversation(found, entries, self._fragments, company)
        return behind

    def saw(self, staff_id: str, conversation: str, seq: int) -> None:
        """Note that somebody has had a conversation on their screen up to a message."""
        for each in self._mark(staff_id, conversation, seq):
            each.show_board(self._board, self._names, self._fragments)

    def _mark(self, staff_id: str, conversation: str, seq: int) -> set[Stream]:
        theirs = (each for each in self._streams if each.me.id == staff_id)
        behind = {each for each in theirs if each.seen.get(conversation, 0) < seq}
        for each in behind:
            each.seen[conversation] = seq
        return behind

    def looking(self, conversation: str) -> frozenset[str]:
        """Return who has a conversation on their screen."""
        return frozenset(each.me.id for each in self._on(conversation))

    def _transient(self, row: FeedRow) -> None:
        if row.kind == "typing" and row.sender == "visitor":
            for stream in self._on(row.conversation_id):
                stream.tell("typing", {})
        if row.kind == "reminder":
            now = self._rows.get(row.conversation_id)
            for stream in self._streams:
                if now is not None and stream.me.id == now.agent:
                    reminder = {"kind": "reminder", "conversation": now.id}
                    stream.tell("inbox", {"news": [reminder]})

    def _on(self, conversation: str | None) -> Iterable[Stream]:
        return [
            each for each in self._streams if conversation and each.conversation == conversation
        ]

    def _company(self, stream: Stream) -> set[str]:
        there = self._on(stream.conversation)
        return {each.me.name for each in there if each.me.id != stream.me.id}

    def _greet(self, conversation: str | None) -> None:
        """Tell everybody who has a conversation open who else has."""
        for stream in self._on(conversation):
            stream.show_company(self._company(stream), self._fragments)
