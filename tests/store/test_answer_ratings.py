"""What a person says of single answers: the last word holds, and it goes with them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store import answer_ratings, erasing, feed, retention, review
from store.database import Database
from store.ratings import HELPED, NOT_HELPED
from store.retention import DAY, Retention
from store.tables.conversations import answer_ratings as table
from tests.store.lessons import C1, MARIA, asks


async def test_the_last_word_holds(database: Database) -> None:
    def work(c: Connection) -> None:
        asks(c, 10)
        asks(c, 12)
        for score, at in ((HELPED, 1), (HELPED, 2), (NOT_HELPED, 3), (NOT_HELPED, 4)):
            answer_ratings.rate(c, C1, 10, score, at)
        assert [tuple(row) for row in c.execute(select(table))] == [(C1, 10, 3, 0)]
        told = [(each.seq, each.at) for each in feed.after(c, 0) if each.kind == "helped"]
        assert told == [(10, 1), (10, 3)]
        assert answer_ratings.of(c, C1) == {10: False}
        answer_ratings.rate(c, C1, 12, HELPED, 5)
        shown = review.marked(c, C1, review.transcript(c, C1))
        assert [each["helped"] for each in shown] == [False, True]

    await database.write(work)


async def test_it_goes_with_the_person_and_by_age(database: Database) -> None:
    def rated(c: Connection) -> None:
        asks(c, 10)
        answer_ratings.rate(c, C1, 10, NOT_HELPED, 1)

    def left(c: Connection) -> int:
        return len(c.execute(select(table)).all())

    await database.write(rated)
    assert await database.read(left) == 1
    await database.write(lambda c: erasing.erase_person(c, C1, MARIA, 20))
    assert await database.read(left) == 0
    await database.write(rated)
    later = 31 * DAY
    assert await database.write(lambda c: retention.erase_due(c, Retention(), later)) == [C1]
    assert await database.read(left) == 0
