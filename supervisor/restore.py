"""`make restore FILE=...`: puts a backup in the place of the database, which is kept aside.

Who was erased since the backup was made is erased again before anything may start with it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from desk.errors import SettingsError
from desk.guarding import ANCHORS
from desk.settings import Settings, load_settings
from setup import errors
from store import audit, key_file, persons, restoring, spill
from store.audit_chain import Anchors
from store.backup_file import BackupError, BackupReader, unpacked
from store.compacting import compact
from store.database import Database, look
from store.errors import StoreError
from store.key_file import KeyFile
from store.migrate import migrate
from store.restoring import Erasure
from store.tables import metadata
from supervisor import backup, postgres_tools
from supervisor.backup import SmallFiles, replaced, sqlite_file
from supervisor.ports import LOOPBACK, answers
from supervisor.postgres_tools import parameters
from supervisor.run import BRAIN_PORT

TABLES = (*metadata.tables, "alembic_version")
"""All that are ours, those that a backup of an earlier release does not know included."""
_SUFFIXES = ("-wal", "-shm")
_TRIES, _PAUSE = 20, 0.1


@dataclass
class Done:
    """What a restore has come to."""

    made_at: str
    """When the backup was made."""
    erased: int = 0
    """Conversations that were erased again."""
    aside: Path | None = None
    """Where the database that was there is now."""
    unread: bool = False
    """Whether that one could not be read, so that nobody knows who was erased since."""
    put: list[str] = field(default_factory=list)
    """Small files that were missing and are there again."""
    out_of_reach: list[str] = field(default_factory=list)
    """Small files that are missing, where whoever restores may not write."""
    other: list[str] = field(default_factory=list)
    """Small files that are there, and are not those of the backup."""


def refuse_while_running(settings: Settings) -> None:
    """See that nothing uses the database.

    Raises:
        BackupError: The assistant runs, here or, on PostgreSQL, on another machine.
    """
    ports = (settings.host, settings.port), (LOOPBACK, settings.console_port)
    for address, port in (*ports, (LOOPBACK, BRAIN_PORT)):
        if answers(address, port):
            raise BackupError(errors.STILL_RUNS.format(where=f"port {port} answers"))
    file = sqlite_file(settings)
    if _others_in_file(file) if file else _others_on_server(settings.database):
        raise BackupError(errors.STILL_RUNS.format(where="another process has the database open"))


def _others_in_file(file: Path) -> bool:
    """Say whether somebody has a SQLite database open; its log of writes goes into it if not."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as problem:
        code: int = getattr(problem, "sqlite_errorcode", 0)
        return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return False


def _others_on_server(url: str) -> bool:
    given: dict[str, Any] = {**parameters(url), "application_name": "iop-restore"}
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'iop-assistant'"
    )
    try:
        with psycopg.connect(**given, autocommit=True) as server:
            for _ in range(_TRIES):
                row = server.execute(query).fetchone()
                if not row or not row[0]:
                    return False
                # Our own connections of before take a moment to end.
                time.sleep(_PAUSE)
    except psycopg.Error as problem:
        # Only the class: the rest may hold the address with its password.
        raise BackupError(errors.NO_SERVER.format(kind=type(problem).__name__)) from None
    return True


def restore(settings: Settings, path: Path) -> Done:
    """Put a backup in the place of the database.

    Args:
        settings: The desk's.
        path: The backup.

    Raises:
        StoreError: It cannot be done; the database that was there is as it was, or kept aside.
        OSError: A file cannot be read or written.
    """
    refuse_while_running(settings)
    keys = KeyFile(settings.state / key_file.NAME).read()
    with path.open("rb") as file:
        opened = BackupReader(file, keys, path.name)
        there = make_url(settings.database).get_backend_name()
        if opened.contents.kind != there:
            message = errors.OTHER_KIND.format(kind=opened.contents.kind, there=there)
            raise BackupError(message)
        seconds = opened.contents.made_at / 1000
        done = Done(time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds)))
        database = sqlite_file(settings)
        if database:
            _restore_file(settings, opened, database, done)
        else:
            _restore_server(settings, opened, path, done)
    _put_files(settings, opened.contents.files, done)
    return done


def _restore_file(settings: Settings, opened: BackupReader, database: Path, done: Done) -> None:
    since = _erased_since(settings, database, done)
    with _fresh(database) as fresh:
        _unpack(opened, fresh)
        end = asyncio.run(_settled(f"sqlite:///{fresh}", since, done))
        refuse_while_running(settings)
        _exchange(database, fresh, done)
    _end_anchors(settings, end)
    restoring.finished(settings.state)


def _erased_since(settings: Settings, database: Path | None, done: Done) -> list[Erasure]:
    """Return what the present database knows to be erased, and what an earlier restore has left."""
    left = restoring.unfinished(settings.state)
    if database and not database.exists():
        return left
    try:
        migrate(settings.database)
        return [*look(settings.database, restoring.known), *left]
    except StoreError:
        if database is None:
            raise
        # A file that is broken is what backups are for.
        done.unread = True
        return left


@contextmanager
def _fresh(database: Path) -> Iterator[Path]:
    """Give a file, only its owner's, in which a database is made; it goes in the end."""
    fresh = database.with_name(f"{database.name}.restoring")
    names = [fresh, *(fresh.with_name(fresh.name + suffix) for suffix in _SUFFIXES)]
    try:
        for name in names:
            name.unlink(missing_ok=True)
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield fresh
    finally:
        for name in names:
            name.unlink(missing_ok=True)


