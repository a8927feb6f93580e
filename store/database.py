"""One database, used from the event loop without blocking it.

Work is a function of a SQLAlchemy connection that runs in a thread, in one transaction. That is
one hop between threads per transaction; an asynchronous driver makes one per statement (aiosqlite
took 1.7 ms for a turn's two writes where this takes 0.9). The same functions run on an
asynchronous connection by `run_sync`, should a driver ask for it.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from store import errors
from store.errors import StoreError
from store.sealing import KeyRing

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
Observer = Callable[[str, float, bool], None]
"""Hears of each transaction: "read" or "write", seconds with the wait for its turn, whether it
failed."""

BUSY_MILLISECONDS = 250
"""How long a writer waits for another; below the desk's limit for logging a message."""
DRIVER = "postgresql+psycopg"
_READERS = 2
# What is deleted is overwritten, so that nothing of it stays in the file.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_ONE_WRITER = 4_207_849_484
"""Key of the lock that PostgreSQL's writers take in turn; any number that nobody else uses."""


class _Job:
    """Work that can be given up as long as it has not begun."""

    def __init__(self, run: Callable[[], Any]) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._begun = self._given_up = False

    def __call__(self) -> Any:
        with self._lock:
            if self._given_up:
                raise StoreError(errors.CLOSED)
            self._begun = True
        return self._run()

    def give_up(self) -> None:
        with self._lock:
            self._given_up = not self._begun


