"""What days come to, as sums that are kept: figures of months ask no message, and outlive it.

Each sum knows up to eleven of the people that it is made of, by marks that lead to nobody: so a
reader knows whether there were eleven of them, over any days together, and no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from store.rows import put
from store.tables.counts import counted_days, day_counts

ENOUGH = 11
"""People from whom on a sum may be told to others: among fewer, one may be known."""
_MARK = 8
MEASURES = (
    "talks",
    "messages",
    "talks_hour",
    "messages_hour",
    "topic",
    "unanswered",
    "turns",
    "fallback",
    "safe",
    "fallback_talks",
    "with_bot",
    "handoff",
    "resolved",
    "callback",
    "rated",
    "helped",
    "rating_asked",
    "asked",
    "wait",
    "reply",
    "reply_open",
    "crisis",
    "crisis_rule",
    "crisis_shown",
    "crisis_ack",
    "false_alarm",
    "missed",
    "reviewed",
    "wrong",
)
"""What is counted; the analytics page defines each."""
Key = tuple[str, str, str]
"""Measure, channel, name."""


@lru_cache(maxsize=50_000)
def mark_of(person: str) -> str:
    """Return the mark of a person: too short to lead back, and equal for equal persons."""
    return hashlib.sha256(f"counted\0{person}".encode()).hexdigest()[:_MARK]


@dataclass(slots=True)
class Cell:
    """One sum."""

    count: int = 0
    people: set[str] = field(default_factory=set)
    """Marks of the people, ENOUGH at most."""

    def add(self, marks: Iterable[str], count: int = 1) -> None:
        """Count something of somebody."""
        self.count += count
        if len(self.people) < ENOUGH:
            self.people.update(marks)

    @property
    def few(self) -> bool:
        """Whether it is of somebody, but of fewer than ENOUGH people."""
        return self.count > 0 and len(self.people) < ENOUGH


@dataclass(frozen=True, slots=True)
class KeptCell:
    """One sum as it is kept; who is behind it is read where it is asked for, since few ask."""

    count: int
    marks: str

    @property
    def people(self) -> set[str]:
        """Marks of the people, ENOUGH at most."""
        return {self.marks[at : at + _MARK] for at in range(0, len(self.marks), _MARK)}


Cells = Mapping[Key, Cell]


def keep(connection: Connection, day: date, cells: Cells, at: int) -> None:
    """Keep what a day comes to, in the place of what was kept of it before."""
    name = day.isoformat()
    connection.execute(delete(day_counts).where(day_counts.c.day == name))
    rows = [
        {
            "day": name,
            "measure": measure,
            "channel": channel,
            "name": of_what[:128],
            "count": cell.count,
            "people": "".join(sorted(cell.people)[:ENOUGH]),
        }
        for (measure, channel, of_what), cell in cells.items()
        if cell.count
    ]
    if rows:
        connection.execute(day_counts.insert(), rows)
    connection.execute(delete(counted_days).where(counted_days.c.day == name))
    put(connection, counted_days, [{"day": name, "at": at}])


def counted(connection: Connection, first: date, last: date) -> dict[str, int]:
    """Return the days, both included, that are kept, with when each was counted."""
    query = select(counted_days.c.day, counted_days.c.at)
    rows = connection.execute(query.where(_between(counted_days, first, last)))
    return {row.day: row.at for row in rows}


def kept(connection: Connection, first: date, last: date) -> Iterable[tuple[str, Key, KeptCell]]:
    """Return the sums of days, both included, that are kept."""
    c = day_counts.c
    columns = (c.day, c.measure, c.channel, c.name, c.count, c.people)
    rows = connection.execute(select(*columns).where(_between(day_counts, first, last)))
    for day, measure, channel, name, count, people in rows:
        yield day, (measure, channel, name), KeptCell(count, people)


def first_kept(connection: Connection) -> str | None:
    """Return the first day that is kept."""
    found: str | None = connection.execute(select(func.min(counted_days.c.day))).scalar()
    return found


def _between(table: Table, first: date, last: date) -> ColumnElement[bool]:
    return table.c.day.between(first.isoformat(), last.isoformat())
