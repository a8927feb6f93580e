"""How much of a time a center was open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from center.hours import Hours

_LONGEST = 60
"""Days that are looked through; nobody waits longer for an answer that is worth counting."""


def open_time(hours: Hours) -> Callable[[int, int], int]:
    """Return what tells the milliseconds between two moments in which a center was open."""

    def between(begin: int, end: int) -> int:
        first = datetime.fromtimestamp(begin / 1000, hours.zone)
        last = datetime.fromtimestamp(end / 1000, hours.zone)
        days = min((last.date() - first.date()).days, _LONGEST)
        return sum(_of_day(hours, first, last, ago) for ago in range(days + 1))

    return between


def _of_day(hours: Hours, first: datetime, last: datetime, ago: int) -> int:
    span = hours.span(first.date() + timedelta(days=ago))
    if span is None:
        return 0
    # As numbers: differences of moments of one zone leave out that the clocks were changed.
    begin = max(span[0].timestamp(), first.timestamp())
    end = min(span[1].timestamp(), last.timestamp())
    return max(0, round((end - begin) * 1000))
