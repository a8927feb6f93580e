"""Where entries of the log wait when the database does not take them.

One JSON object per line, each on disk before the message is handled further. Entries bear to be
written twice, so a crash in the middle of a replay loses and doubles nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

from store.errors import StoreError
from store.records import Entry

logger = logging.getLogger(__name__)

_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT


class Spill:
    """The spill file of one process."""

    def __init__(self, folder: Path) -> None:
        """Keep the file in `folder`, which must exist; what an earlier run left is replayed."""
        self._path = folder / "spill.jsonl"
        self._replaying = folder / "spill.replaying.jsonl"
        # A thread of its own: the database's may be stuck behind a lock.
        self._thread = ThreadPoolExecutor(1, "spill")

    async def add(self, entry: Entry) -> None:
        """Put an entry on disk.

        Raises:
            StoreError: The disk did not take it either.
        """
        line = orjson.dumps(entry.plain()) + b"\n"
        try:
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
                entry = Entry.from_plain(orjson.loads(line))
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
        self._replaying.unlink(missing_ok=True)

    def close(self) -> None:
        """Wait for what is being written."""
        self._thread.shutdown()
