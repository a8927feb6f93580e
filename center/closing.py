"""What is said of a time at which the center is closed although it would be open by its hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from center.facts import Center
from center.hours import spoken_opening

OF_HOURS = frozenset({"hours", "hours_es", "next_opening", "next_opening_es", "opening"})
"""Names between braces beside which a closure is said."""
AHEAD = timedelta(days=7)
"""How long before it begins a closure is said."""


def notices(center: Center, now: datetime, language: str = "en") -> list[dict[str, str]]:
    """Return the variables of the text `closure_notice`, once for each closure to be told of.

    Args:
        center: With its closures.
        now: The moment (aware).
        language: "en" or "es".
    """
    found = []
    for start, end in sorted(center.closures):
        if end <= now or start > now + AHEAD:
            continue
        until = _spoken(center, end, now, language)
        if start <= now:
            found.append({"open_again": until})
        else:
            begins = _spoken(center, start, now, language)
            found.append({"closed_from": begins, "closed_until": until})
    return found


def _spoken(center: Center, moment: datetime, now: datetime, language: str) -> str:
    return spoken_opening(moment.astimezone(center.zone), now, language)
