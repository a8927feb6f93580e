"""The clerk: writes down together what need not be written at once.

What became of a message is known to memory as well; a transaction of its own for each would keep
the next person's message waiting for the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy import Connection

from store.database import Database
from store.errors import StoreError

logger = logging.getLogger(__name__)

PAUSE = 0.1
"""Seconds for which writes are gathered."""
_AT_ONCE = 200

Work = Callable[[Connection], object]


class Clerk:
    """Gathers writes, each of which must bear to be done twice."""

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database = database
        self._works: list[tuple[Work, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    def write(self, work: Work) -> asyncio.Future[bool]:
        """Have something written soon; the future says whether it was."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._works.append((work, done))
        if self._task is None:
            self._task = asyncio.create_task(self._soon())
        return done

    async def _soon(self) -> None:
        await asyncio.sleep(PAUSE)
        try:
            await self._flush()
        finally:
            self._task = asyncio.create_task(self._soon()) if self._works else None

    async def _flush(self) -> None:
        batch, self._works = self._works[:_AT_ONCE], self._works[_AT_ONCE:]
        try:
            await self._database.write(lambda c: [work(c) for work, _ in batch])
        except StoreError:
            await self._one_by_one(batch)
            return
        except Exception as problem:
            # One of them is wrong; the others need not suffer.
            logger.error("Writes are done one by one: %s.", type(problem).__name__)
            await self._one_by_one(batch)
            return
        for _, done in batch:
            _tell(done, written=True)

    async def _one_by_one(self, batch: list[tuple[Work, asyncio.Future[bool]]]) -> None:
        for work, done in batch:
            try:
                await self._database.write(work)
            except Exception as problem:
                logger.warning("Something was not written down: %s.", type(problem).__name__)
                _tell(done, written=False)
            else:
                _tell(done, written=True)

    async def settle(self) -> None:
        """Wait until everything is written."""
        while self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


def _tell(done: asyncio.Future[bool], *, written: bool) -> None:
    if not done.done():
        done.set_result(written)
