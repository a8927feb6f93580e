"""What the desk does by the way: replays the spill file, deletes what was kept long enough.

Other jobs, such as the repeats of alerts and the drill, are given to it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from desk import erasure
from desk.conversations import now_ms
from desk.erasure import Eraser
from desk.keeping import Keeper
from desk.metrics.figures import UPKEEP_FAILURES
from store import retention
from store.database import Database
from store.errors import StoreError
from store.retention import Retention

logger = logging.getLogger(__name__)

_REPLAY_EVERY = 3.0
_PURGE_EVERY = 3600.0


Job = tuple[float, Callable[[], Awaitable[int]]]
"""Work that is done again and again, and the seconds between."""


class Upkeep:
    """Endless tasks; `replay` and `purge` can also be called by themselves."""

    def __init__(
        self,
        keeper: Keeper,
        database: Database,
        eraser: Eraser,
        kept: Retention,
        jobs: Sequence[Job] = (),
    ) -> None:
        """Keep records for so many days; do other jobs beside."""
        own: list[Job] = [
            (_REPLAY_EVERY, self.replay),
            (_PURGE_EVERY, self.purge),
            (erasure.EVERY, self.erase),
        ]
        self._jobs = [*own, *jobs]
        self._keeper, self._database = keeper, database
        self._eraser, self._kept = eraser, kept
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._every(*job)) for job in self._jobs]

    async def _every(self, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
        while True:
            try:
                await work()
            except StoreError as problem:
                UPKEEP_FAILURES.inc()
                logger.warning("Upkeep has to wait. %s", problem)
            except Exception as problem:
                UPKEEP_FAILURES.inc()
                # Whatever broke, the job must live on. What it says may hold a person's words.
                logger.error("A job of upkeep broke off: %s.", type(problem).__name__)
            await asyncio.sleep(seconds)

    async def replay(self) -> int:
        """Put what waits in the spill file into the log; raises StoreError."""
        return await self._keeper.replay()

    async def purge(self) -> int:
        """Delete what was kept long enough; `erase` does the rest of it. Raises StoreError.

        Returns:
            How many conversations.
        """
        deleted, now = 0, now_ms()
        while ids := await self._database.write(lambda c: retention.erase_due(c, self._kept, now)):
            deleted += len(ids)
        await self._database.write(lambda c: retention.delete_due(c, self._kept, now))
        return deleted

    async def erase(self) -> int:
        """Do what is left of erasures (desk.erasure); raises StoreError."""
        return await self._eraser.finish()

    async def stop(self) -> None:
        """End."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
