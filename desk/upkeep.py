"""What the desk does by the way: replays the spill file, deletes what was kept long enough.

Other jobs, such as the repeats of alerts and the drill, are given to it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from desk.brain_client import Brain
from desk.conversations import Conversations, now_ms
from desk.errors import BrainError
from desk.keeping import Keeper
from store import log
from store.database import Database
from store.errors import StoreError

logger = logging.getLogger(__name__)

_REPLAY_EVERY = 3.0
_PURGE_EVERY = 3600.0
_DAY = 86_400_000
_FORGET_LIMIT = 5.0


Job = tuple[float, Callable[[], Awaitable[int]]]
"""Work that is done again and again, and the seconds between."""


class Upkeep:
    """Endless tasks; `replay` and `purge` can also be called by themselves."""

    def __init__(
        self,
        keeper: Keeper,
        database: Database,
        brain: Brain,
        conversations: Conversations,
        days: int,
        jobs: Sequence[Job] = (),
    ) -> None:
        """Keep conversations for so many days after their last message; do other jobs beside."""
        self._jobs = [(_REPLAY_EVERY, self.replay), (_PURGE_EVERY, self.purge), *jobs]
        self._keeper, self._database = keeper, database
        self._brain, self._conversations, self._days = brain, conversations, days
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._every(*job)) for job in self._jobs]

    async def _every(self, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
        while True:
            try:
                await work()
            except StoreError as problem:
                logger.warning("Upkeep has to wait. %s", problem)
            except Exception as problem:
                # Whatever broke, the job must live on. What it says may hold a person's words.
                logger.error("A job of upkeep broke off: %s.", type(problem).__name__)
            await asyncio.sleep(seconds)

    async def replay(self) -> int:
        """Put what waits in the spill file into the log; raises StoreError."""
        return await self._keeper.replay()

    async def purge(self) -> int:
        """Delete conversations past their time, here and in the brain; raises StoreError."""
        before, deleted = now_ms() - self._days * _DAY, 0
        while ids := await self._database.write(lambda c: log.purge(c, before)):
            for conversation_id in ids:
                self._conversations.drop(conversation_id)
                await self._forget(conversation_id)
            deleted += len(ids)
        return deleted

    async def _forget(self, conversation_id: str) -> None:
        try:
            await self._brain.forget(conversation_id, _FORGET_LIMIT)
        except BrainError as problem:
            # The brain keeps no text past its session; the rest is overwritten in time.
            logger.warning("The brain did not forget a conversation: %s.", problem)

    async def stop(self) -> None:
        """End."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
