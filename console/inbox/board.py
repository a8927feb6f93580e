"""Which conversations somebody sees under which tab, in which order, and what is news to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from console.access import Staff
from store.inbox import Waiting

TABS = {"waiting": "Waiting", "mine": "Mine", "all": "All", "snoozed": "Snoozed"}
MOST = 300
"""Conversations that a tab shows; a flood of them must not stop the pages of all staff."""
_TIERS = {"T0": 0, "T1": 1, None: 2, "T2": 3, "T3": 4}


@dataclass(frozen=True)
class Counts:
    """What the tabs, the title and the icon say."""

    tabs: Mapping[str, int]
    unread: int
    """How many of one's own have something that one has not seen."""

    @property
    def urgent(self) -> int:
        """How many want somebody: the number in the title and on the icon."""
        return self.tabs["waiting"] + self.unread


def of_tab(row: Waiting, tab: str, me: Staff) -> bool:
    """Say whether a conversation belongs under a tab, apart from what is pinned."""
    if tab == "waiting":
        return row.owner == "queue"
    if tab == "snoozed":
        return row.wake_at is not None
    if tab == "mine":
        return row.agent == me.id and row.wake_at is None
    return True


class Board:
    """The inbox at one moment, made once for all who look at it."""

    def __init__(self, rows: Iterable[Waiting]) -> None:
        """Put the conversations in order: open crises first, then who has waited longest."""
        self._rows = sorted(rows, key=_place)
        # A crisis that staff or the bot have is not waiting in the queue, and yet wants somebody.
        self._waiting = sum(row.owner == "queue" or row.crisis is not None for row in self._rows)
        self._snoozed = sum(row.wake_at is not None for row in self._rows)
        self._of: dict[str, list[Waiting]] = {}
        for row in self._rows:
            if row.agent:
                self._of.setdefault(row.agent, []).append(row)

    def shown(self, tab: str, me: Staff) -> list[Waiting]:
        """Return the first conversations of a tab in order; open crises are first under each."""
        wanted = (row for row in self._rows if row.crisis or of_tab(row, tab, me))
        return list(islice(wanted, MOST))

    def counts(self, me: Staff, seen: Mapping[str, int]) -> Counts:
        """Count what the tabs hold for somebody.

        Args:
            me: Who looks.
            seen: The last message of each conversation that they have had on their screen.
        """
        mine = [row for row in self._of.get(me.id, ()) if of_tab(row, "mine", me)]
        return Counts(
            tabs={
                "waiting": self._waiting,
                "mine": len(mine),
                "all": len(self._rows),
                "snoozed": self._snoozed,
            },
            unread=sum(row.owner == "human" and is_unread(row, seen) for row in mine),
        )


def _place(row: Waiting) -> tuple[object, ...]:
    if row.crisis:
        return 0, _TIERS.get(row.crisis.tier, 2), row.crisis.at, row.id
    if row.wake_at is not None:
        return 3, 0, row.wake_at, row.id
    if row.waiting_since is not None:
        return (1 if row.owner == "queue" else 2), 0, row.waiting_since, row.id
    return 2, 1, -row.last_at, row.id


def is_unread(row: Waiting, seen: Mapping[str, int]) -> bool:
    """Say whether the person has written something that one has not had on the screen."""
    return row.heard > seen.get(row.id, 0)


@dataclass(frozen=True)
class News:
    """Something that a sound and a notification tell; never holds a person's words."""

    kind: str
    """crisis, waiting, assigned or message."""
    conversation: str
    agent: str | None
    """Whom alone it concerns; None for everybody."""


def news(before: Waiting | None, now: Waiting) -> list[News]:
    """Return what is news of a conversation, seen from how it was."""
    if now.crisis and (before is None or before.crisis is None or _newer(before, now)):
        return [News("crisis", now.id, None)]
    if now.owner == "queue" and (before is None or before.owner != "queue"):
        return [News("waiting", now.id, now.agent)]
    if now.agent and now.owner == "human":
        if before is not None and before.agent != now.agent:
            return [News("assigned", now.id, now.agent)]
        if before is not None and now.heard > before.heard:
            return [News("message", now.id, now.agent)]
    return []


def _newer(before: Waiting, now: Waiting) -> bool:
    return bool(before.crisis and now.crisis and now.crisis.seq > before.crisis.seq)
