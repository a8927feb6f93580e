"""The desk looks after the server it runs on: once an hour, what is cheap to look at.

What is wrong is told to staff as an alert of the kind `server`, again each day until it is gone.
`make doctor` looks at much more, and says what to do.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from desk import measuring
from desk.conversations import now_ms
from desk.measuring import Room
from desk.settings import Settings
from store import server_troubles
from store.database import Database

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
EVERY = 3600.0
"""Seconds between two looks."""
THREAD = "watching"
FOUND = "The server: %s. Run `make doctor`, which says what to do."


class Watcher:
    """A job of upkeep; `look` can be called by itself."""

    def __init__(
        self,
        settings: Settings,
        console_url: str,
        database: Database,
        audit_is_whole: Callable[[], bool | None],
        *,
        clock: Callable[[], int] = now_ms,
        room: Callable[[Path], Room] = measuring.room,
    ) -> None:
        """Look after a server.

        Args:
            settings: The desk's.
            console_url: Where staff reach the console.
            database: Where alerts are raised.
            audit_is_whole: What the daily look at the audit has come to; None for not yet.
            clock: Now, in milliseconds.
            room: Measures the room on the disk of a folder.
        """
        self._settings, self._database, self._audit_is_whole = settings, database, audit_is_whole
        self._urls = [url for url in (settings.public_url, console_url) if url]
        self._clock, self._room = clock, room

    async def look(self) -> int:
        """Look once, and tell staff of what is wrong.

        Returns:
            How many alerts began or ended.

        Raises:
            StoreError: The database did not take it; the next look does the same.
        """
        now = self._clock()
        looked = await _beside(lambda: self._looked(now / 1000))
        known = await self._database.read(server_troubles.open_ones)
        # What could not be looked at stays as it was: the doctor says why it could not.
        found = {
            name for name, wrong in looked.items() if wrong or (wrong is None and name in known)
        }
        if not found and not known:
            return 0
        for name in sorted(found - known.keys()):
            logger.error(FOUND, server_troubles.TROUBLES[name])
        return await self._database.write(lambda c: server_troubles.note(c, found, now))

    def _looked(self, now: float) -> dict[str, bool | None]:
        """Return by name whether something is wrong; None for what could not be looked at."""
        state = self._settings.state
        looks: dict[str, Callable[[], bool | None]] = {
            "disk": lambda: self._room(state).scarce,
            "certificate": lambda: any(self._ends_soon(url, now) for url in self._urls),
            "backup": lambda: self._has_no_backup(now),
            "spill": lambda: measuring.spill_waits(state, now) or measuring.spill_is_locked(state),
            "audit": self._audit_is_broken,
        }
        return {name: _result(look) for name, look in looks.items()}

    def _audit_is_broken(self) -> bool | None:
        whole = self._audit_is_whole()
        return None if whole is None else not whole

    def _ends_soon(self, url: str, now: float) -> bool:
        if not url.startswith("https://"):
            return False
        return measuring.served(url).days(now) < measuring.CERTIFICATE_DAYS

    def _has_no_backup(self, now: float) -> bool:
        # Where only this machine reaches the desk nobody need make backups, unless they began to.
        state = self._settings.state
        wanted = self._settings.public_url or measuring.newest_backup(state)
        return bool(wanted) and measuring.backup_is_missing(state, now)


async def _beside(work: Callable[[], Result]) -> Result:
    """Run work that blocks in a thread of its own.

    Nobody waits for it when the desk ends, as the event loop's own threads are waited for: a
    resolver that hangs must not hold up a restart.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def tell(finish: Callable[[], None]) -> None:
        # The desk may have ended meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if done.done() else finish())

    def run() -> None:
        try:
            result = work()
        except Exception as problem:
            tell(partial(done.set_exception, problem))
        else:
            tell(partial(done.set_result, result))

    threading.Thread(target=run, name=THREAD, daemon=True).start()
    return await done


def _result(look: Callable[[], bool | None]) -> bool | None:
    try:
        return look()
    except OSError:
        return None
