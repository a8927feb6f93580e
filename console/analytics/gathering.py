"""Brings the sums of a period together: kept ones of days that are over, today's counted now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from console.analytics.period import Period
from store import day_counts
from store.counting import Open, count_day, day_of
from store.day_counts import ENOUGH, Cell, KeptCell, Key

_LIVE = 3
"""So many of the last days are counted while a page waits, where the desk has not done it yet."""
FRESH = 10 * 60_000
"""Milliseconds for which what the desk has counted of today is good enough."""
_BY_DAY = frozenset({"talks", "messages"})


@dataclass
class Sums:
    """What the days of a period come to."""

    by_name: dict[str, dict[str, Cell]] = field(default_factory=lambda: defaultdict(dict))
    """By measure and name, channels together."""
    by_channel: dict[str, dict[str, Cell]] = field(default_factory=lambda: defaultdict(dict))
    """By measure and channel, names together."""
    by_day: dict[str, dict[str, Cell]] = field(default_factory=lambda: defaultdict(dict))
    """By measure and day, for those of _BY_DAY."""
    missing: list[date] = field(default_factory=list)
    """Days that have not been counted yet."""

    def all(self, measure: str) -> Cell:
        """Return all of a measure together."""
        total = Cell()
        for cell in self.by_channel.get(measure, {}).values():
            total.add(cell.people, cell.count)
        return total

    def take(self, day: str, key: Key, cell: Cell | KeptCell) -> None:
        """Add a sum of a day."""
        measure, channel, name = key
        _add(self.by_name[measure], name, cell)
        _add(self.by_channel[measure], channel, cell)
        if measure in _BY_DAY:
            _add(self.by_day[measure], day, cell)


def _add(cells: dict[str, Cell], name: str, cell: Cell | KeptCell) -> None:
    whole = cells.setdefault(name, Cell())
    # Most sums have enough people soon: the rest need not be read.
    whole.add(cell.people if len(whole.people) < ENOUGH else (), cell.count)


def _is_known(
    known: Mapping[str, int], day: date, today: date, zone: ZoneInfo, now: int | None
) -> bool:
    """Say whether what the desk has counted of a day will do."""
    at = known.get(day.isoformat())
    if at is None or (day == today and now is None):
        return False
    return at > (now or 0) - FRESH if day == today else at >= day_of(day, zone).end


@dataclass(frozen=True)
class Counted:
    """Two periods that are compared."""

    now: Sums
    before: Sums


def gather(
    connection: Connection,
    period: Period,
    today: date,
    zone: ZoneInfo,
    is_open: Open | None,
    now: int | None = None,
) -> Counted:
    """Return what a period comes to, and what the one before did.

    Args:
        connection: Where to read.
        period: Which.
        today: The center's present day, which is counted as far as it has come.
        zone: The center's time zone.
        is_open: Tells how much of a time the center was open; see store.counting.
        now: The present moment, in milliseconds; without it today is always counted.
    """
    first, last = period.before.first, period.last
    known = day_counts.counted(connection, first, last)
    live = {
        day.isoformat(): count_day(connection, day_of(day, zone), is_open)
        for day in (*period.before.each(), *period.each())
        if (today - day).days <= _LIVE and not _is_known(known, day, today, zone, now)
    }
    counted = Counted(Sums(), Sums())
    begin = period.first.isoformat()
    rows: Iterable[tuple[str, Key, Cell | KeptCell]] = day_counts.kept(connection, first, last)
    fresh = [(day, key, cell) for day, cells in live.items() for key, cell in cells.items()]
    for day, key, cell in (*(row for row in rows if row[0] not in live), *fresh):
        if period.channel in (None, key[1]):
            (counted.now if day >= begin else counted.before).take(day, key, cell)
    oldest = day_counts.first_kept(connection) or ""
    for one, sums in ((period, counted.now), (period.before, counted.before)):
        there = (each for each in one.each() if each.isoformat() not in {*known, *live})
        # Before the first day that was ever counted there was nothing.
        sums.missing = [each for each in there if each.isoformat() > oldest]
    return counted
