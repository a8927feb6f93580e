"""The job that counts days, with a clock of the test's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from center.facts import load_center
from desk.counting import Counter
from store import day_counts, handover, retention
from store.database import Database
from store.retention import Retention
from store.tables.counts import day_counts as kept
from store.tables.privacy import person_keys
from tests.store.history import DAY, EXPECTED, MARIA, at, fill, turn

HOUR, DAYS = 3_600_000, 86_400_000


@pytest.fixture
async def counter(database: Database) -> Counter:
    await database.write(fill)
    return Counter(database, load_center, 30)


async def of_the_day(database: Database) -> dict[day_counts.Key, int]:
    rows = await database.read(lambda c: list(day_counts.kept(c, DAY, DAY)))
    return {key: cell.count for _, key, cell in rows if key[0] != "reply_open"}


WANTED = {key: count for key, count in EXPECTED.items() if key[0] != "reply_open"}


async def test_days_that_are_over_are_counted_and_today_so_far(
    database: Database, counter: Counter
) -> None:
    assert await counter.count(at(9, 0, 11)) == 2
    assert await of_the_day(database) == WANTED
    known = await database.read(
        lambda c: day_counts.counted(c, DAY - timedelta(days=9), DAY + timedelta(days=9))
    )
    assert sorted(known) == ["2026-03-09", "2026-03-10", "2026-03-11"]
    assert await counter.count(at(9, 1, 11)) == 0


async def test_what_was_counted_of_a_day_that_went_on_is_counted_again(
    database: Database, counter: Counter
) -> None:
    await counter.count(at(22, 0, 10))
    assert (await of_the_day(database))["talks", "web", ""] == 5
    await database.write(lambda c: turn(c, "late", at(23, 59, 10)))
    await counter.count(at(0, 1, 11))
    assert (await of_the_day(database))["talks", "web", ""] == 6


async def test_a_day_is_counted_again_for_what_came_after_it(
    database: Database, counter: Counter
) -> None:
    await counter.count(at(9, 0, 11))
    await database.write(lambda c: turn(c, "late", at(12, 0, 10)))
    await counter.count(at(9, 0, 11) + 5 * HOUR)
    assert (await of_the_day(database))["talks", "web", ""] == WANTED["talks", "web", ""]
    await counter.count(at(9, 0, 11) + 6 * HOUR)
    assert (await of_the_day(database))["talks", "web", ""] == WANTED["talks", "web", ""] + 1


async def test_what_was_counted_outlives_the_conversations(
    database: Database, counter: Counter
) -> None:
    await counter.count(at(9, 0, 11))
    later = at(9, 0, 11) + 60 * DAYS
    while await database.write(lambda c: retention.erase_due(c, Retention(), later)):
        pass
    await counter.count(later)
    assert await of_the_day(database) == WANTED


async def test_what_is_kept_leads_back_to_nobody(database: Database, counter: Counter) -> None:
    await counter.count(at(9, 0, 11))
    rows = await database.read(lambda c: c.execute(select(kept)).all())
    words = str(rows)
    for name in ("anna", "ben", "cora", "dora", "erik", "words"):
        assert name not in words


async def test_notes_of_shifts_go_with_the_days_that_conversations_are_kept(
    database: Database, counter: Counter
) -> None:
    keys = select(person_keys.c.person)
    before = await database.read(lambda c: len(c.execute(keys).all()))
    await database.write(lambda c: handover.write(c, MARIA, "All quiet.", at(9)))
    await counter.count(at(9) + 30 * DAYS)
    assert len(await database.read(handover.newest)) == 1
    await counter.count(at(9) + 30 * DAYS + 1)
    assert await database.read(handover.newest) == []
    assert await database.read(lambda c: len(c.execute(keys).all())) == before
