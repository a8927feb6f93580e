"""When staff can call: opening hours, holidays, the center's time zone, and the time asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from center import spanish
from center.hours import DAYS, Hours
from center.wishes import Wish, read_wish

_AHEAD = 22
"""Days that are looked at."""
_QUARTER = 15
_LEAST = timedelta(minutes=30)
"""What must be left of a day for a call to be planned in it."""
_UNTIMED = timedelta(hours=4)
"""Within which an open center should have called when no time was asked for."""
_WITHOUT_HOURS = timedelta(hours=24)
_AT, _LATE = timedelta(hours=1), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Plan:
    """When a call is to be made."""

    start: datetime
    due: datetime
    known: bool = True
    """Whether the opening hours are known, so that a time may be said."""
    fits: bool = True
    """Whether it lies in the time asked for."""


def plan(hours: Hours | None, asked: str, now: datetime) -> Plan:
    """Return when a call is to be made.

    Args:
        hours: The center's opening hours, or None when they are not set.
        asked: The best time, in the person's words.
        now: The present (an aware datetime).
    """
    wish = read_wish(asked)
    for fits, wanted in ((True, wish), (False, Wish())):
        found = hours and _first(hours, wanted, now)
        if found:
            return Plan(*found, fits=fits)
    return Plan(now, now + _WITHOUT_HOURS, known=False)


def plan_again(hours: Hours | None, asked: str, now: datetime) -> Plan:
    """Return when a call is to be tried again that nobody answered: on another day."""
    zone = hours.zone if hours else now.tzinfo
    local = now.astimezone(zone)
    return plan(hours, asked, local.replace(hour=23, minute=59, second=59, microsecond=0))


def _first(hours: Hours, wish: Wish, now: datetime) -> tuple[datetime, datetime] | None:
    local = now.astimezone(hours.zone)
    for ahead in range(_AHEAD):
        day = local.date() + timedelta(days=ahead)
        span = hours.span(day)
        if span is None or (wish.days and day.weekday() not in wish.days):
            continue
        if wish.ahead is not None and ahead != wish.ahead:
            continue
        if wish.exact and local > datetime.combine(day, wish.start, hours.zone) + _LATE:
            continue
        start = max(span[0], datetime.combine(day, wish.start, hours.zone), local)
        end = min(span[1], datetime.combine(day, wish.end, hours.zone)) if wish.end else span[1]
        # Subtracted in UTC, since a day may be an hour longer or shorter than the clock says.
        if end.timestamp() - start.timestamp() >= _LEAST.total_seconds():
            return start, _due(wish, start, end)
    return None


def _due(wish: Wish, start: datetime, end: datetime) -> datetime:
    if wish.exact:
        return min(end, _rounded(start + _AT))
    return end if wish.timed else min(end, _rounded(start + _UNTIMED))


def _rounded(moment: datetime) -> datetime:
    """Return the next quarter of an hour."""
    behind = timedelta(minutes=moment.minute % _QUARTER, seconds=moment.second)
    bare = moment.replace(microsecond=0)
    return bare if not behind else bare + timedelta(minutes=_QUARTER) - behind


def spoken(moment: datetime, now: datetime, language: str = "en") -> str:
    """Return a moment as it is said, with its time zone: "Monday, December 7, at 9 am PST".

    Args:
        moment: In the center's zone.
        now: The present, in any zone.
        language: "en" or "es" ("el lunes 7 de diciembre a las 9 am PST").
    """
    today = now.astimezone(moment.tzinfo).date()
    if language == "es":
        day = {0: "hoy", 1: "mañana"}.get((moment.date() - today).days, spanish.date_of(moment))
        return f"{day} a {spanish.clock(moment.time())} {_zone(moment)}"
    hour = f"{moment.hour % 12 or 12}"
    clock = f"{hour}:{moment.minute:02d}" if moment.minute else hour
    at = f"{clock} {'am' if moment.hour < 12 else 'pm'} {_zone(moment)}"
    ahead = (moment.date() - today).days
    if ahead in (0, 1):
        return f"{('today', 'tomorrow')[ahead]} at {at}"
    return f"{DAYS[moment.weekday()].title()}, {moment:%B} {moment.day}, at {at}"


def _zone(moment: datetime) -> str:
    name = moment.tzname() or ""
    if name.isalpha():
        return name
    place = str(moment.tzinfo).rpartition("/")[2].replace("_", " ")
    return f"({place} time)"
