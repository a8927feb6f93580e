from __future__ import annotations

import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from store.database import Database
from store.errors import StoreError


def pragma(connection: Connection, name: str) -> object:
    return connection.execute(text(f"PRAGMA {name}")).scalar()


async def test_commits_are_on_disk_before_they_are_done(database: Database) -> None:
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for name, value in pragmas.items():
        assert await database.write(partial(pragma, name=name)) == value


async def test_a_lock_is_waited_for_but_not_long(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="OperationalError"):
        await database.write(lambda c: c.execute(text("select 1")).scalar())
    other.execute("ROLLBACK")
    other.close()
    assert await database.write(lambda c: c.execute(text("select 1")).scalar()) == 1


async def test_work_that_waits_too_long_is_given_up(database: Database) -> None:
    gate = threading.Event()
    done = []
    with pytest.raises(StoreError, match="did not answer"):
        await database.write(lambda c: gate.wait(5), limit=0.01)
    with pytest.raises(StoreError, match="did not answer"):
        await database.write(lambda c: done.append("late"), limit=0.01)
    gate.set()
    await database.write(lambda c: done.append("next"))
    assert done == ["next"]


async def test_an_error_tells_nothing_of_what_was_written(database: Database) -> None:
    statement = text("insert into conversations (id, channel) values ('zanzibar', :channel)")
    with pytest.raises(StoreError) as caught:
        await database.write(lambda c: c.execute(statement, {"channel": "zanzibar"}))
    problem: BaseException | None = caught.value
    assert "zanzibar" not in str(problem)


async def test_a_reader_cannot_write(database: Database, url: str) -> None:
    reader = Database(url, read_only=True)
    with pytest.raises(StoreError):
        await reader.read(lambda c: c.execute(text("delete from conversations")))
    reader.close()


async def test_a_closed_database_says_so(url: str) -> None:
    closed = Database(url)
    closed.close()
    with pytest.raises(StoreError, match="closed"):
        await closed.write(lambda c: None)
