"""What staff did is for good: a row that was changed or is missing is found, and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import delete, update

from store import audit, audit_chain
from store.audit_chain import Anchors, verify
from store.database import Database
from store.errors import StoreError
from store.migrate import _config, migrate
from store.tables.privacy import audit_starts
from store.tables.staff import audit as table
from tests.postgres import PostgresServer

TRIGGERS = ("audit_unchanged", "audit_kept")


def write(connection: sa.Connection, count: int = 5, at: int = 1) -> None:
    for number in range(count):
        audit.note(connection, "ana", "read", f"c{number}", at=at + number)


def unguarded(connection: sa.Connection) -> None:
    """Take the triggers away, as somebody would who has the database."""
    for name in TRIGGERS:
        on = "" if connection.dialect.name == "sqlite" else " ON audit"
        connection.execute(sa.text(f"DROP TRIGGER {name}{on}"))


async def troubles(database: Database, anchors: Any = None) -> list[str]:
    found = await database.read(lambda c: verify(c, anchors))
    return [each.what for each in found.troubles]


async def test_a_chain_goes_on_after_what_was_deleted_in_time(database: Database) -> None:
    row = {"after": 5, "digest": "a" * 64, "at": 1}
    await database.write(lambda c: c.execute(audit_starts.insert().values(**row)) and None)
    assert await database.read(audit.last) == (5, "a" * 64)
    await database.write(lambda c: write(c, 1))
    assert (await database.read(verify)).troubles == ()


async def test_a_chain_that_nobody_touched_is_whole(database: Database) -> None:
    assert (await database.read(verify)).troubles == ()
    await database.write(write)
    found = await database.read(verify)
    assert (found.rows, found.last, found.troubles) == (5, 5, ())
    assert len(found.digest) == 64


@pytest.mark.parametrize("column", ["at", "staff_id", "action", "subject", "detail", "previous"])
async def test_a_changed_row_is_named(database: Database, column: str) -> None:
    await database.write(write)
    await database.write(unguarded)
    other = 9 if column == "at" else "x"
    await database.write(
        lambda c: c.execute(update(table).where(table.c.id == 3).values({column: other}))
    )
    assert "row 3 was changed" in await troubles(database)


async def test_a_row_whose_hash_was_made_anew_is_found_by_the_next_one(database: Database) -> None:
    await database.write(write)
    await database.write(unguarded)

    def forge(c: sa.Connection) -> None:
        row = c.execute(sa.select(table).where(table.c.id == 3)).mappings().one()
        forged = {**row, "subject": "c9"}
        forged["digest"] = audit.digest_of(forged)
        c.execute(update(table).where(table.c.id == 3).values(**forged))

    await database.write(forge)
    assert await troubles(database) == ["row 3 was changed, or row 4 was put in its place"]


@pytest.mark.parametrize(
    ("gone", "said"),
    [((3,), "row 3 is missing"), ((1,), "row 1 is missing"), ((2, 4), "rows 2 to 4 are missing")],
)
async def test_a_missing_row_is_named(database: Database, gone: tuple[int, ...], said: str) -> None:
    await database.write(write)
    await database.write(unguarded)
    between = table.c.id.between(min(gone), max(gone))
    await database.write(lambda c: c.execute(delete(table).where(between)))
    assert await troubles(database) == [said]


async def test_rows_that_are_missing_at_the_end_are_found_by_an_anchor(
    database: Database, tmp_path: Path
) -> None:
    await database.write(write)
    anchors, found = Anchors(tmp_path / "audit.anchors"), await database.read(verify)
    anchors.add(7, found.last, found.digest)
    assert await troubles(database, anchors.read()) == []
    await database.write(unguarded)
    await database.write(lambda c: c.execute(delete(table).where(table.c.id >= 4)))
    assert await troubles(database) == []
    assert await troubles(database, anchors.read()) == ["rows 4 to 5 are missing"]


async def test_a_chain_made_anew_is_found_by_an_anchor(database: Database, tmp_path: Path) -> None:
    await database.write(write)
    anchors, found = Anchors(tmp_path / "audit.anchors"), await database.read(verify)
    anchors.add(7, found.last, found.digest)
    assert (tmp_path / "audit.anchors").stat().st_mode & 0o777 == 0o600
    await database.write(unguarded)
    await database.write(lambda c: c.execute(delete(table)))
    await database.write(lambda c: write(c, 5, at=100))
    assert await troubles(database) == []
    assert await troubles(database, anchors.read()) == [
        "row 5 is not the one that was here: the chain was made anew"
    ]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET detail = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 5"],
)
async def test_the_database_refuses_to_change_the_audit(database: Database, statement: str) -> None:
    await database.write(write)
    with pytest.raises(StoreError):
        await database.write(lambda c: c.execute(sa.text(statement)))
    assert (await database.read(verify)).rows == 5


async def test_postgresql_refuses_to_empty_it(postgres: PostgresServer) -> None:
    migrate(url := postgres.new_database())
    database = Database(url)
    await database.write(write)
    with pytest.raises(StoreError):
        await database.write(lambda c: c.execute(sa.text("TRUNCATE audit")))
    database.close()


async def test_what_was_kept_long_enough_goes_and_the_chain_goes_on(
    database: Database, tmp_path: Path
) -> None:
    anchors = Anchors(tmp_path / "audit.anchors")
    await database.write(write)
    found = await database.read(verify)
    anchors.add(7, found.last, found.digest)
    assert await database.write(lambda c: audit_chain.retire(c, before=4, at=50)) == 3
    assert await troubles(database, anchors.read()) == []
    rows = await database.read(audit.newest)
    assert [(row["id"], row["action"]) for row in rows] == [
        (6, "audit deleted in time"),
        (5, "read"),
        (4, "read"),
    ]
    with pytest.raises(StoreError):
        await database.write(lambda c: c.execute(delete(table).where(table.c.id == 4)))
    assert await database.write(lambda c: audit_chain.retire(c, before=4, at=60)) == 0


async def test_a_chain_of_which_all_has_gone_goes_on(database: Database) -> None:
    await database.write(write)
    await database.write(lambda c: audit_chain.retire(c, before=1000, at=50))
    await database.write(lambda c: audit_chain.retire(c, before=1000, at=60))
    await database.write(write)
    assert await troubles(database) == []


async def test_deeds_are_found_by_person_deed_subject_and_day(database: Database) -> None:
    def some(c: sa.Connection) -> None:
        audit.note(c, "ana", "read", "c1", at=10)
        audit.note(c, "sam", "read", "c1", at=20)
        audit.note(c, None, "sign-in failed", at=30)
        audit.note(c, "ana", "replied", "c2", at=40)

    await database.write(some)

    async def found(size: int = 9, before: int | None = None, **wanted: Any) -> list[int]:
        rows = await database.read(
            lambda c: audit.newest(c, size, wanted=audit.Wanted(**wanted), before=before)
        )
        return [row["id"] for row in rows]

    assert await found() == [4, 3, 2, 1]
    assert await found(staff_id="ana") == [4, 1]
    assert await found(staff_id="") == [3]
    assert await found(action="read") == [2, 1]
    assert await found(subject="c1", staff_id="sam") == [2]
    assert await found(since=20, until=40) == [3, 2]
    assert await found(2, before=3) == [2, 1]
    assert await database.read(audit.actions) == ["read", "replied", "sign-in failed"]


def test_what_was_done_before_becomes_the_beginning_of_the_chain(url: str) -> None:
    command.upgrade(_config(url), "0005")
    engine = sa.create_engine(url)
    rows = [(3, 1, "ana", "read"), (7, 2, None, "sign-in failed"), (8, 3, "ana", "note")]
    with engine.begin() as connection:
        for number, at, who, action in rows:
            connection.execute(
                sa.text("INSERT INTO audit (id, at, staff_id, action) VALUES (:a, :b, :c, :d)"),
                {"a": number, "b": at, "c": who, "d": action},
            )
    migrate(url)
    with engine.begin() as connection:
        found = verify(connection)
        assert (found.rows, found.last, found.troubles) == (3, 3, ())
        audit.note(connection, "ana", "read", at=4)
        assert verify(connection).troubles == ()
    engine.dispose()
