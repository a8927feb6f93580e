"""Delivers notices from the outbox: one worker for each place, so that none waits for another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection

from desk.alerting.config import Alerting
from desk.alerting.limits import AT_ONCE, NotDeliveredError
from desk.alerting.line import Direct, Line, hand_over, key_of, pause
from desk.alerting.senders import sender_for
from desk.alerting.wording import link_to
from desk.conversations import now_ms
from store import alert_places, outbox, reminders, waits
from store.database import Database
from store.errors import StoreError
from store.outbox import Notice
from store.records import Entry, is_drill

logger = logging.getLogger(__name__)

LEASE = 20_000
"""Milliseconds after which others may deliver what a desk has claimed; above a sender's limit."""
_LOOK_EVERY = 1.0
_STORE_LIMIT = 5.0
_TRIES_TO_REGISTER = 20
_ENDING = 3.0


class Courier:
    """Takes notices to their places until each has taken them."""

    def __init__(
        self, alerting: Alerting, database: Database, clock: Callable[[], int] = now_ms
    ) -> None:
        """Deliver to the places of alerts.yml; make it inside the event loop."""
        self._alerting, self._database, self._clock = alerting, database, clock
        self._duty = alerting.duty
        link = link_to(alerting.console_url)
        self._lines = {
            place.name: Line(place, sender_for(place, link)) for place in alerting.places
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = False

    async def register(self) -> None:
        """Tell the store which places there are, so that every alert is queued for them.

        Raises:
            StoreError: The database stayed locked.
        """
        alerting, after = self._alerting, self._duty.after(self._clock())

        def work(connection: Connection) -> None:
            alert_places.set_places(connection, alerting.kinds, alerting.told_of)
            alert_places.set_duty(connection, after)

        for tried in range(_TRIES_TO_REGISTER):
            try:
                return await self._database.write(work)
            except StoreError:
                # Each try has waited for the lock; another desk may be starting, too.
                if tried == _TRIES_TO_REGISTER - 1:
                    raise
        return None

    def start(self) -> None:
        """Begin to deliver."""
        self._tasks = [asyncio.create_task(self._work(line)) for line in self._lines.values()]

    def noticed(self, entry: Entry, *, logged: bool) -> None:
        """Hear of an entry with alerts.

        Args:
            entry: What was to be written.
            logged: Whether the database took it. If not, its alerts are delivered from memory;
                when they come through the outbox later, they are not sent again.
        """
        if not logged:
            self._hear_directly(entry)
        for line in self._lines.values():
            line.wake.set()

    def _hear_directly(self, entry: Entry) -> None:
        who, drill = self._duty.audience(self._clock()), is_drill(entry.conversation_id)
        for alert in entry.alerts:
            notice = Notice(
                conversation_id=entry.conversation_id,
                seq=alert.seq,
                kind=alert.kind,
                repeat=0,
                channel=entry.channel,
                at=alert.at,
                category=alert.category,
                tier=alert.tier,
            )
            for name in who.of(alert.kind, drill=drill):
                self._lines[name].direct.setdefault(key_of(notice), Direct(notice))

    def responsible(self) -> frozenset[str] | None:
        """Return the places of those on duty now; None without a rota: nobody knows."""
        return self._duty.responsible(self._clock())

    async def _work(self, line: Line) -> None:
        while not self._ending:
            line.wake.clear()
            busy = 0
            try:
                busy = await self.deliver(line.place.name)
            except StoreError as problem:
                logger.warning("Alerts in the outbox have to wait. %s", problem)
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(line.wake.wait(), _LOOK_EVERY)

    async def deliver(self, place: str) -> int:
        """Try what is due at one place.

        Returns:
            How many notices were tried; call again until there are none.

        Raises:
            StoreError: The outbox cannot be read; what is in memory was tried.
        """
        line, now = self._lines[place], self._clock()
        direct = [each for each in line.direct.values() if each.due <= now][:AT_ONCE]
        await asyncio.gather(*(self._send_direct(line, each) for each in direct))
        # Looking is cheap, claiming takes the right to write from those who log messages.
        waits = await self._database.read(
            lambda c: outbox.waiting(c, place, now), limit=_STORE_LIMIT
        )
        if not waits:
            return len(direct)
        claimed = await self._database.write(
            lambda c: outbox.claim(c, place, now, until=now + LEASE, count=AT_ONCE),
            limit=_STORE_LIMIT,
        )
        sent = [self._send(line, notice) for notice in claimed]
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        return len(direct) + len(claimed)

    async def _send_direct(self, line: Line, direct: Direct) -> None:
        try:
            await hand_over(line.sender, direct.notice)
        except NotDeliveredError as problem:
            direct.due, direct.tries = self._clock() + pause(direct.tries), direct.tries + 1
            self._report(line, str(problem))
        else:
            line.remember(key_of(direct.notice))
            self._report(line, None)

    async def _send(self, line: Line, notice: Notice) -> None:
        name, key = line.place.name, key_of(notice)
        trouble: str | None = None
        try:
            if key not in line.done:
                trouble = await hand_over(line.sender, notice)
        except NotDeliveredError as problem:
            now, again, why = self._clock(), self._clock() + pause(notice.tries), str(problem)
            self._report(line, why)
            await self._database.write(
                lambda c: outbox.failed(c, notice, name, now, again=again, trouble=why),
                limit=_STORE_LIMIT,
            )
            return
        line.remember(key)
        self._report(line, None)
        now = self._clock()
        await self._database.write(
            lambda c: outbox.sent(c, notice, name, now, trouble), limit=_STORE_LIMIT
        )

    @staticmethod
    def _report(line: Line, trouble: str | None) -> None:
        """Log that a place fails, or works again, once and not for every notice."""
        if trouble and not line.failing:
            logger.error("Alerts do not reach `%s`: %s. They are kept.", line.place.name, trouble)
        if not trouble and line.failing:
            logger.warning("Alerts reach `%s` again.", line.place.name)
        line.failing = bool(trouble)

    async def repeat(self) -> int:
        """Queue again what nobody has answered in time, for whom is responsible by now.

        Returns:
            How many alerts were queued.

        Raises:
            StoreError: The database did not take it; the next call does the same.
        """
        now, pace = self._clock(), self._alerting.pace
        after = self._duty.after(now)

        def changed(connection: Connection) -> bool:
            return any(
                minutes != after.get(name)
                for name, minutes in alert_places.duty(connection).items()
            )

        def needed(connection: Connection) -> bool:
            return bool(
                changed(connection)
                or waits.ended(connection)
                or reminders.due_again(connection, now, pace)
            )

        def work(connection: Connection) -> int:
            if changed(connection):
                alert_places.set_duty(connection, after)
            waits.end_waits(connection, now)
            return reminders.repeat(connection, now, pace)

        if not await self._database.read(needed, limit=_STORE_LIMIT):
            return 0
        queued = await self._database.write(work, limit=_STORE_LIMIT)
        for line in self._lines.values():
            line.wake.set()
        return queued

    async def stop(self) -> None:
        """End; what is being sent is given a moment, the rest stays in the outbox."""
        self._ending = True
        for line in self._lines.values():
            line.wake.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_ENDING)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in self._lines.values():
            await line.sender.close()
