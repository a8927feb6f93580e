from __future__ import annotations

from sqlalchemy import Connection, select

from store import corrections, learned
from store.corrections import Correction
from store.database import Database
from store.tables.learning import corrections as table
from tests.store.lessons import C1, MARIA, OURS, SAM, asks, corrected
from tests.store.people import deeds


async def test_a_correction_is_kept_and_written_down(database: Database) -> None:
    def work(c: Connection) -> None:
        found = corrected(c)
        assert found.intent == "out_of_scope"
        assert found.correction.intents == ("locations_hours_contact",)
        assert corrections.to_teach(c) == [found]
        assert deeds(c) == [(MARIA, "corrected", C1, "intent")]

    await database.write(work)


async def test_the_first_reviewer_is_right_until_it_is_undone(database: Database) -> None:
    def work(c: Connection) -> None:
        corrected(c)
        assert not corrections.correct(c, Correction(C1, 10, "right", by=SAM, at=21))
        assert not corrections.undo(c, C1, 10, SAM, 22)
        assert corrections.undo(c, C1, 10, MARIA, 23)
        assert corrections.correct(c, Correction(C1, 10, "right", by=SAM, at=24))

    await database.write(work)


async def test_only_what_a_visitor_wrote_can_be_corrected(database: Database) -> None:
    def work(c: Connection) -> None:
        asks(c)
        assert not corrections.correct(c, Correction(C1, 11, "right", by=MARIA, at=21))
        assert not corrections.correct(c, Correction("nobody", 10, "right", by=MARIA, at=21))
        assert c.execute(select(table)).all() == []

    await database.write(work)


async def test_what_was_right_is_not_to_be_taught(database: Database) -> None:
    def work(c: Connection) -> None:
        corrected(c, kind="right", intents=())
        assert corrections.count_to_teach(c) == 0
        last = corrections.last_of(c, MARIA)
        assert last is not None
        assert last.correction.kind == "right"
        assert corrections.undo(c, C1, 10, MARIA, 30)

    await database.write(work)


async def test_what_was_taught_cannot_be_undone(database: Database) -> None:
    def work(c: Connection) -> None:
        learned.teach(c, corrected(c), OURS, MARIA, 30)
        assert corrections.last_of(c, MARIA) is None
        assert not corrections.undo(c, C1, 10, MARIA, 31)

    await database.write(work)


async def test_a_correction_goes_with_its_conversation(database: Database) -> None:
    def work(c: Connection) -> None:
        corrected(c)
        learned.forget(c, [C1])
        assert corrections.one(c, C1, 10) is None

    await database.write(work)
