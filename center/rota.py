"""The rota: who is told of alerts when, who is next in line, and who when nobody is on duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from center.hours import DAYS

HOLIDAY = "holiday"
KINDS_OF_DAY = (*DAYS, HOLIDAY)
"""A date of `holidays` is a holiday and no weekday."""
_DAY = 24 * 60


@dataclass(frozen=True)
class Step:
    """Who is told when nobody has answered for a time."""

    after: int
    """Minutes; 0 is at once."""
    places: tuple[str, ...]
    """Names of places in alerts.yml."""


@dataclass(frozen=True)
class Shift:
    """Who is responsible at some hours of some days."""

    days: frozenset[str]
    start: int
    """Minutes since midnight, by the clock on the wall."""
    end: int
    """The same; above 24 hours for one that ends on the next day."""
    steps: tuple[Step, ...]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Shift:
        """Make a shift of center.yml's form."""
        start, end = (_minutes(clock) for clock in values["hours"].split("-"))
        steps = [Step(0, tuple(values["tell"]))]
        steps += [Step(each["after"], tuple(each["tell"])) for each in values.get("next") or ()]
        later = end + _DAY if end <= start else end
        return cls(frozenset(values["days"]), start, later, tuple(steps))


@dataclass(frozen=True)
class Rota:
    """All shifts, in the center's time zone."""

    shifts: tuple[Shift, ...]
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    fallback: tuple[str, ...] = ()
    """Who is told when nobody is on duty."""
    most: int | None = None
    """How often an alert is told again at most, or None."""

    @classmethod
    def read(
        cls, values: Mapping[str, Any], time_zone: str, holidays: Sequence[str] | None = None
    ) -> Rota:
        """Make a rota of center.yml's form, which center.facts.check has checked."""
        return cls(
            shifts=tuple(Shift.read(each) for each in values.get("shifts") or ()),
            zone=ZoneInfo(time_zone),
            holidays=frozenset(date.fromisoformat(day) for day in holidays or ()),
            fallback=tuple(values.get("fallback") or ()),
            most=values.get("most"),
        )

    @property
    def places(self) -> frozenset[str]:
        """Every place that is named."""
        steps = [step for shift in self.shifts for step in shift.steps]
        return frozenset(self.fallback).union(*(step.places for step in steps))

    def kind(self, day: date) -> str:
        """Return what kind of day a date is: a weekday, or a holiday."""
        return HOLIDAY if day in self.holidays else DAYS[day.weekday()]


def on_duty(rota: Rota, moment: datetime) -> tuple[Step, ...]:
    """Return who is on duty at a moment, and who is next in line; nobody is an empty tuple.

    Where shifts overlap all are told, each at the earliest that one of them says.

    Args:
        rota: The rota.
        moment: An aware datetime of any zone.
    """
    earliest: dict[str, int] = {}
    today = moment.astimezone(rota.zone).date()
    for day in (today - timedelta(days=1), today):
        for shift in rota.shifts:
            if rota.kind(day) not in shift.days:
                continue
            if _instant(rota, day, shift.start) <= moment < _instant(rota, day, shift.end):
                for step in shift.steps:
                    for place in step.places:
                        earliest[place] = min(step.after, earliest.get(place, step.after))
    return _steps(earliest)


def told(rota: Rota, moment: datetime) -> tuple[Step, ...]:
    """Return who is told of an alert at a moment: who is on duty, else the fallback."""
    nobody = (Step(0, rota.fallback),) if rota.fallback else ()
    return on_duty(rota, moment) or nobody


def first_gap(rota: Rota) -> str | None:
    """Return when nobody is on duty first, in words, or None when somebody always is.

    Looks at every weekday and at the holidays that are named, with the days around them.
    """
    week = [(DAYS[number - 1], day, day.title()) for number, day in enumerate(DAYS)]
    for before, day, name in [*week, *_around_holidays(rota)]:
        free = _first_free(rota, before, day)
        if free is not None:
            return f"{name} from {free // 60:02d}:{free % 60:02d}"
    return None


def _around_holidays(rota: Rota) -> list[tuple[str, str, str]]:
    days = [day + timedelta(days=add) for day in sorted(rota.holidays) for add in (0, 1)]
    return [(rota.kind(day - timedelta(days=1)), rota.kind(day), day.isoformat()) for day in days]


def _first_free(rota: Rota, before: str, day: str) -> int | None:
    """Return the first minute of a day, after a day of the other kind, with nobody on duty."""
    spans = [(shift.start, shift.end) for shift in rota.shifts if day in shift.days]
    spans += [(0, shift.end - _DAY) for shift in rota.shifts if before in shift.days]
    covered = 0
    for start, end in sorted(spans):
        if start > covered:
            break
        covered = max(covered, end)
    return covered if covered < _DAY else None


def _steps(earliest: Mapping[str, int]) -> tuple[Step, ...]:
    times = sorted(set(earliest.values()))
    return tuple(
        Step(after, tuple(sorted(place for place, when in earliest.items() if when == after)))
        for after in times
    )


def _instant(rota: Rota, day: date, minutes: int) -> datetime:
    """Return the moment at which the clock on the wall shows a time.

    An hour that the clock skips or shows twice counts by the first reading. Shifts that meet on the
    wall so meet in time: both ends are this function of the same clock.
    """
    later, rest = divmod(minutes, _DAY)
    clock = time(rest // 60, rest % 60)
    return datetime.combine(day + timedelta(days=later), clock, rota.zone).astimezone(timezone.utc)


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
