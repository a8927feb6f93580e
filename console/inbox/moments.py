"""Moments as staff read them: on the center's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from center.facts import Center
from center.hours import spoken_moment
from console import alert_view

_NOW = 10_000
_MORNING = 9
"""When a day begins for a center that has told no hours."""
SNOOZES = ("15m", "1h", "opening")


def age(milliseconds: int) -> str:
    """Return how long something has lasted, in its largest unit."""
    return "now" if milliseconds < _NOW else alert_view.age(milliseconds)


def local(milliseconds: int, zone: ZoneInfo, now: int) -> dict[str, str]:
    """Return a moment for a <time> element: machine form, and words on the center's clock.

    Args:
        milliseconds: The moment, since 1970.
        zone: The center's.
        now: The present moment; of another day the date is said too.
    """
    at, today = (datetime.fromtimestamp(each / 1000, zone) for each in (milliseconds, now))
    clock = f"{at:%I:%M %p}".lstrip("0").replace("AM", "am").replace("PM", "pm")
    day = "" if at.date() == today.date() else f"{at:%b} {at.day}, "
    year = "" if at.year == today.year else f"{at.year}, "
    return {"iso": at.isoformat(timespec="seconds"), "words": f"{day}{year}{clock}"}


@dataclass(frozen=True)
class Snooze:
    """A choice of until when."""

    value: str
    title: str
    until: int
    """The moment, in milliseconds since 1970."""


def snoozes(center: Center, now: int) -> list[Snooze]:
    """Return until when a conversation can be put off, seen from a moment."""
    zone = ZoneInfo(center.time_zone)
    opening = _tomorrow(center, datetime.fromtimestamp(now / 1000, zone))
    return [
        Snooze("15m", "For 15 minutes", now + 15 * 60_000),
        Snooze("1h", "For 1 hour", now + 3_600_000),
        Snooze("opening", f"Until {spoken_moment(opening)}", int(opening.timestamp() * 1000)),
    ]


def _tomorrow(center: Center, local_now: datetime) -> datetime:
    """Return when the center opens on the next day on which it does."""
    night = local_now.replace(hour=23, minute=59, second=59, microsecond=0)
    opening = center.hours.next_opening(night) if center.hours else None
    if opening is not None:
        return opening
    morning = (local_now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    return morning.replace(hour=_MORNING)
