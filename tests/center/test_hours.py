"""Opening hours: in the center's own time zone, through holidays and daylight saving."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from center.hours import Hours, spoken_moment, spoken_opening

WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday"), "09:00-17:30")


@pytest.fixture
def hours() -> Hours:
    return Hours.read({**WEEK, "saturday": "10:00-12:00"}, "America/Los_Angeles", ["2026-11-26"])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-25T17:00", True),  # Wednesday 9:00 Pacific: the first moment
        ("2026-11-25T16:59", False),
        ("2026-11-26T01:29", True),  # still Wednesday 17:29 there
        ("2026-11-26T01:30", False),  # the first moment after
        ("2026-11-26T18:00", False),  # Thursday, a holiday
        ("2026-11-27T18:00", False),  # Friday, not in the list
        ("2026-07-01T16:00", True),  # summer time: 9:00 is an hour earlier by UTC
        ("2026-01-07T16:00", False),
    ],
)
def test_open_by_the_centers_own_clock(hours: Hours, moment: str, is_open: bool) -> None:
    assert hours.is_open(utc(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-25T16:00", "Wednesday at 9 am"),
        ("2026-11-25T18:00", "Saturday at 10 am"),  # over the holiday and Friday
        ("2026-11-29T00:00", "Monday at 9 am"),
    ],
)
def test_next_opening_passes_over_closed_days(hours: Hours, moment: str, opening: str) -> None:
    found = hours.next_opening(utc(moment))
    assert found is not None
    assert spoken_moment(found) == opening


def test_never_open_has_no_next_opening() -> None:
    assert Hours.read({}, "UTC").next_opening(utc("2026-11-25T00:00")) is None


def test_days_with_the_same_hours_are_spoken_together(hours: Hours) -> None:
    assert hours.spoken() == "Monday to Thursday 9 am to 5:30 pm, Saturday 10 am to 12 pm"
    spanish = "lunes a jueves de las 9 am a las 5:30 pm, sábado de las 10 am a las 12 pm"
    assert hours.spoken("es") == spanish
    lunch = Hours.read({"sunday": "13:00-14:00"}, "UTC")
    assert lunch.spoken("es") == "domingo de la 1 pm a las 2 pm"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-25T16:00", "today at 9 am (PST)"),
        ("2026-11-25T02:00", "tomorrow at 9 am (PST)"),
        ("2026-11-26T02:00", "on Saturday at 10 am (PST)"),
        ("2026-07-01T02:00", "tomorrow at 9 am (PDT)"),
    ],
)
def test_an_opening_names_its_day_and_the_zone_of_that_day(
    hours: Hours, now: str, expected: str
) -> None:
    opening = hours.next_opening(utc(now))
    assert opening is not None
    assert spoken_opening(opening, utc(now)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-25T16:00", "hoy a las 9 am (PST)"),
        ("2026-11-25T02:00", "mañana a las 9 am (PST)"),
        ("2026-11-26T02:00", "el sábado a las 10 am (PST)"),
    ],
)
def test_an_opening_in_spanish(hours: Hours, now: str, expected: str) -> None:
    opening = hours.next_opening(utc(now))
    assert opening is not None
    assert spoken_opening(opening, utc(now), "es") == expected


def test_a_far_opening_in_spanish_has_its_date() -> None:
    rare = Hours.read({"friday": "09:00-10:00"}, "America/Los_Angeles", ["2026-12-04"])
    now = utc("2026-12-01T18:00")
    opening = rare.next_opening(now)
    assert opening is not None
    assert spoken_opening(opening, now, "es") == "el viernes 11 de diciembre a las 9 am (PST)"
    assert spoken_moment(opening, "es") == "el viernes a las 9 am"


@pytest.mark.parametrize(
    ("now", "opened"),
    [("2026-11-25T17:00", "09:00"), ("2026-11-26T01:30", None), ("2026-11-26T18:00", None)],
)
def test_since_when_it_is_open(hours: Hours, now: str, opened: str | None) -> None:
    found = hours.opened(utc(now))
    assert (found and f"{found:%H:%M}") == opened


def on_wednesday(start: str, end: str, ends_on: str = "25") -> tuple[str, str]:
    """Return a closure by UTC, eight hours ahead of the center's clock."""
    return f"2026-11-25T{start}", f"2026-11-{ends_on}T{end}"


CLOSED = on_wednesday("18:00", "22:00")
"""10:00 to 14:00 at the center."""


@pytest.mark.parametrize(
    ("closures", "moment", "is_open", "opening"),
    [
        ([CLOSED], "17:59", True, "Saturday at 10 am"),
        ([CLOSED], "18:00", False, "Wednesday at 2 pm"),
        ([CLOSED], "21:59", False, "Wednesday at 2 pm"),
        ([CLOSED], "22:00", True, "Saturday at 10 am"),
        # Closed as the day begins: it opens when that is over.
        ([on_wednesday("16:00", "19:00")], "12:00", False, "Wednesday at 11 am"),
        # Until after the end of the day: not on that day.
        ([on_wednesday("16:00", "05:00", "26")], "18:00", False, "Saturday at 10 am"),
        # One after the other is one.
        ([CLOSED, on_wednesday("22:00", "23:00")], "19:00", False, "Wednesday at 3 pm"),
        # Over before it matters.
        ([on_wednesday("17:00", "18:00")], "19:00", True, "Saturday at 10 am"),
    ],
)
def test_a_closure_closes_and_moves_the_next_opening(
    hours: Hours, closures: list[tuple[str, str]], moment: str, is_open: bool, opening: str
) -> None:
    times = tuple((utc(start), utc(end)) for start, end in closures)
    closed = replace(hours, closures=times)
    at = utc(f"2026-11-25T{moment}")
    assert closed.is_open(at) is is_open
    found = closed.next_opening(at)
    assert found is not None
    assert spoken_moment(found) == opening
