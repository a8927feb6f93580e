"""Amounts in a message: durations, sums of money and times of the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator

Found = tuple[str, str, int, int]
"""Label, canonical value, start and end (characters)."""

_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
} | {"couple": "2", "sixteen": "16", "eighteen": "18", "thirty": "30", "ninety": "90"}
_NUMBER = rf"\d{{1,3}}|{'|'.join(_NUMBER_WORDS)}"
_DURATION = re.compile(
    rf"\b({_NUMBER})(?:\s*(?:-|–|to|or)\s*({_NUMBER}))?(?:\s+of)?[\s-]*"
    r"(day|week|wk|month|mo|mth)s?\b(?!\s+(?:old|a|per|each|clean|sober|ago)\b|/)",
    re.IGNORECASE,
)
_UNITS = {"wk": "week", "mo": "month", "mth": "month"}
_SUM = r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.\d\d)?"
_MONEY = re.compile(
    rf"\$\s?{_SUM}(?:\s?(k|grand)\b)?|\b{_SUM}(?:\s?(k|grand)\b)?\s?(?:dollars?|bucks|usd)\b"
    r"|\b(\d{1,3})\s?(k|grand)\b",
    re.IGNORECASE,
)
_THOUSAND = 1000
_CLOCK = re.compile(r"\b(1[0-2]|0?[1-9])(?::[0-5]\d)?\s?([ap])\.?m\b\.?", re.IGNORECASE)
_NOON, _EVENING_FROM = 12, 5
"""Hours of the twelve-hour clock: half past twelve pm is the afternoon, five pm the evening."""


def find_amounts(text: str) -> Iterator[Found]:
    """Yield durations (`duration`: "12 weeks"), sums (`money`: "$500") and `time_of_day`."""
    for match in _DURATION.finditer(text):
        first, last, unit = match.groups()
        unit = unit.lower()
        unit = _UNITS.get(unit, unit)
        number = " to ".join(_number(each) for each in (first, last) if each)
        plural = "" if number == "1" else "s"
        yield "duration", f"{number} {unit}{plural}", match.start(), match.end()
    for match in _MONEY.finditer(text):
        given = [part for part in match.groups() if part]
        amount = int(given[0].replace(",", "")) * (_THOUSAND if len(given) > 1 else 1)
        yield "money", f"${amount:,}", match.start(), match.end()
    for match in _CLOCK.finditer(text):
        yield "time_of_day", _part_of_day(int(match[1]), match[2].lower()), *match.span()


def _number(word: str) -> str:
    return _NUMBER_WORDS.get(word.lower(), word.lstrip("0") or "0")


def _part_of_day(hour: int, half: str) -> str:
    if half == "a":
        return "evening" if hour == _NOON else "morning"
    return "afternoon" if hour == _NOON or hour < _EVENING_FROM else "evening"
