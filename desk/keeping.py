"""Keeps what was said: in the log, or on disk beside it while the log cannot be written."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from desk.alerting.known import Known, staff_were_told
from desk.errors import NotTakenError
from desk.metrics.figures import SPILLED
from store import feed, log, staff_messages
from store.database import Database
from store.errors import StoreError
from store.log import Answered
from store.records import Entry, Message, Ownership, Standing
from store.spill import Spill

logger = logging.getLogger(__name__)

LIMIT = 0.3
"""Seconds that a message waits for the log before it goes to the spill file."""
LATE = 60_000
"""How far below a number, in milliseconds, staff's may lie that came after it."""


class Notified(Protocol):
    """Who hears of alerts as they come; desk.alerting.courier.Courier."""

    def noticed(self, entry: Entry, *, logged: bool) -> None:
        """Hear of an entry with alerts, and whether the database has it."""

    def responsible(self) -> frozenset[str] | None:
        """Return the places of those on duty now, or None where nobody knows."""


class Keeper:
    """The desk's way to the log."""

    def __init__(self, database: Database, spill: Spill, courier: Notified | None = None) -> None:
        """Write to the database, or else to the spill file; tell the courier of alerts."""
        self._database, self._spill, self._courier = database, spill, courier

    async def take(self, entry: Entry) -> Ownership | Answered | None:
        """Put a visitor's message, the first of the entry, in the log.

        Returns:
            Who owns the conversation; what the message was answered, if the log had it already;
            None when it went to the spill file.

        Raises:
            NotTakenError: Neither took it.
        """
        try:
            taken = await self._database.write(lambda c: log.take(c, entry), limit=LIMIT)
        except StoreError as problem:
            await self._spill_it(entry, problem)
            return None
        self._tell(entry, logged=True)
        return taken

    async def staff_were_told(self, conversation_id: str) -> Known:
        """Say whether staff know of a conversation's alerts (desk.alerting.known)."""
        responsible = self._courier.responsible() if self._courier else None
        return await staff_were_told(self._database, conversation_id, responsible)

    async def keep(self, entry: Entry) -> bool:
        """Put an entry in the log.

        Returns:
            Whether it is there; False when it went to the spill file.

        Raises:
            NotTakenError: Neither took it.
        """
        try:
            await self._database.write(lambda c: log.write(c, entry), limit=LIMIT)
        except StoreError as problem:
            await self._spill_it(entry, problem)
            return False
        self._tell(entry, logged=True)
        return True

    async def finish(
        self, entry: Entry, unless_owned: frozenset[int]
    ) -> tuple[Ownership | None, Entry]:
        """Put in the log how a turn ended; see store.log.finish.

        Returns:
            Who owns the conversation now, None when it went to the spill file; and the entry as
            it was written.

        Raises:
            NotTakenError: Neither took it.
        """
        try:
            found = await self._database.write(
                lambda c: log.finish(c, entry, unless_owned), limit=LIMIT
            )
        except StoreError as problem:
            await self._spill_it(entry, problem)
            return None, entry
        self._tell(entry, logged=True)
        return found

    def _tell(self, entry: Entry, *, logged: bool) -> None:
        if entry.alerts and self._courier is not None:
            self._courier.noticed(entry, logged=logged)

    async def _spill_it(self, entry: Entry, problem: StoreError) -> None:
        # Staff are told of a crisis though the log is out of order, and though the disk is full.
        self._tell(entry, logged=False)
        logger.error("The log was not written, the spill file is used. %s", problem)
        SPILLED.inc()
        try:
            await self._spill.add(replace(entry, known=False))
        except StoreError as worse:
            logger.error("Nothing could be kept. %s", worse)
            raise NotTakenError from worse

    async def find(
        self, conversation_id: str, client_id: str | None
    ) -> tuple[Standing | None, Answered | None]:
        """Return how a conversation stands, and what a message of it was answered.

        Raises:
            StoreError: The log did not say in time.
        """
        return await self._database.read(
            lambda c: (
                log.standing(c, conversation_id),
                log.answered(c, conversation_id, client_id) if client_id else None,
            ),
            limit=LIMIT,
        )

    async def after(self, conversation_id: str, seq: int) -> list[Message]:
        """Return the logged messages of a conversation that follow `seq`; raises StoreError."""
        return await self._database.read(
            lambda c: log.messages_after(c, conversation_id, seq), limit=5.0
        )

    async def late(self, conversation_id: str, seq: int) -> list[Message]:
        """Return what staff wrote a little below `seq` (store.log.numbered_late)."""
        return await self._database.read(
            lambda c: log.numbered_late(c, conversation_id, seq, LATE), limit=5.0
        )

    async def delivered(self, conversation_id: str, messages: Iterable[Message]) -> None:
        """Note that the person's page was sent what staff wrote, where that is not known yet."""
        seqs = [each.seq for each in messages if each.sender == "staff" and not each.delivered_at]
        if not seqs:
            return
        at = time.time_ns() // 1_000_000
        # Asked again when the page asks again.
        with suppress(StoreError):
            await self._database.write(
                lambda c: staff_messages.delivered(c, conversation_id, seqs, at), limit=LIMIT
            )

    async def tell_staff(self, conversation_id: str, kind: feed.Kind) -> None:
        """Tell the console of something that holds for a moment, such as that the person types."""
        at = time.time_ns() // 1_000_000
        # It is no loss: the next one tells.
        with suppress(StoreError):
            await self._database.write(
                lambda c: feed.publish(c, conversation_id, kind, at, sender="visitor"), limit=LIMIT
            )

    async def replay(self) -> int:
        """Put what waits in the spill file into the log; raises StoreError."""
        if not self._spill.waiting:
            return 0
        return await self._spill.replay(
            lambda entry: self._database.write(lambda c: log.replay(c, entry), limit=5.0)
        )
