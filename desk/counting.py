"""The job that counts the days that are over, so that figures of months need no message.

A day is counted again for two weeks, at most once in six hours: calls are made, crises noted and
messages reviewed after it. Then it stands, also when its conversations have been deleted in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from center.facts import Center
from center.open_time import open_time
from desk.conversations import now_ms
from store import day_counts, handover
from store.counting import count_day, day_of
from store.database import Database
from store.tables.conversations import conversations

EVERY = 60.0
_TODAY_SHARE = 50
"""Today is counted again after so many times of what it took: a second in a minute, at most."""
_AGAIN_AFTER = 6 * 3_600_000
_SETTLES = 14
_AT_ONCE = 20
"""Days that are counted in one go; the first start with an old log needs several."""


class Counter:
    """Counts days."""

    def __init__(self, database: Database, center: Callable[[], Center], kept_days: int) -> None:
        """Count in the center's time zone.

        Args:
            database: The log.
            center: Tells the center, whose hours staff may have changed since the start.
            kept_days: Days that conversations are kept: older ones cannot be counted again.
        """
        self._database, self._center = database, center
        self._zone = ZoneInfo(center().time_zone)
        self._kept_days = kept_days
        self._today_after = 0.0

    async def count(self, now: int | None = None) -> int:
        """Count what is over and not counted, or may have changed; raises StoreError.

        Args:
            now: The present moment, in milliseconds; that of the clock where there is none.

        Returns:
            How many days.
        """
        at = now_ms() if now is None else now
        await self._count_today(at)
        days = await self._database.read(lambda c: list(self._due(c, at)))
        for day in days[:_AT_ONCE]:
            await self._count(day, at)
        before = at - self._kept_days * 86_400_000
        await self._database.write(lambda c: handover.forget(c, before))
        return len(days[:_AT_ONCE])

    async def _count_today(self, at: int) -> None:
        """Count the present day as far as it has come, so that pages need not."""
        begun = time.monotonic()
        if begun < self._today_after:
            return
        await self._count(datetime.fromtimestamp(at / 1000, self._zone).date(), at)
        self._today_after = begun + _TODAY_SHARE * (time.monotonic() - begun)

    async def _count(self, day: date, at: int) -> None:
        # Read beside the messages that come in meanwhile; the write is short.
        hours = self._center().hours
        opened = open_time(hours) if hours else None
        cells = await self._database.read(lambda c: count_day(c, day_of(day, self._zone), opened))
        await self._database.write(lambda c: day_counts.keep(c, day, cells, at))

    def _due(self, connection: Connection, at: int) -> Iterator[date]:
        today = datetime.fromtimestamp(at / 1000, self._zone).date()
        oldest = connection.execute(select(func.min(conversations.c.created_at))).scalar()
        if oldest is None:
            return
        first = datetime.fromtimestamp(oldest / 1000, self._zone).date()
        known = day_counts.counted(connection, first, today)
        for ago in range(1, (today - first).days + 1):
            day = today - timedelta(days=ago)
            when = known.get(day.isoformat())
            # What was counted while the day went on is no more than its beginning.
            whole = when is not None and when >= day_of(day, self._zone).end
            if not whole or (ago <= self._changes and at - (when or 0) >= _AGAIN_AFTER):
                yield day

    @property
    def _changes(self) -> int:
        """Days back that can be counted again: all their conversations are still there."""
        return min(_SETTLES, self._kept_days - 1)
