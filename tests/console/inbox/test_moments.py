from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from center.facts import load_center
from console.inbox.moments import age, local, snoozes

LA = ZoneInfo("America/Los_Angeles")
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=LA).timestamp() * 1000)  # type: ignore[arg-type,misc]


def opening(now: int, hours: dict[str, str] | None, holidays: list[str] | None = None) -> datetime:
    center = load_center()
    values = {**center.values, "hours": hours, "holidays": holidays}
    choices = snoozes(replace(center, values=values), now)
    return datetime.fromtimestamp(choices[-1].until / 1000, LA)


def test_short_snoozes_are_as_long_as_they_say() -> None:
    now = ms(2026, 3, 2, 10, 0)
    assert [each.until - now for each in snoozes(load_center(), now)[:2]] == [900_000, 3_600_000]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (ms(2026, 3, 2, 8, 0), (3, 3, 9)),  # before opening: not today's
        (ms(2026, 3, 2, 18, 0), (3, 3, 9)),
        (ms(2026, 3, 6, 12, 0), (3, 9, 9)),  # over a weekend in which clocks change
        (ms(2026, 12, 24, 12, 0), (12, 28, 9)),  # over a holiday
    ],
)
def test_tomorrow_is_the_next_day_on_which_the_center_opens(
    now: int, until: tuple[int, int, int]
) -> None:
    found = opening(now, WEEK, ["2026-12-25"])
    assert (found.month, found.day, found.hour, found.minute) == (*until, 0)


def test_without_hours_a_day_begins_at_nine() -> None:
    found = opening(ms(2026, 3, 7, 12, 30), None)
    assert (found.day, found.hour, found.minute) == (8, 9, 0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "now"), (9, "now"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_ages(seconds: int, words: str) -> None:
    assert age(seconds * 1000) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (ms(2026, 3, 2, 9, 5), "9:05 am"),
        (ms(2026, 3, 1, 15, 0), "Mar 1, 3:00 pm"),
        (ms(2025, 12, 31, 0, 5), "Dec 31, 2025, 12:05 am"),
    ],
)
def test_moments_are_on_the_centers_clock(at: int, words: str) -> None:
    assert local(at, LA, ms(2026, 3, 2, 12, 0))["words"] == words