def _unpack(opened: BackupReader, fresh: Path) -> None:
    """Write a backup's database to a file, and check it."""
    with fresh.open("wb") as file:
        file.writelines(opened.database())
        file.flush()
        os.fsync(file.fileno())
    try:
        with closing(sqlite3.connect(fresh)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as problem:
        answer = type(problem).__name__
    if answer != "ok":
        raise BackupError(errors.NOT_WHOLE)


async def _settled(url: str, since: list[Erasure], done: Done) -> int:
    """Make a restored database ready for the start; return the audit's last row of the backup."""
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    try:
        await database.read(persons.check_masters)
        end = (await database.read(audit.last))[0]
        now = int(time.time() * 1000)
        done.erased = await database.write(lambda c: restoring.settle(c, since, done.made_at, now))
        await compact(database)
    finally:
        database.close()
    return end


def _exchange(database: Path, fresh: Path, done: Done) -> None:
    """Put a restored file in the place of the database's, whose own is kept under another name."""
    _others_in_file(fresh)
    if database.exists():
        done.aside = replaced(database)
        # The name leads to either file at any moment, even if this process ends here.
        os.link(database, done.aside)
        for suffix in _SUFFIXES:
            log = database.with_name(database.name + suffix)
            if log.exists():
                log.rename(done.aside.with_name(done.aside.name + suffix))
    fresh.replace(database)


def _restore_server(settings: Settings, opened: BackupReader, path: Path, done: Done) -> None:
    # All of it is looked at before anything is changed.
    deque(opened.database(), maxlen=0)
    since = _erased_since(settings, None, done)
    with backup.folder_of(settings) as folder:
        done.aside = backup.make(settings, folder)
    keys = KeyFile(settings.state / key_file.NAME).read()
    refuse_while_running(settings)
    restoring.keep_unfinished(settings.state, since)
    try:
        with path.open("rb") as file:
            pieces = BackupReader(file, keys, path.name).database()
            postgres_tools.put_back(settings.database, pieces, TABLES)
    except BaseException:
        # Nothing was changed; it is seen to that nobody who was erased is there all the same.
        asyncio.run(_erase_left(settings))
        raise
    end = asyncio.run(_settled(settings.database, since, done))
    restoring.finished(settings.state)
    _end_anchors(settings, end)


async def _erase_left(settings: Settings) -> None:
    database, now = Database(settings.database), int(time.time() * 1000)
    since = restoring.unfinished(settings.state)
    try:
        await database.write(lambda c: restoring.erase_again(c, since, now))
    finally:
        database.close()
    restoring.finished(settings.state)


def _end_anchors(settings: Settings, end: int) -> None:
    """Have the audit's anchors end where the restored audit does."""
    path = settings.state / ANCHORS
    Anchors(path).end_at(end, replaced(path))


def _put_files(settings: Settings, files: Mapping[str, str], done: Done) -> None:
    """Put small files back that are missing; those that are there stay as they are."""
    places = SmallFiles.of(settings)
    for name, packed in files.items():
        place, content = places.place(name), unpacked(packed)
        if name == spill.WAITING:
            # Messages that were taken, and that the database did not have yet.
            spill.put_back(settings.state, content)
        if place is None:
            continue
        if not place.exists() and _out_of_reach(place):
            done.out_of_reach.append(name)
        elif not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(content)
            done.put.append(name)
        elif name != ANCHORS and place.read_bytes() != content:
            done.other.append(name)


def _out_of_reach(place: Path) -> bool:
    """Say whether a file may not be put back: on a server, answers and settings are root's."""
    folder = next(each for each in place.parents if each.exists())
    return not os.access(folder, os.W_OK)


def told(done: Done) -> list[str]:
    """Return what was done, in lines for whoever asked."""
    lines = [errors.RESTORED.format(at=done.made_at, count=done.erased)]
    if done.aside:
        lines.append(errors.PUT_ASIDE.format(file=done.aside))
    if done.put:
        lines.append(errors.FILES_PUT.format(files=", ".join(sorted(done.put))))
    if done.out_of_reach:
        files = ", ".join(sorted(done.out_of_reach))
        lines.append(errors.FILES_OUT_OF_REACH.format(files=files))
    if done.other:
        lines.append(errors.FILES_OTHER.format(files=", ".join(sorted(done.other))))
    if done.unread:
        lines.append(errors.ERASURES_UNKNOWN.format(at=done.made_at))
    return [*lines, errors.AFTER_RESTORE]


def main() -> int:
    """Restore the backup that the variable FILE names.

    Returns:
        0; 1 when no file is named; 2 when a setting is wrong; 3 when it was not restored.
    """
    backup.end_on_signal()
    name = os.environ.get("FILE", "").strip()
    if not name:
        sys.stderr.write(errors.NO_FILE + "\n")
        return 1
    try:
        done = restore(load_settings((), os.environ), Path(name))
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except StoreError as wrong:
        sys.stderr.write(f"Nothing was restored. {wrong}\n")
        return backup.FAILED
    except OSError as wrong:
        # The disk may fail after the database was exchanged, too.
        sys.stderr.write(f"{errors.NOT_TO_THE_END} {wrong}\n")
        return backup.FAILED
    sys.stdout.write("\n".join(told(done)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
