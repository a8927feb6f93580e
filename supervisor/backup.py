"""`make backup`: one encrypted file with the database and what belongs to it.

The assistant may run meanwhile. The keys themselves (store.keys, identity.key) are not in it.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from urllib.parse import quote

from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url

from center.errors import CenterError
from center.facts import load_center
from desk import measuring
from desk.errors import SettingsError
from desk.guarding import ANCHORS
from desk.measuring import stamp
from desk.settings import Settings, load_settings
from setup import errors
from setup.code_print import ROOT
from store import key_file, spill
from store.backup_file import (
    NO_KEYS,
    PIECE,
    BackupError,
    BackupReader,
    BackupWriter,
    Contents,
    packed,
)
from store.database import look
from store.errors import StoreError
from store.key_file import KeyFile, MasterKey
from store.retention import DAY, Retention
from store.tables.privacy import person_keys
from supervisor import trial_folder
from supervisor.postgres_tools import dumped

FOLDER = measuring.BACKUPS
"""In the state's folder."""
FAILED = 3
ANSWERS = ROOT / "answers"
_STAMPED = re.compile(r".+[-.](\d{8}-\d{6})(?:\.backup|-wal|-shm)?")
_BEGINS = {"sqlite": b"SQLite format 3\0", "postgresql": b"PGDMP"}
_HALF_DONE = (".plain", ".plain-journal", ".part")


def replaced(path: Path) -> Path:
    """Return under which name a file is kept that a restored one takes the place of."""
    return _free(lambda at: path.with_name(f"{path.name}.replaced-{at}"))


def _free(named: Callable[[str], Path]) -> Path:
    """Return the first name, from now on, that no file has yet."""
    seconds = time.time()
    while (path := named(stamp(seconds))).exists():
        seconds += 1
    return path


def sqlite_file(settings: Settings) -> Path | None:
    """Return the file of the log's database; None where it is on PostgreSQL."""
    url = make_url(settings.database)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@dataclass(frozen=True)
class SmallFiles:
    """Where the small files are that go with a database."""

    single: dict[str, Path]
    """By name."""
    folders: dict[str, Path]
    """By the name that theirs begin with."""

    @classmethod
    def of(cls, settings: Settings) -> SmallFiles:
        """Return where they are by the settings; not all need be there."""
        state, center = settings.state, settings.center_file
        single = {name: state / name for name in ("web.keys", "console.keys", ANCHORS)}
        single |= {"center.yml": center, "credentials.yml": settings.credentials_file}
        single["alerts.yml"] = settings.alerts_file or center.parent / "alerts.yml"
        return cls(single, {"secrets": settings.secrets, "answers": ANSWERS})

    def there(self) -> dict[str, Path]:
        """Return those that are there."""
        found = {name: path for name, path in self.single.items() if path.is_file()}
        for name, folder in self.folders.items():
            pattern = "*.yml" if name == "answers" else "*"
            inside = [path for path in sorted(folder.glob(pattern)) if path.is_file()]
            found |= {f"{name}/{path.name}": path for path in inside}
        return found

    def place(self, name: str) -> Path | None:
        """Return where a file of a backup belongs; None for one that is not known."""
        folder, _, last = name.rpartition("/")
        if not folder:
            return self.single.get(name)
        return self.folders[folder] / last if folder in self.folders and last != ".." else None


@contextmanager
def folder_of(settings: Settings) -> Iterator[Path]:
    """Give the folder of backups to one process; what a crash has left half done there goes.

    Raises:
        BackupError: Another process has it.
    """
    folder = settings.state / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.iterdir():
            if path.suffix in _HALF_DONE:
                path.unlink()
        yield folder
    except BlockingIOError:
        raise BackupError(errors.BACKUP_BUSY) from None
    finally:
        os.close(handle)


