"""Opening hours: in words, and whether a moment lies within them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from center import spanish

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _words(moment: time) -> str:
    suffix = "am" if moment.hour < 12 else "pm"
    hour = moment.hour % 12 or 12
    return f"{hour}:{moment.minute:02d} {suffix}" if moment.minute else f"{hour} {suffix}"


@dataclass(frozen=True)
class Hours:
    """When a center's phone is answered, in its own time zone."""

    spans: Mapping[int, tuple[time, time]]
    """Opening and closing time by weekday (0 is Monday); days left out are closed."""
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    closures: tuple[tuple[datetime, datetime], ...] = ()
    """Times at which it is closed all the same, each from a moment until another (aware)."""

    @classmethod
    def read(
        cls, spans: Mapping[str, str], time_zone: str, holidays: list[str] | None = None
    ) -> Hours:
        """Make hours from center.yml's form (`monday: "09:00-17:00"`)."""
        read = {
            DAYS.index(day): (_clock(span[:5]), _clock(span[6:])) for day, span in spans.items()
        }
        closed = frozenset(date.fromisoformat(day) for day in holidays or [])
        return cls(read, ZoneInfo(time_zone), closed)

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """Return when the center opens and closes on a day, or None when it is closed."""
        if day in self.holidays or day.weekday() not in self.spans:
            return None
        start, end = self.spans[day.weekday()]
        # Combined with the zone, so that daylight saving moves them with the wall clock.
        return datetime.combine(day, start, self.zone), datetime.combine(day, end, self.zone)

    def is_open(self, moment: datetime) -> bool:
        """Say whether the center is open at a moment (an aware datetime of any zone)."""
        local = moment.astimezone(self.zone)
        span = self.span(local.date())
        if span is None or self.closed_until(moment) is not None:
            return False
        return span[0] <= local < span[1]

    def closed_until(self, moment: datetime) -> datetime | None:
        """Return until when a closure lasts that is under way at a moment, else None.

        Closures that follow each other without a gap are one.
        """
        end: datetime | None = None
        for start, until in sorted(self.closures):
            if start <= (end or moment) < until:
                end = until
        return end and end.astimezone(self.zone)

    def opened(self, moment: datetime) -> datetime | None:
        """Return since when the center has been open at a moment, or None when it is closed."""
        span = self.span(moment.astimezone(self.zone).date())
        return span[0] if span is not None and self.is_open(moment) else None

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return when the center next opens after a moment, within three weeks, else None."""
        local = moment.astimezone(self.zone)
        # Who is closed while the center would be open opens in the middle of a day.
        closed = self.closed_until(moment) is not None
        for ahead in range(22):
            span = self.span(local.date() + timedelta(days=ahead))
            if span is None or not (span[0] > local or (closed and span[1] > local)):
                continue
            opening = self.closed_until(max(span[0], local)) or span[0]
            if local < opening < span[1]:
                return opening
        return None

    def spoken(self, language: str = "en") -> str:
        """Return the hours in words, days with the same hours together."""
        groups: list[tuple[list[int], tuple[time, time]]] = []
        for day, span in sorted(self.spans.items()):
            if groups and groups[-1][1] == span and groups[-1][0][-1] == day - 1:
                groups[-1][0].append(day)
            else:
                groups.append(([day], span))
        if language == "es":
            return ", ".join(
                f"{spanish.days_of(days[0], days[-1])} de {spanish.clock(a)} a {spanish.clock(b)}"
                for days, (a, b) in groups
            )
        return ", ".join(f"{_days(days)} {_words(a)} to {_words(b)}" for days, (a, b) in groups)


def _days(days: list[int]) -> str:
    first, last = DAYS[days[0]].title(), DAYS[days[-1]].title()
    return first if first == last else f"{first} to {last}"


def spoken_moment(moment: datetime, language: str = "en") -> str:
    """Return a moment such as "Monday at 9 am"."""
    if language == "es":
        return f"el {spanish.DAYS[moment.weekday()]} a {spanish.clock(moment.time())}"
    return f"{DAYS[moment.weekday()].title()} at {_words(moment.time())}"


def spoken_opening(opening: datetime, now: datetime, language: str = "en") -> str:
    """Return when the center opens such as "today at 9 am (PST)".

    The time zone is named as it is on that day, so that it is right on both sides of a change to
    daylight saving time. A day that is a week or more away has its date.

    Args:
        opening: The moment, in the center's own time zone.
        now: The present moment, in any time zone.
        language: "en" or "es".
    """
    days = (opening.date() - now.astimezone(opening.tzinfo).date()).days
    if language == "es":
        day = f"el {spanish.DAYS[opening.weekday()]}"
        name = {0: "hoy", 1: "mañana"}.get(days, day)
        if days >= len(DAYS):
            name = spanish.date_of(opening)
        return f"{name} a {spanish.clock(opening.time())} ({opening.tzname()})"
    name = {0: "today", 1: "tomorrow"}.get(days, f"on {DAYS[opening.weekday()].title()}")
    if days >= len(DAYS):
        name = f"{name}, {opening:%B} {opening.day},"
    return f"{name} at {_words(opening.time())} ({opening.tzname()})"
