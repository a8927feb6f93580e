"""What time brings: an apology for a long wait, a reminder to staff, the end of a snooze."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from sqlalchemy import Connection

from desk.conversations import now_ms
from desk.handoff import texts
from desk.lines import Lines, spoken_message
from store import changes, languages, overdue
from store.database import Database

EVERY = 5.0
"""Seconds between two looks."""
_MINUTE = 60_000


class Clock:
    """Does what is due; all of it bears to be done by several desks."""

    def __init__(self, lines: Lines, database: Database, clock: Callable[[], int] = now_ms) -> None:
        """Take the limits from the center's facts; `clock` gives the moment in milliseconds."""
        self._lines, self._database, self._clock = lines, database, clock
        self._limits = lines.center.handoff

    async def tick(self) -> int:
        """Do what is due now, and return how many people were told that their wait is long.

        Raises:
            StoreError: The log did not take it; the next tick will do it.
        """
        now, minutes = self._clock(), self._limits.answer_minutes
        if await self._database.read(lambda c: overdue.anything_due(c, now, minutes)):
            await self._database.write(lambda c: _overdue(c, now, minutes))
        return await self._apologise(now)

    async def _apologise(self, now: int) -> int:
        before = now - self._limits.wait_minutes * _MINUTE
        if not self._counts(before, now):
            return 0
        found = await self._database.read(lambda c: changes.waits_too_long(c, before, texts.LATE))
        if found:
            await self._database.write(lambda c: self._told(c, before, now))
        return len(found)

    def _counts(self, before: int, now: int) -> bool:
        """Say whether a wait since a moment is long: closed hours do not count."""
        hours = self._lines.center.hours
        if hours is None:
            return True
        opened = hours.opened(datetime.fromtimestamp(now / 1000, timezone.utc))
        return opened is not None and opened.timestamp() * 1000 <= before

    def _told(self, connection: Connection, before: int, now: int) -> None:
        # Looked up again where it is written: another desk may have said it meanwhile.
        for conversation_id, channel in changes.waits_too_long(connection, before, texts.LATE):
            language = languages.language_of(connection, conversation_id)
            line = spoken_message(
                self._lines.say(texts.LATE, channel=channel, language=language),
                seq=changes.next_number(connection, conversation_id, now),
                at=now,
                kind="notice",
                reply_to=None,
                sender="system",
            )
            changes.add_line(connection, conversation_id, line)


def _overdue(connection: Connection, now: int, minutes: int) -> None:
    overdue.wake_due(connection, now)
    overdue.unanswered_due(connection, now, minutes)
