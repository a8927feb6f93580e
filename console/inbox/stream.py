"""One open page that is told what happens, and what it has been told already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from console.access import Staff
from console.inbox import board
from console.inbox.board import Board, News
from console.inbox.fragments import Fragments
from console.inbox.reading import Detail
from store.inbox import Waiting

QUEUED = 100
"""Events that may wait for a slow page; then it is cut off, and resumes where it was."""


@dataclass(eq=False)
class Stream:
    """A page of somebody of staff, as the hub knows it."""

    me: Staff
    proof: str
    tab: str | None = None
    """The tab of the inbox that it shows, if it does."""
    conversation: str | None = None
    """The conversation that it shows, if it does."""
    seen: dict[str, int] = field(default_factory=dict)
    """The last message of each conversation that the person has had on their screen."""
    last: int = 0
    """Number of the newest message that was sent to it."""
    _sent: dict[str, tuple[Waiting, bool, str | None]] = field(default_factory=dict)
    _order: list[str] | None = None
    _counts: board.Counts | None = None
    _pieces: dict[str, str] = field(default_factory=dict)
    _events: asyncio.Queue[bytes | None] = field(
        default_factory=lambda: asyncio.Queue(QUEUED), repr=False
    )

    def tell(self, name: str, content: Mapping[str, Any]) -> None:
        """Pass an event on; a page that is too slow is cut off."""
        event = b"event: %s\nid: %d\ndata: %s\n\n" % (
            name.encode(),
            self.last,
            orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS),
        )
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """End the stream."""
        while not self._events.empty():
            self._events.get_nowait()
        self._events.put_nowait(None)

    async def next(self) -> bytes | None:
        """Return the next event, or None when the stream is over."""
        return await self._events.get()

    def show_board(
        self,
        now: Board,
        names: Mapping[str, str],
        fragments: Fragments,
        news: Iterable[News] = (),
    ) -> None:
        """Tell what has changed of the list, of the counts, and what is news."""
        content: dict[str, Any] = {}
        counts = now.counts(self.me, self.seen)
        if counts != self._counts:
            self._counts = counts
            content["counts"], content["urgent"] = counts.tabs, counts.urgent
        mine = [
            {"kind": each.kind, "conversation": each.conversation}
            for each in news
            if each.agent in (None, self.me.id)
        ]
        if mine:
            content["news"] = mine
        if self.tab is not None:
            content |= self._list(now, names, fragments)
        if content:
            self.tell("inbox", content)

    def _list(self, now: Board, names: Mapping[str, str], fragments: Fragments) -> dict[str, Any]:
        listed = now.shown(self.tab or "all", self.me)
        content: dict[str, Any] = {}
        changed = {}
        for row in listed:
            unread = board.is_unread(row, self.seen)
            sent = row, unread, names.get(row.agent or "")
            # Rows that nothing has happened to are the same objects, which is quick to see.
            if self._sent.get(row.id) != sent:
                self._sent[row.id] = sent
                changed[row.id] = fragments.kept_row(row, names, self.me, unread=unread)
        order = [row.id for row in listed]
        if order != self._order:
            self._order = content["order"] = order
            self._sent = {row: self._sent[row] for row in order}
        if changed:
            content["rows"] = changed
        return content

    def show_conversation(
        self,
        found: Detail,
        entries: Mapping[int, str],
        fragments: Fragments,
        company: Iterable[str],
    ) -> None:
        """Tell what has changed of the conversation."""
        regions = fragments.regions(found, self.me, self.proof, company)
        content = {
            "entries": self._new({str(seq): html for seq, html in entries.items()}),
            "regions": self._new(regions),
        }
        self.last = max([self.last, *entries])
        if any(content.values()):
            self.tell("conversation", {key: value for key, value in content.items() if value})

    def show_company(self, company: Iterable[str], fragments: Fragments) -> None:
        """Tell who else has the conversation open."""
        changed = self._new({"company": fragments.company(company)})
        if changed:
            self.tell("conversation", {"regions": changed})

    def _new(self, pieces: Mapping[str, str]) -> dict[str, str]:
        changed = {key: html for key, html in pieces.items() if self._pieces.get(key) != html}
        self._pieces.update(changed)
        return changed
