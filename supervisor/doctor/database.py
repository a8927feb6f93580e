"""The database: whether it is there, whole, of the present form, and its audit unchanged."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import text

from desk.guarding import ANCHORS
from store.audit_chain import Anchors, verify
from store.errors import StoreError
from store.migrate import form_of, present_form
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation, some
from supervisor.test import postgres_program

_SECONDS = 120
"""How long SQLite's own check may take; the log is written meanwhile all the same."""
_STEPS = 100_000
_MOST = 100
_OLDEST_POSTGRES = 14
"""PostgreSQL 13 got its last fix in November 2025 (https://www.postgresql.org/support/versioning/)."""


def check(installation: Installation) -> Iterator[Finding]:
    """Look at the database without writing to it."""
    file = installation.database_file
    if file is None:
        yield from _postgres(installation)
    elif not file.is_file():
        if file.parent.is_dir():
            yield faults.DATABASE_MISSING.found()
        return
    else:
        yield from _sqlite(file)
    yield from _form(installation)
    if installation.has_database:
        anchors = Anchors(installation.settings.state / ANCHORS).read()
        troubles = installation.read(lambda c: verify(c, anchors)).troubles
        if troubles:
            yield faults.AUDIT_CHANGED.found(problem=troubles[0].what)


def _form(installation: Installation) -> Iterator[Finding]:
    try:
        there = form_of(installation.settings.database)
    except StoreError as problem:
        if installation.database_file is not None:
            yield faults.DATABASE_UNREADABLE.found(problem=problem)
        return
    if there != present_form():
        yield faults.DATABASE_FORM.found(there=there or "none", wanted=present_form())


def _sqlite(file: Path) -> Iterator[Finding]:
    address = f"file:{quote(str(file.absolute()))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            until = time.monotonic() + _SECONDS
            connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            yield from _whole(connection)
    except sqlite3.OperationalError as problem:
        if "interrupted" not in str(problem):
            raise
        yield faults.DATABASE_SLOW.found(seconds=_SECONDS)
    except sqlite3.DatabaseError:
        pass  # It cannot even be opened: _form says so.


def _whole(connection: sqlite3.Connection) -> Iterator[Finding]:
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    try:
        rows = connection.execute(f"PRAGMA integrity_check({_MOST})").fetchall()
        wrong = sum(row[0] != "ok" for row in rows)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        # Of some damage the check itself dies.
        wrong = 1
    if wrong:
        yield faults.DATABASE_DAMAGED.found(count=wrong)
        return
    loose = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST)
    if loose:
        tables = some(sorted({str(row[0]) for row in loose}))
        yield faults.DATABASE_LOOSE.found(count=len(loose), tables=tables)


def _postgres(installation: Installation) -> Iterator[Finding]:
    try:
        number = installation.read(
            lambda c: int(c.execute(text("SHOW server_version_num")).scalar_one())
        )
    except StoreError as problem:
        yield faults.POSTGRES_AWAY.found(problem=problem)
        return
    version = number // 10_000
    if version < _OLDEST_POSTGRES:
        yield faults.POSTGRES_OLD.found(version=version)
    tools = tools_version(postgres_program("pg_dump"))
    if tools is None or tools < version:
        there = "is missing" if tools is None else f"is {tools}"
        yield faults.POSTGRES_TOOLS.found(there=there, version=version)


def tools_version(program: Path | None) -> int | None:
    """Return the version of PostgreSQL's programs; None where there are none."""
    if program is None:
        return None
    done = subprocess.run(
        [str(program), "--version"], capture_output=True, text=True, timeout=10, check=False
    )
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else None
