"""The rota: who is told when, over a whole year, through holidays and both changes of the clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from center.checklist import checklist_of, draft_checklist
from center.errors import CenterError
from center.facts import CENTER_FILE, Center, check
from center.hours import DAYS
from center.rota import KINDS_OF_DAY, Rota, Step, first_gap, on_duty, told

WORKDAYS = list(DAYS[:5])
LA = "America/Los_Angeles"
# Zones whose clocks change at night, at midnight, by half an hour, in the south, and never.
ZONES = [LA, "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "UTC"]
YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
HALF_HOURS = 366 * 48
FIELD = {
    "shifts": [
        {
            "days": WORKDAYS,
            "hours": "09:00-17:00",
            "tell": ["front-desk"],
            "next": [{"after": 10, "tell": ["on-call"]}, {"after": 25, "tell": ["director"]}],
        },
        {"days": [*WORKDAYS, "saturday"], "hours": "17:00-23:00", "tell": ["on-call"]},
        {"days": ["holiday"], "hours": "22:00-06:00", "tell": ["director"]},
    ],
    "fallback": ["answering-service"],
}


def rota(values: Any = FIELD, zone: str = LA, holidays: Any = ("2026-12-25",)) -> Rota:
    return Rota.read(values, zone, list(holidays))


def at(text: str, zone: str = LA, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("moment", "steps"),
    [
        (
            "2026-11-25 09:00",
            [(0, "front-desk"), (10, "on-call"), (25, "director")],
        ),
        ("2026-11-25 08:59", []),
        ("2026-11-25 16:59", [(0, "front-desk"), (10, "on-call"), (25, "director")]),
        ("2026-11-25 17:00", [(0, "on-call")]),
        ("2026-11-25 23:00", []),
        ("2026-11-28 12:00", []),  # Saturday
        ("2026-11-28 18:00", [(0, "on-call")]),
        ("2026-12-25 10:00", []),  # a holiday is no Friday
        ("2026-12-25 21:59", []),
        ("2026-12-25 22:00", [(0, "director")]),
        ("2026-12-26 05:59", [(0, "director")]),  # over midnight, into an ordinary day
        ("2026-12-26 06:00", []),
    ],
)
def test_who_is_on_duty_and_who_is_next(moment: str, steps: list[tuple[int, str]]) -> None:
    found = on_duty(rota(), at(moment))
    assert found == tuple(Step(after, (place,)) for after, place in steps)


def test_when_nobody_is_on_duty_the_fallback_is_told() -> None:
    moment = at("2026-11-28 12:00")
    assert told(rota(), moment) == (Step(0, ("answering-service",)),)
    assert on_duty(rota(), moment) == ()
    working = at("2026-11-25 12:00")
    assert told(rota(), working) == on_duty(rota(), working)


def test_where_shifts_overlap_all_are_told_each_at_the_earliest() -> None:
    shifts = [
        {
            "days": ["monday"],
            "hours": "09:00-17:00",
            "tell": ["a"],
            "next": [{"after": 9, "tell": ["b"]}],
        },
        {
            "days": ["monday"],
            "hours": "12:00-20:00",
            "tell": ["b"],
            "next": [{"after": 5, "tell": ["a", "c"]}],
        },
    ]
    found = on_duty(rota({"shifts": shifts}), at("2026-11-23 13:00"))
    assert found == (Step(0, ("a", "b")), Step(5, ("c",)))


def test_the_moment_may_be_of_any_zone() -> None:
    moment = at("2026-11-25 09:30")
    elsewhere = [moment.astimezone(ZoneInfo(zone)) for zone in ZONES]
    assert {on_duty(rota(), each) for each in elsewhere} == {on_duty(rota(), moment)}


@pytest.mark.parametrize(
    ("moment", "fold", "place"),
    [
        ("2026-03-08 01:59", 0, "night"),
        ("2026-03-08 03:00", 0, "night"),  # 2:30 does not come: the shift begins half an hour later
        ("2026-03-08 03:30", 0, "day"),
        ("2026-11-01 01:15", 0, "night"),
        ("2026-11-01 02:30", 0, "day"),
    ],
)
def test_a_shift_that_changes_in_the_hour_that_is_skipped(
    moment: str, fold: int, place: str
) -> None:
    shifts = [
        {"days": list(DAYS), "hours": "02:30-18:00", "tell": ["day"]},
        {"days": list(DAYS), "hours": "18:00-02:30", "tell": ["night"]},
    ]
    assert on_duty(rota({"shifts": shifts}), at(moment, fold=fold)) == (Step(0, (place,)),)


def test_an_hour_that_comes_twice_belongs_to_one_shift_each_time() -> None:
    shifts = [
        {"days": list(DAYS), "hours": "00:00-01:30", "tell": ["first"]},
        {"days": list(DAYS), "hours": "01:30-24:00", "tell": ["second"]},
    ]
    twice = [at("2026-11-01 01:15", fold=fold) for fold in (0, 1)]
    told_then = [on_duty(rota({"shifts": shifts}), each)[0].places for each in twice]
    assert told_then == [("first",), ("second",)]


@st.composite
def whole_days(draw: Any) -> dict[str, Any]:
    """A rota in which somebody always is on duty: each day is cut into shifts that meet."""
    cuts = sorted(draw(st.sets(st.integers(1, 95), min_size=1, max_size=5)))
    clocks = [f"{cut // 4:02d}:{cut % 4 * 15:02d}" for cut in cuts]
    spans = [*pairwise(clocks), (clocks[-1], clocks[0])]
    shifts = [
        {"days": list(KINDS_OF_DAY), "hours": f"{start}-{end}", "tell": [f"p{number}"]}
        for number, (start, end) in enumerate(spans)
        if start != end
    ]
    if len(clocks) == 1:
        shifts = [{"days": list(KINDS_OF_DAY), "hours": "00:00-24:00", "tell": ["p"]}]
    return {"shifts": shifts}


@pytest.mark.parametrize("zone", ZONES)
def test_shifts_that_meet_leave_nobody_out_in_a_whole_year(zone: str) -> None:
    values = {
        "shifts": [
            {"days": list(KINDS_OF_DAY), "hours": "02:15-12:00", "tell": ["a"]},
            {"days": list(KINDS_OF_DAY), "hours": "12:00-23:45", "tell": ["b"]},
            {"days": list(KINDS_OF_DAY), "hours": "23:45-02:15", "tell": ["c"]},
        ]
    }
    ours = rota(values, zone)
    assert first_gap(ours) is None
    empty = [
        moment
        for number in range(HALF_HOURS)
        if not on_duty(ours, moment := YEAR + timedelta(minutes=30 * number))
    ]
    assert empty == []


@given(whole_days(), st.sampled_from(ZONES), st.integers(0, 366 * 1440 - 1))
@settings(max_examples=400, deadline=None)
def test_whatever_the_shifts_that_meet_somebody_is_on_duty(
    values: dict[str, Any], zone: str, minute: int
) -> None:
    ours = rota(values, zone, ["2026-03-08", "2026-11-01", "2026-07-04"])
    assert first_gap(ours) is None
    assert on_duty(ours, YEAR + timedelta(minutes=minute))


@st.composite
def any_rota(draw: Any) -> dict[str, Any]:
    def shift() -> dict[str, Any]:
        start = draw(st.integers(0, 47))
        end = draw(st.integers(0, 48).filter(lambda each: each != start))
        clocks = [f"{half // 2:02d}:{half % 2 * 30:02d}" for half in (start, end)]
        days = draw(st.sets(st.sampled_from(KINDS_OF_DAY), min_size=1))
        tell = draw(st.sets(st.sampled_from("abcd"), min_size=1))
        return {"days": sorted(days), "hours": "-".join(clocks), "tell": sorted(tell)}

    return {"shifts": [shift() for _ in range(draw(st.integers(0, 5)))]}


def by_the_wall(ours: Rota, moment: datetime) -> set[str]:
    """Who is on duty by the clock on the wall alone, as a person would read the rota."""
    local = moment.astimezone(ours.zone)
    minute, yesterday = local.hour * 60 + local.minute, local.date() - timedelta(days=1)
    found: set[str] = set()
    for shift in ours.shifts:
        today = ours.kind(local.date()) in shift.days and shift.start <= minute < shift.end
        late = ours.kind(yesterday) in shift.days and minute < shift.end - 1440
        found |= set(shift.steps[0].places) if today or late else set()
    return found


def clock_changes_near(moment: datetime, zone: ZoneInfo) -> bool:
    days = [moment.astimezone(zone) + timedelta(days=add) for add in (-2, 2)]
    return days[0].utcoffset() != days[1].utcoffset()


@given(any_rota(), st.sampled_from(ZONES), st.integers(0, 366 * 1440 - 1))
@settings(max_examples=500, deadline=None)
def test_away_from_a_change_of_the_clock_it_is_as_the_wall_says(
    values: dict[str, Any], zone: str, minute: int
) -> None:
    ours = rota(values, zone, ["2026-05-25", "2026-05-26"])
    moment = YEAR + timedelta(minutes=minute)
    if clock_changes_near(moment, ours.zone):
        return
    found = {place for step in on_duty(ours, moment) for place in step.places}
    assert found == by_the_wall(ours, moment)


@given(any_rota(), st.sets(st.dates(date(2026, 1, 2), date(2026, 12, 30)), max_size=3))
@settings(max_examples=60, deadline=None)
def test_a_gap_is_found_exactly_when_there_is_one(
    values: dict[str, Any], holidays: set[date]
) -> None:
    ours = rota(values, "UTC", [day.isoformat() for day in holidays])
    moments = (YEAR + timedelta(minutes=30 * number) for number in range(365 * 48))
    assert (first_gap(ours) is not None) == any(not on_duty(ours, moment) for moment in moments)


@given(any_rota(), st.integers(0, 366 * 1440 - 1))
@settings(max_examples=200, deadline=None)
def test_with_a_fallback_somebody_is_always_told(values: dict[str, Any], minute: int) -> None:
    ours = rota({**values, "fallback": ["z"]})
    steps = told(ours, YEAR + timedelta(minutes=minute))
    assert steps
    assert steps[0].after == 0
    places = [place for step in steps for place in step.places]
    assert len(places) == len(set(places))


@pytest.fixture
def values() -> dict[str, Any]:
    return yaml.safe_load(CENTER_FILE.read_text("utf-8"))


ALWAYS = {"days": list(KINDS_OF_DAY), "hours": "00:00-24:00", "tell": ["a"]}


@pytest.mark.parametrize(
    ("given_rota", "said"),
    [
        ({}, "nobody is on duty on Monday from 00:00"),
        ({"shifts": [{**ALWAYS, "days": WORKDAYS}]}, "nobody is on duty on Saturday from 00:00"),
        ({"shifts": [{**ALWAYS, "hours": "08:00-20:00"}]}, "Monday from 00:00"),
        (
            {"shifts": [{**ALWAYS, "days": list(DAYS)}]},
            "nobody is on duty on 2026-12-25 from 00:00",
        ),
        ({"shifts": [{**ALWAYS, "hours": "09:00-09:00"}]}, "rota.shifts.0.hours"),
        ({"shifts": [{**ALWAYS, "hours": "9-5"}]}, "rota.shifts.0.hours"),
        ({"shifts": [{**ALWAYS, "days": ["weekend"]}]}, "rota.shifts.0.days.0"),
        ({"shifts": [{**ALWAYS, "tell": []}]}, "rota.shifts.0.tell"),
        ({"shifts": [{**ALWAYS, "tell": ["On Call"]}]}, "rota.shifts.0.tell.0"),
        (
            {"shifts": [{"days": ["monday"], "hours": "00:00-24:00"}]},
            "rota.shifts.0.tell` is missing",
        ),
        ({"shifts": [{**ALWAYS, "next": [{"tell": ["b"]}]}]}, "next.0.after` is missing"),
        ({"shifts": [{**ALWAYS, "next": [{"after": 0, "tell": ["b"]}]}]}, "minutes, 1 to 1440"),
        ({"shifts": [ALWAYS], "fallbak": ["a"]}, "did you mean `fallback`"),
        ({"shifts": [ALWAYS], "most": 0}, "rota.most"),
    ],
)
def test_a_wrong_rota_names_file_key_and_remedy(
    values: dict[str, Any], given_rota: dict[str, Any], said: str
) -> None:
    with pytest.raises(CenterError, match=r"center\.yml") as stopped:
        check({**values, "rota": given_rota, "holidays": ["2026-12-25"]}, "center.yml")
    assert said in str(stopped.value)


def test_overlaps_and_a_fallback_for_gaps_are_fine(values: dict[str, Any]) -> None:
    check({**values, "rota": {"shifts": [ALWAYS, ALWAYS]}, "holidays": ["2026-12-25"]}, "c.yml")
    check({**values, "rota": {"fallback": ["on-call"], "most": 12}}, "c.yml")
    assert Center({**values, "rota": None}).rota is None


def test_a_center_has_its_own_checklist_or_the_draft(values: dict[str, Any]) -> None:
    draft = draft_checklist()
    assert draft.draft
    assert checklist_of(Center(values)) == draft
    own = ["Call the clinician.", "Stay in the chat."]
    check({**values, "crisis_checklist": own}, "center.yml")
    assert checklist_of(Center({**values, "crisis_checklist": own})).steps == tuple(own)
    assert not checklist_of(Center({**values, "crisis_checklist": own})).draft
    check({**values, "crisis_checklist": list(draft.steps)}, "the draft itself")


@pytest.mark.parametrize("wrong", [[], ["no stop"], "Call."])
def test_a_wrong_checklist_stops_the_start(values: dict[str, Any], wrong: Any) -> None:
    with pytest.raises(CenterError, match="crisis_checklist"):
        check({**values, "crisis_checklist": wrong}, "center.yml")
