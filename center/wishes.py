"""Reads when somebody would like to be called; what is unsure asks for nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from center.hours import DAYS

_DAY_PARTS: tuple[tuple[str, int, int], ...] = (
    (r"\bmornings?\b", 0, 12),
    (r"\b(?:noon|lunch(?: ?time)?|mid ?day)\b", 12, 14),
    (r"\bafternoons?\b", 12, 17),
    (r"\b(?:evenings?|nights?|tonight)\b", 17, 24),
)
_CLOCK = r"(?<!\d)(\d{1,2})(?!\d)(?::(\d{2}))? ?(a\.?m?\b\.?|p\.?m?\b\.?|o'?clock)?"
_BETWEEN = re.compile(rf"\b(?:between |from )?{_CLOCK} ?(?:-|–|to|and|until) ?{_CLOCK}")
_ONE = re.compile(rf"\b(after|past|from|before|until|by|at|around|about)? ?{_CLOCK}")
_DAY_NAMES = {name[:3]: number for number, name in enumerate(DAYS)}
_DAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)(?:s|r|rs|nes|urs|ur)?(?:day)?s?\b")
_NEGATION = re.compile(r"\b(?:not|except|but|never|no|don't|do not)\b")
_TURNED = (
    (re.compile(r"\b(?:not before|no earlier than|not earlier than)\b"), "after"),
    (re.compile(r"\b(?:not after|no later than|not later than)\b"), "before"),
    (re.compile(r"(?<=before )noon\b|(?<=after )noon\b|(?<=at )noon\b"), "12 pm"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A time asked for, as far as it could be read."""

    days: frozenset[int] = frozenset()
    """Weekdays, 0 is Monday; empty for any."""
    ahead: int | None = None
    """That many days from today and no other, or None."""
    start: time = time(0)
    end: time | None = None
    exact: bool = False
    """Whether a moment was named, not a span."""

    @property
    def timed(self) -> bool:
        """Whether a time of the day was named."""
        return self.exact or self.end is not None or self.start != time(0)


def read_wish(asked: str) -> Wish:
    """Return what can be read of a time in a person's words; nothing that is unsure."""
    text = " ".join(asked.lower().split())
    for pattern, instead in _TURNED:
        text = pattern.sub(instead, text)
    wanted, _, unwanted = _NEGATION.sub("\n", text, count=1).partition("\n")
    days = _days(wanted)
    if unwanted:
        days = (days or frozenset(range(7))) - _days(unwanted)
    start, end, exact = _clock_span(wanted)
    return Wish(days, _days_ahead(wanted), start, end, exact)


def _days(text: str) -> frozenset[int]:
    found = {_DAY_NAMES[name[:3]] for name in _DAY.findall(text)}
    if re.search(r"\bweek ?days?\b", text):
        found |= {0, 1, 2, 3, 4}
    if re.search(r"\bweek ?ends?\b", text):
        found |= {5, 6}
    return frozenset(found)


def _days_ahead(text: str) -> int | None:
    if re.search(r"\btomorrow\b", text):
        return 1
    return 0 if re.search(r"\b(?:today|tonight|now|asap)\b", text) else None


def _clock_span(text: str) -> tuple[time, time | None, bool]:
    between = _BETWEEN.search(text)
    if between:
        last = _moment(*between.groups()[3:])
        first = _moment(between[1], between[2], between[3] or _same_half(between, last))
        if first and last and first < last:
            return first, last, False
    named = [
        match
        for match in _ONE.finditer(text)
        if match[1] or match[3] or match[4] or match[0].strip() == text
    ]
    if len(named) == 1 and (at := _moment(*named[0].groups()[1:])):
        if named[0][1] in ("after", "past", "from"):
            return at, None, False
        if named[0][1] in ("before", "until", "by"):
            return time(0), at, False
        return at, None, True
    for pattern, begins, ends in _DAY_PARTS:
        if re.search(pattern, text):
            return time(begins), time(ends) if ends < 24 else None, False
    return time(0), None, False


def _same_half(between: re.Match[str], last: time | None) -> str | None:
    """Return "pm" for the first hour of "5-6pm", whose second alone says it."""
    if last is None or not between[6] or last.hour < 12:
        return None
    return "pm" if int(between[1]) % 12 < last.hour % 12 else None


def _moment(hour: str, minute: str | None, half: str | None) -> time | None:
    number, minutes = int(hour), int(minute or 0)
    if not 1 <= number <= 23 or minutes > 59:
        return None
    if half and half[0] in "ap":
        if number > 12 or (number == 12 and half[0] == "a"):
            return None
        return time(number % 12 + (12 if half[0] == "p" else 0), minutes)
    # Nobody asks to be called at night: 1 to 6 are hours of the afternoon.
    return time(number + 12 if 1 <= number <= 6 else number, minutes)
