"""When staff can call: hours, holidays, daylight saving, and the time that was asked for."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from center.calling import plan, plan_again, spoken
from center.hours import DAYS, Hours
from center.wishes import Wish, read_wish

LA = ZoneInfo("America/Los_Angeles")
SPANS = dict.fromkeys(DAYS[:4], "09:00-18:00") | {"friday": "09:00-17:00"}
HOURS = Hours.read(SPANS, "America/Los_Angeles", ["2026-12-25"])
FRIDAY = datetime(2026, 11, 27, 12, 7, tzinfo=LA)
MONDAY, TUESDAY = "Monday, November 30,", "Tuesday, December 1,"
SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=LA)


def said(asked: str, now: datetime) -> tuple[str, str, bool]:
    found = plan(HOURS, asked, now)
    return spoken(found.start, now), spoken(found.due, now), found.fits


@pytest.mark.parametrize(
    ("asked", "start", "due"),
    [
        ("", "today at 12:07 pm PST", "today at 4:15 pm PST"),
        ("any time", "today at 12:07 pm PST", "today at 4:15 pm PST"),
        ("today", "today at 12:07 pm PST", "today at 4:15 pm PST"),
        ("afternoons", "today at 12:07 pm PST", "today at 5 pm PST"),
        ("at 3", "today at 3 pm PST", "today at 4 pm PST"),
        ("3:30 pm", "today at 3:30 pm PST", "today at 4:30 pm PST"),
        ("after 4", "today at 4 pm PST", "today at 5 pm PST"),
        ("between 2 and 3", "today at 2 pm PST", "today at 3 pm PST"),
        ("1-2pm", "today at 1 pm PST", "today at 2 pm PST"),
        ("mornings", "Monday, November 30, at 9 am PST", "Monday, November 30, at 12 pm PST"),
        ("at 10", "Monday, November 30, at 10 am PST", "Monday, November 30, at 11 am PST"),
        ("at 5", "Monday, November 30, at 5 pm PST", "Monday, November 30, at 6 pm PST"),
        # Not beyond the end of the day.
        ("at 5:30 pm", f"{MONDAY} at 5:30 pm PST", f"{MONDAY} at 6 pm PST"),
        ("not before 5", "Monday, November 30, at 5 pm PST", "Monday, November 30, at 6 pm PST"),
        ("Tuesday at 10:30", f"{TUESDAY} at 10:30 am PST", f"{TUESDAY} at 11:30 am PST"),
        ("tuesdays after 5pm", f"{TUESDAY} at 5 pm PST", f"{TUESDAY} at 6 pm PST"),
        ("weekdays 9-11 am", f"{MONDAY} at 9 am PST", f"{MONDAY} at 11 am PST"),
        ("any day but friday", f"{MONDAY} at 9 am PST", f"{MONDAY} at 1 pm PST"),
    ],
)
def test_the_time_asked_for_is_kept_to(asked: str, start: str, due: str) -> None:
    assert said(asked, FRIDAY) == (start, due, True)


@pytest.mark.parametrize("asked", ["at 9 pm", "weekends", "tomorrow", "tonight", "before 7 am"])
def test_a_time_when_nobody_calls_is_said_not_to_fit(asked: str) -> None:
    start, _, fits = said(asked, FRIDAY)
    assert not fits
    assert start == "today at 12:07 pm PST"


@pytest.mark.parametrize(
    "asked", ["", "whenever", "call 818 555 0177", "ask Tom", "99", "at 25", "🙂", "0", "12:75"]
)
def test_what_cannot_be_read_asks_for_nothing(asked: str) -> None:
    assert read_wish(asked) == Wish()


def test_no_call_is_planned_on_a_holiday() -> None:
    eve = datetime(2026, 12, 24, 17, 45, tzinfo=LA)
    start, due, _ = said("", eve)
    assert start == "Monday, December 28, at 9 am PST"
    assert due == "Monday, December 28, at 1 pm PST"


def test_the_last_minutes_of_a_day_are_too_few() -> None:
    assert said("", FRIDAY.replace(hour=16, minute=31))[0] == "Monday, November 30, at 9 am PST"
    assert said("", FRIDAY.replace(hour=16, minute=30))[0] == "today at 4:30 pm PST"


def test_moments_follow_daylight_saving() -> None:
    before = datetime(2026, 10, 30, 17, 0, tzinfo=LA)
    found = plan(HOURS, "", before)
    assert spoken(found.start, before) == "Monday, November 2, at 9 am PST"
    assert found.start.astimezone(timezone.utc).hour == 17
    assert spoken(before, before) == "today at 5 pm PDT"


def test_the_zone_is_the_centers_whoever_asks_from_wherever() -> None:
    tokyo = SATURDAY.astimezone(ZoneInfo("Asia/Tokyo"))
    assert said("", tokyo)[0] == "Monday, November 30, at 9 am PST"


def test_a_zone_without_letters_is_named_by_its_place() -> None:
    moment = datetime(2026, 11, 27, 9, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert spoken(moment, moment) == "today at 9 am (Sao Paulo time)"


def test_without_hours_nothing_is_known() -> None:
    found = plan(None, "at 5", FRIDAY)
    assert not found.known
    assert found.due - found.start == timedelta(hours=24)


def test_a_center_that_is_closed_for_weeks_knows_nothing() -> None:
    shut = Hours(HOURS.spans, LA, frozenset(FRIDAY.date() + timedelta(n) for n in range(40)))
    assert not plan(shut, "", FRIDAY).known


def test_a_call_that_nobody_answered_is_tried_on_another_day() -> None:
    found = plan_again(HOURS, "mornings", FRIDAY)
    assert spoken(found.start, FRIDAY) == "Monday, November 30, at 9 am PST"
    assert plan_again(None, "", FRIDAY).start > FRIDAY


@settings(deadline=None)
@given(
    st.text(max_size=60),
    st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)).map(
        lambda moment: moment.replace(tzinfo=timezone.utc)
    ),
)
def test_whatever_is_asked_calls_are_made_in_opening_hours(asked: str, now: datetime) -> None:
    found = plan(HOURS, asked, now)
    assert found.known
    assert HOURS.is_open(found.start)
    assert now <= found.start < found.due
    span = HOURS.span(found.start.date())
    assert span is not None
    assert found.due <= span[1]


@settings(deadline=None)
@given(
    st.sampled_from(["at", "after", "before"]),
    st.integers(1, 12),
    st.none() | st.integers(0, 59),
    st.sampled_from(["am", "pm"]),
)
def test_clock_times_are_read(word: str, hour: int, minute: int | None, half: str) -> None:
    asked = f"{word} {hour}{'' if minute is None else f':{minute:02d}'} {half}"
    wish = read_wish(asked)
    if (hour, half) == (12, "am"):
        # Nobody calls at midnight.
        assert wish == Wish()
        return
    read = datetime.strptime(f"{hour}:{minute or 0} {half}", "%I:%M %p").time()
    meant = {
        "at": Wish(start=read, exact=True),
        "after": Wish(start=read),
        "before": Wish(end=read),
    }
    assert wish == meant[word]


@settings(deadline=None)
@given(st.sampled_from(["at ", "after ", "before ", ""]), st.integers(0, 99), st.integers(0, 99))
def test_clock_times_without_a_half_of_the_day(word: str, hour: int, minute: int) -> None:
    wish = read_wish(f"{word}{hour}:{minute:02d}")
    if not 1 <= hour <= 23 or minute > 59:
        assert wish == Wish()
        return
    # 1 to 6 are hours of the afternoon.
    read = time(hour + 12 if hour <= 6 else hour, minute)
    assert (wish.end if word == "before " else wish.start) == read


def test_a_moment_in_spanish() -> None:
    now = datetime(2026, 11, 29, 18, 0, tzinfo=timezone.utc)
    zone = ZoneInfo("America/Los_Angeles")
    monday = datetime(2026, 11, 30, 13, 30, tzinfo=zone)
    assert spoken(monday, now, "es") == "mañana a la 1:30 pm PST"
    assert spoken(monday.replace(day=29), now, "es") == "hoy a la 1:30 pm PST"
    later = datetime(2026, 12, 7, 9, 0, tzinfo=zone)
    assert spoken(later, now, "es") == "el lunes 7 de diciembre a las 9 am PST"
