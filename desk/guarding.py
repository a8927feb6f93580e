"""What guards the log by the way: seals words from before there were keys, watches the audit."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path

from desk.conversations import now_ms
from store import persons
from store.audit_chain import DAY, Anchors, verify
from store.database import Database

logger = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two looks."""
ANCHORS = "audit.anchors"
"""The file in the state's folder with the audit's former hashes."""
_PAUSE = 0.05
_AT_ONCE = 50
"""Rows that are sealed in one write: a message's own may wait 0.3 s, no longer."""
NOT_WHOLE = "The audit was changed: %s. Run `make audit`, and read docs/breach.md."


class Guard:
    """Jobs of upkeep; each can be called by itself."""

    def __init__(self, database: Database, state: Path) -> None:
        """Guard a database, with files in a folder."""
        self._database, self._anchors = database, Anchors(state / ANCHORS)
        self._anchored_at = self._sealed_at = 0
        self._whole: bool | None = None

    def audit_is_whole(self) -> bool | None:
        """Return what the last look at the audit has come to; None before the first one."""
        return self._whole

    async def seal_older(self) -> int:
        """Once a day seal what was stored while there were no keys, a little at a time.

        Returns:
            How many rows.

        Raises:
            StoreError: The database did not take it; it is tried again.
        """
        now = now_ms()
        if now - self._sealed_at < DAY:
            return 0
        done = sum([await self._seal(name) for name in persons.SEALED])
        self._sealed_at = now
        return done

    async def _seal(self, name: str) -> int:
        done, last = 0, None
        while True:
            look = partial(persons.plain_rows, name=name, after=last)
            keys, last = await self._database.read(look)
            for begin in range(0, len(keys), _AT_ONCE):
                few = keys[begin : begin + _AT_ONCE]
                seal = partial(persons.seal_rows, name=name, keys=few)
                done += await self._database.write(seal)
                # Messages that come meanwhile must not wait.
                await asyncio.sleep(_PAUSE)
            if last is None:
                return done

    async def watch_audit(self) -> int:
        """Once a day check the audit, and note what its last row is; raises StoreError.

        Returns:
            How many troubles there are.
        """
        now = now_ms()
        if now - self._anchored_at < DAY:
            return 0
        anchors = self._anchors.read()
        found = await self._database.read(lambda c: verify(c, anchors))
        self._anchored_at, self._whole = now, not found.troubles
        if found.troubles:
            logger.error(NOT_WHOLE, found.troubles[0].what)
            return len(found.troubles)
        if found.last and found.last not in anchors:
            self._anchors.add(now, found.last, found.digest)
        return 0
