"""Where entries of the log wait when the database does not take them.

One JSON object per line, each on disk before the message is handled further. Entries bear to be
written twice, so a crash in the middle of a replay loses and doubles nothing. A line whose key is
gone is kept in a file of its own: whoever puts the key back can put the line back.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import orjson

from store.errors import StoreError
from store.key_file import KeyFile, opened, sealed
from store.records import Entry

logger = logging.getLogger(__name__)

WAITING, REPLAYING, LOCKED = (f"spill{kind}.jsonl" for kind in ("", ".replaying", ".locked"))
"""The files: what waits, what is being replayed, lines that no key of store.keys opens."""
KEPT_LOCKED = "A line of the spill file is under a key that store.keys does not have: see %s."
NOT_SEALED = "The spill file holds words as they are, because there is no store.keys."
_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_BOUND_TO = b"spill file"
_AT_ONCE = 1 << 20
Erased = Mapping[str, int]
"""Conversations that were erased, with the moment, in milliseconds."""
Whose = tuple[str, int]
"""Conversation and moment of an entry."""


class LockedError(ValueError):
    """No key opens a line."""


def keys_named(folder: Path) -> frozenset[str]:
    """Return the ids of the master keys that lines of a folder's files are under."""
    # In this order lines go from one to the next, so that none is missed.
    found = (_lines_of(folder / name) for name in (WAITING, REPLAYING, LOCKED))
    return frozenset(key for lines in found for line in lines if (key := _key_of(line)))


def waiting(folder: Path) -> bytes:
    """Return the lines of a folder's files that the database has not taken yet, as they are."""
    # In this order lines go from one to the next: each is found, or in the database by now.
    lines = [line for name in (WAITING, REPLAYING) for line in _lines_of(folder / name)]
    return b"".join(line + b"\n" for line in dict.fromkeys(lines))


def put_back(folder: Path, lines: bytes) -> None:
    """Have lines of `waiting` replayed at the next start, after those that wait already."""
    there = set(waiting(folder).splitlines())
    missing = [line for line in lines.splitlines() if line not in there]
    if missing:
        with os.fdopen(os.open(folder / WAITING, _OPEN, 0o600), "ab") as file:
            file.writelines(line + b"\n" for line in missing)
            file.flush()
            os.fsync(file.fileno())


