"""Pieces of pages, each with a mark of what it shows: who has it already is not sent it again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from center.facts import Center
from console.access import Staff
from console.inbox import shown
from console.inbox.moments import local, snoozes
from console.inbox.reading import Detail
from console.inbox.suggestions import Suggestions
from console.rendering import render
from store.inbox import Waiting

_KEPT_ROWS = 2000
_EMPTY = 'data-hash=""'


def mark_of(html: str) -> str:
    """Return a short mark that changes with the piece; nothing depends on its strength."""
    return f"{zlib.crc32(html.encode('utf-8', 'replace')):x}"


def marked(html: str) -> str:
    """Return a piece with its own mark on its outermost element."""
    return html.replace(_EMPTY, f'data-hash="{mark_of(html)}"', 1)


class Fragments:
    """Makes the pieces."""

    def __init__(self, center: Center, suggestions: Suggestions, clock: Callable[[], int]) -> None:
        """Tell moments on the center's clock, from `clock` (milliseconds since 1970)."""
        self.center, self.suggestions, self.clock = center, suggestions, clock
        self.zone = ZoneInfo(center.time_zone)
        self._rows: dict[tuple[object, ...], str] = {}

    def row(self, row: Waiting, names: Mapping[str, str], me: Staff, *, unread: bool) -> str:
        """Return a row of the inbox. Ages do not count in its mark."""
        now = self.clock()
        line = shown.line(row, names, me, unread=unread)
        mark = mark_of(repr(line))
        ages = {
            "crisis": shown.timed(row.crisis.at, self.zone, now) if row.crisis else None,
            "waiting": shown.timed(row.waiting_since, self.zone, now)
            if row.waiting_since
            else None,
            "wake": shown.timed(row.wake_at, self.zone, now) if row.wake_at else None,
        }
        return render("inbox/row.html", row=line, ages=ages, hash=mark)

    def kept_row(self, row: Waiting, names: Mapping[str, str], me: Staff, *, unread: bool) -> str:
        """Return a row as it was made for another page; where scripts run, they keep ages right."""
        key = row, unread, row.agent == me.id, names.get(row.agent or "")
        if key not in self._rows:
            if len(self._rows) >= _KEPT_ROWS:
                self._rows.clear()
            self._rows[key] = self.row(row, names, me, unread=unread)
        return self._rows[key]

    def entries(
        self, messages: Iterable[dict[str, Any]], *, unmasked: bool = False, marks: bool = False
    ) -> dict[int, str]:
        """Return messages of a transcript by their numbers, in order; masked unless said so.

        Args:
            messages: Which.
            unmasked: Whether as they were written.
            marks: Whether reviewers can flag and tag them: that needs the page's form.
        """
        now = self.clock()
        return {
            row["seq"]: marked(
                render(
                    "inbox/entry.html",
                    entry=shown.message(row, self.zone, now, unmasked=unmasked),
                    marks=marks,
                )
            )
            for row in messages
        }

    def regions(
        self, found: Detail, me: Staff, proof: str, company: Iterable[str]
    ) -> dict[str, str]:
        """Return what stands beside a transcript: state, notes, suggested texts, who else looks."""
        now = self.clock()
        values = {
            "id": found.row.id,
            "me": me,
            "proof": proof,
            "state": shown.state(found, me, self.zone, now),
            "snoozes": snoozes(self.center, now),
            "teams": shown.TEAMS,
            "review": shown.review(found, self.zone, now),
            "notes": [
                shown.note(row, found.names, self.zone, now, unmasked=shown.owns(found.row, me))
                for row in found.notes
            ],
            "suggestions": self.suggestions.to(found.messages) if me.may("reply") else [],
        }
        names = ("state", "review", "notes", "suggested")
        pieces = {name: marked(render(f"inbox/{name}.html", **values)) for name in names}
        return {**pieces, "company": self.company(company)}

    def company(self, names: Iterable[str]) -> str:
        """Return the line on who else has a conversation open."""
        return marked(render("inbox/company.html", company=sorted(names)))

    def moment(self, milliseconds: int) -> dict[str, str]:
        """Return a moment on the center's clock."""
        return local(milliseconds, self.zone, self.clock())
