"""What a day comes to, on both databases: counted by hand in tests.store.history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from center.hours import Hours
from center.open_time import open_time
from store import day_counts, erasing, log, outcomes, ratings
from store.counting import count_day, day_of
from store.database import Database
from store.day_counts import ENOUGH, Cell, Key
from store.records import Entry
from tests.store.history import DAY, EXPECTED, MARIA, ZONE, at, fill, turn

# The day's only wait, from 14:01 to 14:06, with the center open from 14:02 on.
OPEN = Hours.read({"tuesday": "14:02-18:00"}, "America/Los_Angeles")


@pytest.fixture
async def filled(database: Database) -> Database:
    await database.write(fill)
    return database


async def counted(database: Database, day: date = DAY) -> dict[Key, Cell]:
    hours, is_open = day_of(day, ZONE), open_time(OPEN)
    return await database.read(lambda c: count_day(c, hours, is_open))


async def counts(database: Database, day: date = DAY) -> dict[Key, int]:
    return {key: cell.count for key, cell in (await counted(database, day)).items()}


async def test_a_day_comes_to_what_was_counted_by_hand(filled: Database) -> None:
    assert await counts(filled) == EXPECTED


async def test_each_day_has_its_own(filled: Database) -> None:
    before, after = [await counts(filled, DAY + timedelta(days=n)) for n in (-1, 1)]
    assert before["messages", "web", ""] == after["messages", "web", ""] == 1
    assert before["talks_hour", "web", "23"] == after["talks_hour", "web", "00"] == 1


async def test_without_hours_nothing_is_said_of_opening_hours(filled: Database) -> None:
    found = await filled.read(lambda c: count_day(c, day_of(DAY, ZONE)))
    assert ("reply_open", "sms", "240") not in found


async def test_whoever_says_that_it_did_not_help_was_not_resolved(database: Database) -> None:
    await database.write(fill)
    number = at(9, 5) + at(9, 5) % 2

    def undone(c: Connection) -> None:
        c.execute(ratings.ratings.insert(), [_bad(number)])

    await database.write(undone)
    found = await counts(database)
    assert ("resolved", "web", "") not in found
    assert found["rated", "web", ""] == 1
    assert ("helped", "web", "") not in found


def _bad(moment: int) -> dict[str, object]:
    return {"conversation_id": "anna", "at": moment, "score": ratings.NOT_HELPED}


async def test_an_outcome_of_no_danger_is_a_false_alarm_on_its_own_day(filled: Database) -> None:
    number, when = at(23, 58), at(8, 0, 11)
    await filled.write(
        lambda c: outcomes.note_outcome(c, "dora", number, "false_alarm", by=MARIA, at=when)
    )
    assert ("false_alarm", "web", "") not in await counts(filled)
    assert (await counts(filled, DAY + timedelta(days=1)))["false_alarm", "web", ""] == 1


async def test_who_is_erased_counts_no_more_when_a_day_is_counted_again(filled: Database) -> None:
    await filled.write(lambda c: erasing.erase(c, ["cora"], by=MARIA, at=at(18)))
    found = await counts(filled)
    assert not [key for key in found if key[1] == "sms"]


async def test_what_is_kept_is_what_was_counted_and_is_replaced(filled: Database) -> None:
    cells = await counted(filled)
    await filled.write(lambda c: day_counts.keep(c, DAY, {("talks", "web", ""): Cell(9)}, 1))
    await filled.write(lambda c: day_counts.keep(c, DAY, cells, 2))
    rows = await filled.read(lambda c: list(day_counts.kept(c, DAY, DAY)))
    assert {key: cell.count for _, key, cell in rows} == EXPECTED
    assert {key: cell.people for _, key, cell in rows} == {
        key: cell.people for key, cell in cells.items()
    }
    assert await filled.read(lambda c: day_counts.counted(c, DAY, DAY)) == {DAY.isoformat(): 2}


async def test_a_sum_knows_whether_eleven_people_are_behind_it(database: Database) -> None:
    def talks(c: Connection) -> None:
        for number in range(ENOUGH):
            turn(c, f"person-{number}", at(9, number))
        for minute in range(20):
            turn(c, "only-one", at(10, minute), channel="sms")

    await database.write(talks)
    found = await counted(database)
    assert not found["messages", "web", ""].few
    assert found["messages", "sms", ""].count == 20
    assert found["messages", "sms", ""].few


async def test_the_same_people_on_two_days_are_not_more_people(database: Database) -> None:
    def talks(c: Connection) -> None:
        for day in (10, 11):
            for number in range(6):
                turn(c, f"person-{number}", at(9, number, day))

    await database.write(talks)
    both = Cell()
    for ahead in (0, 1):
        cell = (await counted(database, DAY + timedelta(days=ahead)))["talks", "web", ""]
        both.add(cell.people, cell.count)
    assert (both.count, both.few) == (12, True)


async def test_a_conversation_of_no_words_is_none(database: Database) -> None:
    await database.write(lambda c: log.write(c, Entry("quiet", "web", at(9))))
    assert await counts(database) == {}