def _lines_of(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []


def _key_of(line: bytes) -> str | None:
    """Return the id of the key that a line is under; None where it is plain or damaged."""
    try:
        held = orjson.loads(line)
    except ValueError:
        return None
    return next(iter(held)) if isinstance(held, dict) and len(held) == 1 else None


class Spill:
    """The spill file of one process."""

    def __init__(self, folder: Path, keys: KeyFile | None = None) -> None:
        """Keep the file in a folder.

        Args:
            folder: It must exist; what an earlier run left there is replayed.
            keys: Under the newest of which lines are encrypted; without it they are plain.
        """
        self._keys = keys
        self._path, self._replaying = folder / WAITING, folder / REPLAYING
        self._locked = folder / LOCKED
        self._complained = False
        for path in (self._path, self._replaying):
            # Left by a crash in the middle of erasing; what is in it is in the file itself, too.
            _overwrite(_fresh(path))
        # A thread of its own: the database's may be stuck behind a lock.
        self._thread = ThreadPoolExecutor(1, "spill")

    async def add(self, entry: Entry) -> None:
        """Put an entry on disk.

        Raises:
            StoreError: The disk did not take it either.
        """
        try:
            plain = orjson.dumps(entry.plain())
            await asyncio.get_running_loop().run_in_executor(self._thread, self._put, plain)
        except OSError as problem:
            raise StoreError(f"The spill file refused: {type(problem).__name__}.") from problem

    def _put(self, plain: bytes) -> None:
        line = self._sealed(plain)
        self._append(self._path, line + b"\n")
        if self._keys and (key := _key_of(line)) and not self._keys.by_id(key):
            # The key was changed in between, by somebody who has not seen the line.
            self._append(self._path, self._sealed(plain) + b"\n")

    def _append(self, path: Path, line: bytes) -> None:
        handle = os.open(path, _OPEN, 0o600)
        try:
            before = os.fstat(handle).st_size
            try:
                if os.write(handle, line) != len(line):
                    raise OSError("short write")
                os.fsync(handle)
            except OSError:
                # Half a line would be joined to the next one.
                os.ftruncate(handle, before)
                raise
        finally:
            os.close(handle)

    @property
    def waiting(self) -> bool:
        """Whether there is anything to replay."""
        return self._path.exists() or self._replaying.exists()

    async def replay(self, write: Callable[[Entry], Awaitable[object]]) -> int:
        """Write what waits, oldest first, and forget it.

        Args:
            write: Puts one entry in the log; raises StoreError when it still cannot.

        Returns:
            How many entries were written.

        Raises:
            StoreError: The database still does not take them; they wait on.
        """
        loop = asyncio.get_running_loop()
        lines = await loop.run_in_executor(self._thread, self._take)
        done, locked = 0, list[bytes]()
        for line in lines:
            try:
                entry = Entry.from_plain(orjson.loads(self._opened(line)))
            except LockedError:
                locked.append(line)
                continue
            except (ValueError, TypeError, KeyError):
                logger.error("A line of the spill file is damaged and was left out.")
                continue
            await write(entry)
            done += 1
        await loop.run_in_executor(self._thread, self._forget, locked)
        return done

    def _take(self) -> list[bytes]:
        # Another replay may have been cut short: its file is finished first.
        if not self._replaying.exists():
            if not self._path.exists():
                return []
            self._path.rename(self._replaying)
        return _lines_of(self._replaying)

    def _forget(self, locked: Iterable[bytes]) -> None:
        """End the file that was replayed; what could not be opened is kept in another one."""
        for line in locked:
            self._append(self._locked, line + b"\n")
            logger.error(KEPT_LOCKED, self._locked.name)
        _overwrite(self._replaying)

    def _sealed(self, line: bytes) -> bytes:
        keys = self._keys.read() if self._keys else ()
        if not keys:
            if self._keys and not self._complained:
                self._complained = True
                logger.error(NOT_SEALED)
            return line
        return orjson.dumps({keys[-1].id: sealed(keys[-1].cipher, line, _BOUND_TO)})

    def _opened(self, line: bytes) -> bytes:
        """Return a line as it was; LockedError where no key opens it."""
        key_id = _key_of(line)
        if key_id is None or self._keys is None:
            return line
        key = self._keys.by_id(key_id)
        plain = opened(key.cipher, orjson.loads(line)[key_id], _BOUND_TO) if key else None
        if plain is None:
            raise LockedError(key_id)
        return plain

    async def erase(self, erased: Callable[[frozenset[str]], Awaitable[Erased]]) -> int:
        """Take the entries of erased conversations out, and overwrite what held them.

        Args:
            erased: Says which of some conversations were erased, and when: later entries stay.

        Returns:
            How many entries are gone.
        """
        loop, gone = asyncio.get_running_loop(), 0
        # In the order in which lines go from one to the other.
        for path in (self._path, self._replaying):
            lines = await loop.run_in_executor(self._thread, self._read, path, {})
            there = frozenset(each[0] for each in lines.values() if each)
            known = await erased(there) if there else {}
            if known:
                gone += await loop.run_in_executor(
                    self._thread, self._leave_out, path, lines, known
                )
        return gone

    def _read(self, path: Path, known: Mapping[bytes, Whose | None]) -> dict[bytes, Whose | None]:
        """Return a file's lines, in order, and whose they are; those that are known are not opened.

        Nobody's are those that no key opens.
        """
        found: dict[bytes, Whose | None] = {}
        for line in _lines_of(path):
            try:
                found[line] = known[line] if line in known else self._whose(line)
            except LockedError:
                found[line] = None
            except (ValueError, TypeError, KeyError):
                continue
        return found

    def _whose(self, line: bytes) -> Whose:
        plain = orjson.loads(self._opened(line))
        return str(plain["conversation_id"]), int(plain["at"])

    def _leave_out(self, path: Path, known: Mapping[bytes, Whose | None], erased: Erased) -> int:
        # Lines may have come meanwhile.
        lines = self._read(path, known)
        kept = [line for line, whose in lines.items() if not _is_erased(whose, erased)]
        if len(kept) < len(lines):
            _rewrite(path, kept)
        return len(lines) - len(kept)

    def close(self) -> None:
        """Wait for what is being written."""
        self._thread.shutdown()


def _is_erased(whose: Whose | None, erased: Erased) -> bool:
    return whose is not None and whose[1] <= erased.get(whose[0], -1)


def _fresh(path: Path) -> Path:
    """Return where a file is written that is to take the place of another one."""
    return path.with_suffix(".kept")


def _rewrite(path: Path, lines: Iterable[bytes]) -> None:
    """Put lines in the place of a file's, all or none, and zeros where the file was on the disk."""
    fresh = _fresh(path)
    with path.open("r+b") as old:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(line + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        # First the name: after a crash either file is whole.
        fresh.replace(path)
        _sync_folder(path.parent)
        _zero(old)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _overwrite(path: Path) -> None:
    """Put zeros in the place of a file's content, so that the disk does not keep it, and end it."""
    try:
        with path.open("r+b") as file:
            _zero(file)
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


def _zero(file: BinaryIO) -> None:
    left = os.fstat(file.fileno()).st_size
    while left > 0:
        left -= file.write(bytes(min(left, _AT_ONCE)))
    file.flush()
    os.fsync(file.fileno())
