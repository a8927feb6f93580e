"""Where entries of the log wait when the database does not take them.

One JSON object per line, each on disk before the message is handled further. Entries bear to be
written twice, so a crash in the middle of a replay loses and doubles nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

from store.errors import StoreError
from store.key_file import KeyFile, opened, sealed
from store.records import Entry

logger = logging.getLogger(__name__)

_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_BOUND_TO = b"spill file"
_AT_ONCE = 1 << 20
Erased = Mapping[str, int]
"""Conversations that were erased, with the moment, in milliseconds."""


class Spill:
    """The spill file of one process."""

    def __init__(self, folder: Path, keys: KeyFile | None = None) -> None:
        """Keep the file in a folder.

        Args:
            folder: It must exist; what an earlier run left there is replayed.
            keys: Under the newest of which lines are encrypted; without it they are plain.
        """
        self._keys = keys
        self._path = folder / "spill.jsonl"
        self._replaying = folder / "spill.replaying.jsonl"
        # A thread of its own: the database's may be stuck behind a lock.
        self._thread = ThreadPoolExecutor(1, "spill")

    async def add(self, entry: Entry) -> None:
        """Put an entry on disk.

        Raises:
            StoreError: The disk did not take it either.
        """
        try:
            line = self._sealed(orjson.dumps(entry.plain())) + b"\n"
            await asyncio.get_running_loop().run_in_executor(self._thread, self._append, line)
        except OSError as problem:
            raise StoreError(f"The spill file refused: {type(problem).__name__}.") from problem

    def _append(self, line: bytes) -> None:
        handle = os.open(self._path, _OPEN, 0o600)
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
        done = 0
        for line in lines:
            try:
                entry = Entry.from_plain(orjson.loads(self._opened(line)))
            except (ValueError, TypeError, KeyError):
                logger.error("A line of the spill file is damaged and was left out.")
                continue
            await write(entry)
            done += 1
        await loop.run_in_executor(self._thread, self._forget)
        return done

    def _take(self) -> list[bytes]:
        # Another replay may have been cut short: its file is finished first.
        if not self._replaying.exists():
            if not self._path.exists():
                return []
            self._path.rename(self._replaying)
        return self._replaying.read_bytes().splitlines()

    def _forget(self) -> None:
        _overwrite(self._replaying)

    def _sealed(self, line: bytes) -> bytes:
        keys = self._keys.read() if self._keys else ()
        if not keys:
            return line
        return orjson.dumps({keys[-1].id: sealed(keys[-1].cipher, line, _BOUND_TO)})

    def _opened(self, line: bytes) -> bytes:
        """Return a line as it was; ValueError where it is damaged or its key is gone."""
        held = orjson.loads(line)
        if len(held) != 1 or self._keys is None:
            return line
        ((key_id, words),) = held.items()
        key = self._keys.by_id(key_id)
        plain = opened(key.cipher, words, _BOUND_TO) if key else None
        if plain is None:
            raise ValueError(key_id)
        return plain

    async def erase(self, erased: Callable[[frozenset[str]], Awaitable[Erased]]) -> int:
        """Take the entries of erased conversations out, and overwrite what held them.

        Args:
            erased: Says which of some conversations were erased, and when: later entries stay.

        Returns:
            How many entries are gone.
        """
        loop, gone = asyncio.get_running_loop(), 0
        for path in (self._replaying, self._path):
            there = await loop.run_in_executor(self._thread, self._whose, path)
            if there:
                known = await erased(frozenset(there))
                gone += await loop.run_in_executor(self._thread, self._leave_out, path, known)
        return gone

    def _whose(self, path: Path) -> set[str]:
        return {conversation for _, conversation, _ in self._lines(path)}

    def _lines(self, path: Path) -> list[tuple[bytes, str, int]]:
        found = []
        for line in path.read_bytes().splitlines() if path.exists() else ():
            try:
                plain = orjson.loads(self._opened(line))
                found.append((line, str(plain["conversation_id"]), int(plain["at"])))
            except (ValueError, TypeError, KeyError):
                continue
        return found

    def _leave_out(self, path: Path, erased: Erased) -> int:
        lines = self._lines(path)
        kept = [line for line, whose, at in lines if at > erased.get(whose, -1)]
        if len(kept) == len(lines):
            return 0
        fresh = path.with_suffix(".kept")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(line + b"\n" for line in kept)
            file.flush()
            os.fsync(file.fileno())
        _overwrite(path, unlink=False)
        fresh.replace(path)
        return len(lines) - len(kept)

    def close(self) -> None:
        """Wait for what is being written."""
        self._thread.shutdown()


def _overwrite(path: Path, *, unlink: bool = True) -> None:
    """Put zeros in the place of a file's content, so that the disk does not keep it, and end it."""
    try:
        with path.open("r+b") as file:
            left = path.stat().st_size
            while left > 0:
                left -= file.write(bytes(min(left, _AT_ONCE)))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    if unlink:
        path.unlink(missing_ok=True)
