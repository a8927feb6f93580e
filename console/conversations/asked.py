"""What an address of the list asks for: filters, a search, a view, a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from console.access.settings import digits
from safety.risk import CATEGORIES, TIERS
from store.filters import ANY, NONE, OWNERS, RATINGS, Filter
from store.review import Place

ME = "me"
"""The owner that stands for whoever looks."""
CHANNELS = ("web", "sms", "slack")
DAYS = {"1": "Today", "7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days"}
_NAME = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,6}")
_PLACE = re.compile(r"([0-9]{1,16})-([\w-]{1,64})", re.ASCII)
_KEY = re.compile(r"[\w-]{1,32}", re.ASCII)
_LONGEST = 2000
"""Characters of an address that are read."""
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Clock:
    """The center's day."""

    now: int
    """In milliseconds since 1970."""
    zone: ZoneInfo

    def begin(self, day: date) -> int:
        """Return when a day begins, in milliseconds."""
        return int(datetime.combine(day, time(), self.zone).timestamp() * 1000)

    @property
    def today(self) -> date:
        """The present day."""
        return datetime.fromtimestamp(self.now / 1000, self.zone).date()


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError
        return value

    return read


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError
        return value

    return read


def _yes(value: str) -> bool:
    return _one_of("yes", "no")(value) == "yes"


def _number(value: str) -> int:
    return int(_matching(_NUMBER)(value))


def _percent(value: str) -> float:
    number = _number(value)
    if number > 100:
        raise ValueError
    return number / 100


FIELDS: Mapping[str, Callable[[str], Any]] = {
    "channel": _one_of(*CHANNELS),
    "owner": _matching(_KEY),
    "intent": _matching(_NAME),
    "sure_to": _percent,
    "sure_from": _percent,
    "fallback": _yes,
    "safe": _yes,
    "tier": _one_of(ANY, NONE, *TIERS, "unscreened"),
    "category": _one_of(*CATEGORIES),
    "handoff": _yes,
    "callback": _yes,
    "rating": _one_of(ANY, NONE, *RATINGS),
    "reviewed": _yes,
    "flagged": _yes,
    "tag": _number,
    "language": _matching(_NAME),
    "length_from": _number,
    "length_to": _number,
    "model": _matching(_NAME),
    "hidden": _yes,
}
"""Filters by their name in the address, which is that of Filter, with what reads them."""
DATES = ("from", "to", "days")
NAMES = (*DATES, *FIELDS)
"""All names of filters in an address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    wanted: Filter
    values: Values
    """What was understood, as the address holds it."""
    search: str | None = None
    """The key of what is searched for."""
    view: int | None = None
    left_out: tuple[str, ...] = ()
    """Names of what was not understood."""

    def query(self, **more: object) -> str:
        """Return the same as an address has it, with more behind it; holds no words of anybody."""
        values: dict[str, object] = {**self.values, **more}
        if self.view is not None:
            values = {"view": self.view, **more}
        if self.search is not None:
            values["s"] = self.search
        return urlencode(values)

    def anew(self, **more: object) -> str:
        """Return the same so that the list says, too, what was not understood."""
        return self.query(**more, **dict.fromkeys(self.left_out, "?"))


def asked(values: Values, clock: Clock, me: str) -> Asked:
    """Return what an address asks for; what it does not understand is left out.

    Args:
        values: Names and values of the address; others than known ones are passed over.
        clock: The center's.
        me: Who asks.
    """
    given = {name: values[name] for name in NAMES if values.get(name)}
    found: dict[str, Any] = {}
    wrong = []
    for name, value in given.items():
        try:
            found |= _dates(name, value, clock) if name in DATES else {name: FIELDS[name](value)}
        except (ValueError, OverflowError):
            wrong.append(name)
    if found.get("owner") == ME:
        found["owner"] = me
    kept = {name: value for name, value in given.items() if name not in wrong}
    search, view = values.get("s") or None, values.get("view") or ""
    if search is not None and not _KEY.fullmatch(search):
        search = None
        wrong.append("s")
    number = digits(view, 6)
    if view and number is None:
        wrong.append("view")
    return Asked(Filter(**found), kept, search, number, tuple(wrong))


def asked_in(query: str, clock: Clock, me: str) -> Asked:
    """Return what an address asks for, given what stands behind its question mark."""
    found = parse_qs(query[:_LONGEST], errors="replace", max_num_fields=None)
    understood = asked({name: each[0] for name, each in found.items()}, clock, me)
    if len(query) <= _LONGEST:
        return understood
    return replace(understood, left_out=(*understood.left_out, "what is too long"))


def with_view(found: Asked, values: Values, clock: Clock, me: str) -> Asked:
    """Return what a view asks for, seen from now, at the address of the view."""
    seen = asked(values, clock, me)
    return replace(seen, view=found.view, left_out=(*found.left_out, *seen.left_out))


def _dates(name: str, value: str, clock: Clock) -> dict[str, int]:
    if name == "days":
        days = int(_one_of(*DAYS)(value))
        return {"since": clock.begin(clock.today - timedelta(days=days - 1))}
    day = date.fromisoformat(value)
    if not 1970 < day.year < 9000:
        raise ValueError
    if name == "from":
        return {"since": clock.begin(day)}
    return {"until": clock.begin(day + timedelta(days=1))}


def place(value: str | None) -> Place | None:
    """Return where a page of the list begins; None for the beginning, and for what is no place."""
    found = _PLACE.fullmatch(value or "")
    return (int(found[1]), found[2]) if found else None


def number(value: str | None) -> int | None:
    """Return a number of an address; None for what is none."""
    return digits(value, 16)


def is_owner(value: str) -> bool:
    """Say whether an owner is one of the kinds, and no person."""
    return value in (*OWNERS, ME)