@contextmanager
def copied(database: Path, folder: Path) -> Iterator[BinaryIO]:
    """Give a copy of a SQLite database as it is at one moment; writers go on meanwhile.

    Args:
        database: Its file.
        folder: Where the copy is; its name is gone before the first byte is read.

    Raises:
        BackupError: The database is not there, or cannot be read.
    """
    if not database.is_file():
        raise BackupError(errors.NO_DATABASE)
    plain = folder / f"{os.getpid()}.plain"
    try:
        os.close(os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _vacuum_into(database, plain)
        file = plain.open("rb")
    finally:
        plain.unlink(missing_ok=True)
    with file:
        yield file


def _vacuum_into(database: Path, target: Path) -> None:
    try:
        address = f"file:{quote(str(database.absolute()))}?mode=rw"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            # Nothing of it goes to a folder that everybody can write.
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as problem:
        raise BackupError(errors.NOT_COPIED.format(kind=type(problem).__name__)) from None


def _database(settings: Settings, folder: Path) -> AbstractContextManager[BinaryIO]:
    file = sqlite_file(settings)
    return copied(file, folder) if file else dumped(settings.database)


def _masters(connection: Connection) -> set[str]:
    return set(connection.execute(select(person_keys.c.master).distinct()).scalars())


def make(settings: Settings, folder: Path) -> Path:
    """Make a backup.

    Args:
        settings: The desk's.
        folder: Where; see `folder_of`.

    Returns:
        The file.

    Raises:
        BackupError: There are no keys, or the database cannot be copied.
        OSError: The disk did not take it.
    """
    keys = KeyFile(settings.state / key_file.NAME).read()
    if not keys:
        raise BackupError(NO_KEYS)
    kind = make_url(settings.database).get_backend_name()
    there = SmallFiles.of(settings).there()
    files = {name: packed(path.read_bytes()) for name, path in there.items()}
    # Before the database is copied: what is in neither now was written after this moment.
    if lines := spill.waiting(settings.state):
        files[spill.WAITING] = packed(lines)
    path = _free(lambda at: folder / f"iop-{at}.backup")
    part = path.with_suffix(".part")
    try:
        with _private(part) as file, _database(settings, folder) as database:
            contents = Contents(int(time.time() * 1000), kind, files)
            used = look(settings.database, _masters) | spill.keys_named(settings.state)
            writer = BackupWriter(file, keys, contents, used)
            shutil.copyfileobj(database, writer, PIECE)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        verify(part, keys, kind)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def verify(path: Path, keys: tuple[MasterKey, ...], kind: str) -> None:
    """Read a backup as a restore does, to its end, from the disk.

    Args:
        path: The file.
        keys: Those of store.keys.
        kind: Of the database: sqlite or postgresql.

    Raises:
        BackupError: It does not open, is damaged, or holds no database.
    """
    with path.open("rb") as file:
        # Not what the system still has in memory of what was written.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        pieces = BackupReader(file, keys, path.name).database()
        begin = b"".join(itertools.islice(pieces, 2))
        if not begin.startswith(_BEGINS[kind]):
            raise BackupError(errors.NOT_WHOLE)
        deque(pieces, maxlen=0)


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def longest_days(settings: Settings) -> int:
    """Return for how many days backups may be kept: as long as what people write, no longer.

    Raises:
        CenterError: center.yml is wrong.
    """
    center = load_center(settings.center_file, demo=settings.demo)
    kept = Retention.of_center(center.retention_days, center.retention)
    return min(days for days in (kept.conversations, kept.callbacks, kept.notes) if days)


def delete_old(settings: Settings, folder: Path, days: int, now: float) -> list[Path]:
    """Delete backups that are older than some days, and databases that a restore has replaced.

    Args:
        settings: The desk's.
        folder: Of the backups.
        days: How many.
        now: In seconds.

    Returns:
        What was deleted.
    """
    found = [*folder.glob("iop-*.backup")]
    if file := sqlite_file(settings):
        found += file.parent.glob(f"{file.name}.replaced-*")
    end = stamp(now - days * DAY / 1000)
    old = [p for p in found if (match := _STAMPED.fullmatch(p.name)) and match[1] < end]
    for path in old:
        path.unlink()
    return sorted(old)


def size_of(path: Path) -> str:
    """Return a file's size in words."""
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def end_on_signal() -> None:
    """Have a signal to end undo what was begun, as Ctrl-C does."""

    def end(number: int, _: Any) -> NoReturn:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def main() -> int:
    """Make a backup, and delete those that are too old.

    Returns:
        0; 2 when a setting or center.yml is wrong; 3 when no backup was made.
    """
    end_on_signal()
    try:
        settings = load_settings((), os.environ)
        days = longest_days(settings)
        with folder_of(settings) as folder:
            path = make(settings, folder)
            old = delete_old(settings, folder, days, time.time())
        with suppress(OSError):
            trial_folder.remove_left(settings.state)
    except (SettingsError, CenterError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except (StoreError, OSError) as wrong:
        sys.stderr.write(f"No backup was made. {wrong}\n")
        return FAILED
    sys.stdout.write(errors.BACKUP_MADE.format(file=path, size=size_of(path)) + "\n")
    if old:
        sys.stdout.write(errors.BACKUPS_DELETED.format(count=len(old), days=days) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
