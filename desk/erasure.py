"""Ends what the database alone cannot: nothing erased stays in memory, in files, in the brain."""

from __future__ import annotations

import logging

from desk.brain_client import Brain
from desk.conversations import Conversations, now_ms
from desk.errors import BrainError
from store import erasing
from store.compacting import compact
from store.database import Database
from store.erasing import Pending
from store.spill import Erased, Spill

logger = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks."""
_FORGET_LIMIT = 5.0


class Eraser:
    """One desk's part in erasing; every desk has its own memory and spill file."""

    def __init__(
        self, database: Database, brain: Brain, conversations: Conversations, spill: Spill
    ) -> None:
        """Look after these."""
        self._database, self._brain = database, brain
        self._conversations, self._spill = conversations, spill
        self._last = self._compacted = 0

    async def finish(self) -> int:
        """Do what is left of erasures, and return how many have come to their end.

        Raises:
            StoreError: The database or a file did not take it; what is left is tried again.
        """
        await self._own()
        waiting = await self._database.read(erasing.pending)
        if not waiting:
            return 0
        done = [each.id for each in waiting if await self._forgotten(each)]
        await self._overwrite(waiting[-1].id)
        if done:
            await self._database.write(lambda c: erasing.finished(c, done, now_ms()))
            # The ids that were just taken out lie in the log of writes.
            await compact(self._database, ["erasures"])
        return len(done)

    async def _overwrite(self, newest: int) -> None:
        """Overwrite what was erased, once: the brain may be away for long."""
        if newest > self._compacted:
            await compact(self._database)
            self._compacted = newest

    async def _own(self) -> None:
        """Clean this desk's memory and spill file of what was erased since it last looked."""
        while rows := await self._database.read(lambda c: erasing.after(c, self._last)):
            digests = {digest for _, digest, _ in rows}
            for conversation_id in self._conversations.ids():
                if erasing.digest_of(conversation_id) in digests:
                    self._conversations.drop(conversation_id)
            await self._spill.erase(self._erased)
            self._last = rows[-1][0]

    async def _erased(self, ids: frozenset[str]) -> Erased:
        return await self._database.read(lambda c: erasing.among(c, ids))

    async def _forgotten(self, erased: Pending) -> bool:
        try:
            await self._brain.forget(erased.conversation_id, _FORGET_LIMIT)
        except BrainError as problem:
            logger.warning("The brain did not forget a conversation yet: %s.", problem)
            return False
        return True