class Database:
    """Writes one after the other, reads beside them."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        """Prepare the connections; the file is made by store.migrate.

        Args:
            url: A SQLAlchemy address, such as sqlite:////var/lib/desk/desk.db.
            read_only: Refuse writes (the console's read-only pages).
        """
        self.url = make_url(url)
        self._engine = _engine(self.url, read_only=read_only)
        # Words of persons are read and written by it (store.sealing).
        self._keys = KeyRing(self._engine)
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(_READERS, "store-reader")
        self._upkeep = ThreadPoolExecutor(1, "store-upkeep")
        self.observer: Observer | None = None

    async def write(self, work: Work[Result], *, limit: float | None = None) -> Result:
        """Run work in one durable transaction, after all work given before it.

        Args:
            work: Does the statements; committed when it returns, undone when it raises.
            limit: Seconds after which to stop waiting. Work that had begun by then may still
                be committed, so it must bear to be done again.

        Raises:
            StoreError: It failed or took too long.
        """
        return await self._run(self._writer, work, "write", limit)

    async def read(self, work: Work[Result], *, limit: float | None = None) -> Result:
        """Run work that only reads; see `write`."""
        return await self._run(self._readers, work, "read", limit)

    async def maintain(self, statements: Sequence[str]) -> list[tuple[Any, ...]]:
        """Run statements of the database's own upkeep, each outside any transaction.

        On PostgreSQL they have a thread and a connection of their own: no write waits for them,
        and they wait for locks as long as they must. SQLite's take their turn among the writes.

        Returns:
            The first row of each that has one.

        Raises:
            StoreError: One failed.
        """
        job = _Job(lambda: self._maintain(statements))
        threads = self._writer if self.url.get_backend_name() == "sqlite" else self._upkeep
        try:
            future = asyncio.get_running_loop().run_in_executor(threads, job)
        except RuntimeError as problem:
            raise StoreError(errors.CLOSED) from problem
        result: list[tuple[Any, ...]] = await future
        return result

    def _maintain(self, statements: Sequence[str]) -> list[tuple[Any, ...]]:
        if self.url.get_backend_name() == "sqlite":
            return _each(self._engine, statements)
        engine = _engine(self.url, read_only=False, lock_milliseconds=0)
        try:
            return _each(engine, statements)
        finally:
            engine.dispose()

    async def _run(
        self, threads: ThreadPoolExecutor, work: Work[Result], purpose: str, limit: float | None
    ) -> Result:
        # It may be taken away meanwhile.
        observer = self.observer
        if observer is None:
            return await self._hand_over(threads, work, purpose, limit)
        began, failed = time.perf_counter(), False
        try:
            return await self._hand_over(threads, work, purpose, limit)
        except StoreError:
            failed = True
            raise
        finally:
            observer(purpose, time.perf_counter() - began, failed)

    async def _hand_over(
        self, threads: ThreadPoolExecutor, work: Work[Result], purpose: str, limit: float | None
    ) -> Result:
        job = _Job(lambda: self._transact(work, purpose))
        try:
            future = asyncio.get_running_loop().run_in_executor(threads, job)
        except RuntimeError as problem:
            raise StoreError(errors.CLOSED) from problem
        try:
            async with asyncio.timeout(limit):
                result: Result = await asyncio.shield(future)
                return result
        except TimeoutError:
            job.give_up()
            # Its outcome is nobody's any more; reading it keeps asyncio from reporting it.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise StoreError(errors.TOO_SLOW.format(limit=(limit or 0) * 1000)) from None

    def _transact(self, work: Work[Result], purpose: str) -> Result:
        try:
            connection = self._engine.connect().execution_options(purpose=purpose)
            with connection, connection.begin():
                return work(connection)
        except SQLAlchemyError as problem:
            kind = type(getattr(problem, "orig", None) or problem).__name__
            raise StoreError(errors.FAILED.format(kind=kind)) from problem

    def close(self) -> None:
        """Finish what was begun and close the connections."""
        for threads in (self._writer, self._readers, self._upkeep):
            threads.shutdown()
        self._engine.dispose()


def _each(engine: Engine, statements: Sequence[str]) -> list[tuple[Any, ...]]:
    """Run statements outside any transaction, and return the first row of each that has one."""
    rows: list[tuple[Any, ...]] = []
    try:
        raw = engine.raw_connection()
        try:
            # Drivers begin no transaction so; SQLite's never does (see _sqlite).
            if engine.dialect.name == "postgresql":
                raw.driver_connection.autocommit = True  # type: ignore[union-attr]
            cursor = raw.cursor()
            for statement in statements:
                cursor.execute(statement)
                rows += [tuple(cursor.fetchone() or ())] if cursor.description else []
        finally:
            # Never used again: it is not as the others are.
            raw.invalidate()
    except Exception as problem:
        kind = type(getattr(problem, "orig", None) or problem).__name__
        raise StoreError(errors.FAILED.format(kind=kind)) from problem
    return rows


def _engine(url: URL, *, read_only: bool, lock_milliseconds: int = BUSY_MILLISECONDS) -> Engine:
    # hide_parameters: a failed statement's values are a person's words.
    always: dict[str, Any] = {
        "hide_parameters": True,
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "json_deserializer": orjson.loads,
    }
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, always, read_only=read_only)
    return _postgresql(url, always, read_only=read_only, lock_milliseconds=lock_milliseconds)


def _postgresql(
    url: URL, always: dict[str, Any], *, read_only: bool, lock_milliseconds: int
) -> Engine:
    """Return an engine with SQLite's ways: one writer at a time, readers that see one moment.

    What reads first and then writes (who owns a conversation, what is due) so needs no locks of its
    own, and the feed's numbers appear in their order: a reader that has seen one will see no
    smaller one later.
    """
    seconds = BUSY_MILLISECONDS // 1000 + 5
    settings = {
        "lock_timeout": lock_milliseconds,
        # A desk that is cut off must not keep the others from writing.
        "idle_in_transaction_session_timeout": seconds * 1000,
        "tcp_user_timeout": seconds * 1000,
        "default_transaction_read_only": "on" if read_only else "off",
    }
    engine = create_engine(
        url.set(drivername=DRIVER),
        **always,
        pool_size=_READERS + 1,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            "application_name": "iop-assistant",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("purpose") == "write":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    return engine


def _sqlite(url: URL, always: dict[str, Any], *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        **always,
        pool_size=_READERS + 1,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late to reserve the right to write.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("purpose") == "write"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def look(url: str, work: Work[Result]) -> Result:
    """Run work that only reads, where there is no event loop yet; see Database.read.

    Raises:
        StoreError: It failed.
    """
    engine = _engine(make_url(url), read_only=True)
    KeyRing(engine)
    try:
        with engine.connect() as connection, connection.begin():
            return work(connection)
    except SQLAlchemyError as problem:
        kind = type(getattr(problem, "orig", None) or problem).__name__
        raise StoreError(errors.FAILED.format(kind=kind)) from problem
    finally:
        engine.dispose()


async def warm_up(database: Database, work: Work[object]) -> None:
    """Do work and undo it, so that the first message does not pay for what is made once."""

    def undone(connection: Connection) -> None:
        work(connection)
        connection.rollback()

    await database.write(undone)


def make_private(url: str) -> None:
    """Create a SQLite file that only its owner can read, unless it is there already."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        path = Path(address.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
