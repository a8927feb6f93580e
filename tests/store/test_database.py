from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from store import log
from store.compacting import compact
from store.database import Database
from store.errors import StoreError
from store.migrate import migrate
from store.rows import put
from store.tables.conversations import heartbeat
from tests.postgres import PostgresServer


@pytest.fixture
def file(sqlite_url: str) -> Iterator[Database]:
    migrate(sqlite_url)
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def scalar(connection: Connection, statement: str) -> object:
    return connection.execute(text(statement)).scalar()


async def test_commits_are_on_disk_before_they_are_done(database: Database) -> None:
    wanted: dict[str, object] = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    asked = "PRAGMA {}"
    if database.url.get_backend_name() == "postgresql":
        wanted, asked = {"synchronous_commit": "on"}, "SHOW {}"
    for name, value in wanted.items():
        statement = asked.format(name)
        assert await database.write(partial(scalar, statement=statement)) == value


async def test_a_locked_file_is_waited_for_but_not_long(file: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="OperationalError"):
        await file.write(lambda c: c.execute(text("select 1")).scalar())
    other.execute("ROLLBACK")
    other.close()
    assert await file.write(lambda c: c.execute(text("select 1")).scalar()) == 1


async def test_another_writer_is_waited_for_but_not_long(database: Database, url: str) -> None:
    other = Database(url)
    begun, gate = threading.Event(), threading.Event()

    def holds(_: Connection) -> None:
        begun.set()
        assert gate.wait(10)

    holding = asyncio.create_task(other.write(holds))
    await asyncio.to_thread(begun.wait)
    with pytest.raises(StoreError, match=r"OperationalError|LockNotAvailable"):
        await database.write(partial(scalar, statement="select 1"))
    gate.set()
    await holding
    assert await database.write(partial(scalar, statement="select 1")) == 1
    other.close()


async def test_whoever_reads_first_and_then_writes_is_alone(database: Database, url: str) -> None:
    """What is read in a transaction that writes still holds when it writes, on both kinds."""
    others = [database, Database(url)]
    await database.write(lambda c: log.beat(c, "count", 0))

    def one_more(connection: Connection) -> None:
        found = scalar(connection, "select at from heartbeat where name = 'count'")
        assert isinstance(found, int)
        log.beat(connection, "count", found + 1)

    await asyncio.gather(*(each.write(one_more) for each in others for _ in range(25)))
    assert await database.read(partial(scalar, statement="select at from heartbeat")) == 50
    others[1].close()


async def test_a_reader_sees_one_moment(database: Database) -> None:
    read, written = threading.Event(), threading.Event()

    def twice(connection: Connection) -> tuple[object, object]:
        statement = "select count(*) from heartbeat"
        before = scalar(connection, statement)
        read.set()
        assert written.wait(10)
        return before, scalar(connection, statement)

    reading = asyncio.create_task(database.read(twice))
    await asyncio.to_thread(read.wait)
    await database.write(lambda c: log.beat(c, "now", 1))
    written.set()
    assert await reading == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
async def test_how_many_rows_were_new_is_counted(database: Database, count: int) -> None:
    rows = [{"name": f"n{number}", "at": 1} for number in range(count)]
    assert await database.write(lambda c: put(c, heartbeat, rows)) == count
    assert await database.write(lambda c: put(c, heartbeat, rows)) == 0
    more = [*rows, {"name": "new", "at": 2}]
    assert await database.write(lambda c: put(c, heartbeat, more)) == 1


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


@pytest.mark.parametrize("tried_meanwhile", [False, True])
async def test_a_server_that_was_restarted_is_used_again(
    postgres: PostgresServer, tried_meanwhile: bool
) -> None:
    url = postgres.new_database()
    migrate(url)
    database = Database(url)
    await database.write(lambda c: log.beat(c, "before", 1))
    with postgres.away():
        if tried_meanwhile:
            with pytest.raises(StoreError):
                await database.write(lambda c: log.beat(c, "lost", 1))
    await database.write(lambda c: log.beat(c, "after", 1))
    names = await database.read(lambda c: list(c.execute(select(heartbeat.c.name)).scalars()))
    assert sorted(names) == ["after", "before"]
    database.close()


async def test_a_closed_database_says_so(url: str) -> None:
    closed = Database(url)
    closed.close()
    with pytest.raises(StoreError, match="closed"):
        await closed.write(lambda c: None)


async def test_no_write_waits_for_the_databases_own_upkeep(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    migrate(url)
    database, other = Database(url), Database(url)
    locked, gate = threading.Event(), threading.Event()

    def holds(connection: Connection) -> None:
        # As PostgreSQL's own vacuum does.
        connection.execute(text("LOCK TABLE messages IN SHARE UPDATE EXCLUSIVE MODE"))
        locked.set()
        assert gate.wait(10)

    holding = asyncio.create_task(other.read(holds))
    await asyncio.to_thread(locked.wait)
    compacting = asyncio.create_task(compact(database))
    for number in range(5):
        await database.write(lambda c, at=number: log.beat(c, "now", at), limit=5)
        await asyncio.sleep(0.1)
    assert not compacting.done()
    gate.set()
    await holding
    await compacting
    database.close()
    other.close()


async def test_only_tables_that_were_touched_are_vacuumed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    maintain = database.maintain

    async def noted(statements: list[str]) -> object:
        done.extend(statements)
        return await maintain(statements)

    monkeypatch.setattr(database, "maintain", noted)
    await compact(database, ["erasures"])
    own = "VACUUM erasures", "PRAGMA wal_checkpoint(TRUNCATE)"
    assert done == [own[database.url.get_backend_name() == "sqlite"]]
