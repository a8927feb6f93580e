"""The figures of a small known history, by hand, on both databases; and what is hidden of few."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from center.hours import Hours
from center.open_time import open_time
from console.analytics.gathering import gather
from console.analytics.hiding import FEW, hidden_among, may_tell
from console.analytics.period import LONGEST, Period, PeriodError, period_of
from console.analytics.tables import Table, duration, percentile, tables
from store import day_counts
from store.counting import count_day, day_of
from store.database import Database
from store.day_counts import ENOUGH, Cell
from tests.store.conftest import database, url  # noqa: F401
from tests.store.history import DAY, ZONE, at, fill, turn

TODAY = date(2026, 3, 11)
TWO_DAYS = Period(DAY, TODAY)
OPEN = open_time(Hours.read({"tuesday": "14:02-18:00"}, "America/Los_Angeles"))


async def shown(
    database: Database,  # noqa: F811
    period: Period = TWO_DAYS,
    *,
    hide: bool = False,
) -> dict[str, Table]:
    counted = await database.read(lambda c: gather(c, period, TODAY, ZONE, OPEN))
    return {each.key: each for each in tables(counted, period, hide=hide)}


def rows(table: Table) -> dict[str, list[str]]:
    return {row[0]: list(row[1:]) for row in table.rows}


def sums(table: Table, row: Sequence[str]) -> list[str]:
    """Return all cells of a row but its name and how it is counted."""
    titles = list(table.head[1:])
    return [
        cell for title, cell in zip(titles, row[1:], strict=True) if title != "How it is counted"
    ]


@pytest.fixture
async def filled(database: Database) -> Database:  # noqa: F811
    await database.write(fill)
    return database


async def test_rates_are_what_was_counted_by_hand(filled: Database) -> None:
    # 10 and 11 March: anna, ben, hello, cora, dora, erik and after; before: one that was answered.
    found = rows((await shown(filled))["figures"])
    figures = {name: row[:4] for name, row in found.items()}
    assert figures == {
        "Conversations": ["7", "1", "600 % more", ""],
        "Messages of people": ["9", "1", "800 % more", ""],
        # One of seven asked for staff: 6 / 7.
        "Containment": ["85.7 %", "100.0 %", "14.3 pp less", "7"],
        # anna and after, of seven.
        "Resolved by the assistant": ["28.6 %", "100.0 %", "71.4 pp less", "7"],
        "Handoff": ["14.3 %", "0.0 %", "14.3 pp more", "7"],
        # One of the eight that were the assistant's to answer.
        "Fallback, of messages": ["12.5 %", "0.0 %", "12.5 pp more", "8"],
        "Fallback, of conversations": ["14.3 %", "0.0 %", "14.3 pp more", "7"],
        "Safe reply, since the brain was silent": ["12.5 %", "0.0 %", "12.5 pp more", "8"],
        "A call was asked for": ["14.3 %", "0.0 %", "14.3 pp more", "7"],
        "Answered by staff, of those who asked for them": ["100.0 %", "none", "", "1"],
        "Rated as helpful": ["100.0 %", "none", "", "1"],
        "Ratings given, of those asked for": ["100.0 %", "none", "", "1"],
    }
    assert all(row[4] for row in found.values())


async def test_days_hours_and_channels(filled: Database) -> None:
    found = await shown(filled)
    assert rows(found["days"]) == {"2026-03-10": ["6", "8"], "2026-03-11": ["1", "1"]}
    by_channel = rows(found["channels"])
    assert by_channel == {"Web": ["6", "7"], "SMS": ["1", "2"], "Slack": ["0", "0"]}
    hours = {hour: row for hour, row in rows(found["hours"]).items() if row != ["0", "0"]}
    assert hours == {
        "00:00": ["1", "1"],
        "09:00": ["2", "3"],
        "11:00": ["1", "1"],
        "14:00": ["1", "2"],
        "16:00": ["1", "1"],
        "23:00": ["1", "1"],
    }


async def test_topics_times_crises_and_reviews(filled: Database) -> None:
    found = await shown(filled)
    assert rows(found["topics"])["cost"] == ["5", "1"]
    assert next(iter(rows(found["rising"]))) == "cost"
    assert rows(found["rising"])["cost"] == ["5", "1", "4"]
    assert rows(found["unanswered"]) == {"medication": ["1", "0"]}
    times = {name: row[:3] for name, row in rows(found["times"]).items()}
    assert times == {
        "Waiting for staff": ["1", "4 min", "4 min"],
        "First message of staff": ["1", "5 min", "5 min"],
        "First message, in opening hours": ["1", "4 min", "4 min"],
    }
    crises = {name: row[0] for name, row in rows(found["crises"]).items()}
    assert crises == {
        "Alerts, all": "1",
        "Alerts, T1": "1",
        "Answered with crisis resources": "100.0 %",
        "Until acknowledged, p50": "3 min",
        "Until acknowledged, p95": "3 min",
        "Not acknowledged": "0",
        "False alarms": "0",
        "Misses": "1",
    }
    assert found["crisis-rules"].rows == [("Channel", "Web", "1"), ("Rule", "a.rule", "1")]
    assert rows(found["wrong"]) == {
        "cost": ["2", "1", "50.0 %"],
        "out_of_scope": ["1", "1", "100.0 %"],
    }


async def test_one_channel_alone(filled: Database) -> None:
    found = await shown(filled, Period(DAY, TODAY, "sms"))
    assert rows(found["days"]) == {"2026-03-10": ["1", "2"], "2026-03-11": ["0", "0"]}


async def test_kept_days_are_not_counted_anew_and_today_is(filled: Database) -> None:
    kept = {("talks", "web", ""): Cell(500, {f"{n:08d}" for n in range(ENOUGH)})}
    await filled.write(lambda c: day_counts.keep(c, DAY, kept, at(0, 0, 11)))
    found = rows((await shown(filled))["days"])
    assert found == {"2026-03-10": ["500", "0"], "2026-03-11": ["1", "1"]}


async def test_days_that_nobody_has_counted_are_told(filled: Database) -> None:
    def earlier(c: Connection) -> None:
        day = date(2026, 2, 1)
        day_counts.keep(c, day, count_day(c, day_of(day, ZONE)), 1)

    await filled.write(earlier)
    week = Period(date(2026, 3, 5), TODAY)
    counted = await filled.read(lambda c: gather(c, week, TODAY, ZONE, None))
    # The last three before today are counted while the page waits.
    assert [day.day for day in counted.now.missing] == [5, 6, 7]
    assert len(counted.before.missing) == 7


async def test_all_is_hidden_where_few_people_are_behind_it(filled: Database) -> None:
    found = await shown(filled, hide=True)
    words = {cell for table in found.values() for row in table.rows for cell in sums(table, row)}
    numbers = {word for word in words if word[:1].isdigit() and word != "0"}
    assert numbers == set()
    assert FEW in words
    assert not rows(found["rising"])


async def test_eleven_people_are_told_and_ten_are_not(
    database: Database,  # noqa: F811
) -> None:
    def talks(c: Connection) -> None:
        for number in range(ENOUGH):
            turn(c, f"web-{number}", at(9, number))
            turn(c, f"slack-{number}", at(9, number), channel="slack")
        for number in range(ENOUGH - 1):
            turn(c, f"sms-{number}", at(9, number), channel="sms")

    await database.write(talks)
    found = await shown(database, hide=True)
    # One alone would be what is missing to all: the smallest other is hidden with it.
    assert rows(found["channels"]) == {
        "Web": ["11", "11"],
        "SMS": [FEW, FEW],
        "Slack": [FEW, FEW],
    }


def test_a_share_is_hidden_where_it_or_the_rest_is_of_few() -> None:
    many, all_ = (Cell(n, {f"{p:08d}" for p in range(ENOUGH)}) for n in (40, 60))
    assert may_tell(many, all_)
    assert not may_tell(Cell(3, {"a"}), all_)
    assert not may_tell(many, Cell(45, set(many.people)))
    assert may_tell(Cell(), all_)
    assert may_tell(all_, all_)


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 30)))
def test_no_hidden_sum_can_be_told_from_the_rest(sizes: dict[str, int]) -> None:
    cells = {
        name: Cell(size, {f"{n:08d}" for n in range(min(size, ENOUGH))})
        for name, size in sizes.items()
    }
    hidden = hidden_among(cells)
    assert {name for name, cell in cells.items() if cell.few} <= hidden
    there = [name for name, cell in cells.items() if cell.count]
    assert len(hidden) != 1 or len(there) == 1
    assert all(cells[name].count for name in hidden)


@given(st.lists(st.integers(0, 9000), min_size=1), st.sampled_from([0.5, 0.95]))
def test_percentiles_are_those_of_the_sorted_values(values: list[int], share: float) -> None:
    counts = {value: values.count(value) for value in values}
    rank = -(-len(values) * int(share * 100) // 100)
    assert percentile(counts, share) == sorted(values)[rank - 1]


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (260, "4 min 20 s"), (7200, "2 h"), (90_061, "1 d 1 h")],
)
def test_times_are_told_in_two_units(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("asked", "first", "last", "before"),
    [
        ({}, "2026-02-10", "2026-03-11", "2026-01-11"),
        ({"days": "7"}, "2026-03-05", "2026-03-11", "2026-02-26"),
        ({"from": "2026-03-01", "to": "2026-03-02"}, "2026-03-01", "2026-03-02", "2026-02-27"),
        ({"from": "2026-03-10"}, "2026-03-10", "2026-03-11", "2026-03-08"),
        ({"to": "2026-03-09"}, "2026-03-09", "2026-03-09", "2026-03-08"),
    ],
)
def test_periods(asked: dict[str, str], first: str, last: str, before: str) -> None:
    found = period_of(asked, TODAY)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert found.before.first.isoformat() == before
    assert found.before.length == found.length


@pytest.mark.parametrize(
    "asked",
    [
        {"days": "8"},
        {"from": "yesterday"},
        {"from": "2026-03-11", "to": "2026-03-10"},
        {"to": "2026-03-12"},
        {"from": "2020-01-01"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"channel": "post"},
    ],
)
def test_what_is_no_period_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(PeriodError, match=str(LONGEST)):
        period_of(asked, TODAY)
