"""The mailroom: takes what platforms hand over, keeps it, and has it answered in order.

A platform is answered as soon as the arrival is in the database; then one task a person handles
what they wrote, one after the other. With the database down it is handled from memory at once:
crisis resources wait for nothing.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
from collections import OrderedDict, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from desk import lines as say
from desk.channels.clerk import Clerk
from desk.channels.contract import Arrival, Channel, Meant, NotSentError
from desk.channels.postman import Postman
from desk.conversations import Live, now_ms
from desk.errors import BusyError, NotTakenError, UnknownButtonError
from desk.inbound import LONGEST, Inbound, Line
from desk.limits import Limiter
from desk.lines import spoken_message
from desk.screening import Screening
from desk.settings import Rate
from desk.turn import Turns
from monitoring import trace
from store import arrivals, contacts, persons
from store.contacts import Contact
from store.database import Database
from store.errors import StoreError
from store.records import Entry

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks for arrivals that nobody handles, and between two claims of ours."""
_CLAIM = 30_000
"""Milliseconds that an arrival is ours; claimed again while it waits."""
_LIMIT = 0.5
"""Seconds that a platform waits for the database before the arrival is handled from memory."""
AT_ONCE = 8
"""People who are answered at a time; more would keep the platforms waiting. Whoever is at risk
waits for nobody."""
_REMEMBERED = 10_000
_KEPT_DAYS = 7
_AT_RISK = 24 * 3_600_000
"""Milliseconds for which words of risk count when somebody then opts out."""


@dataclass(slots=True)
class _Job:
    arrival: Arrival
    contact: Contact
    row: int | None
    """Its row; None when the database did not take it."""
    trace: str | None = field(default_factory=trace.current)


class Mailroom:
    """What comes in by channels of platforms."""

    def __init__(
        self,
        *,
        channels: Mapping[str, Channel],
        turns: Turns,
        postman: Postman,
        database: Database,
        clerk: Clerk,
        folder: Path,
        rate: Rate,
    ) -> None:
        """Take what comes; `folder` holds the key under which senders are hashed."""
        self.channels, self._turns, self._postman = channels, turns, postman
        self._database, self._clerk, self._rate = database, clerk, Limiter(rate)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._key = persons.identity_key(folder)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._out: dict[str, tuple[Contact, int, str]] = {}
        """Opt-outs that are not in the database yet."""
        self._waiting: dict[str, deque[_Job]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def contact(self, channel: str, arrival: Arrival) -> Contact:
        """Return who has written; the conversation's id follows from theirs and a key."""
        words = f"conversation\0{channel}\0{arrival.sender}".encode()
        raw = hmac.new(self._key, words, hashlib.sha256).digest()
        conversation = base64.urlsafe_b64encode(raw)[:22].decode("ascii")
        digest = persons.identity_under(self._key, channel, arrival.sender)
        return Contact(conversation, channel, digest, dict(arrival.address))

    async def take(self, channel: str, arrival: Arrival) -> bool:
        """Keep an arrival and have it handled; return whether it is new."""
        mark = f"{channel}\0{arrival.platform_id}"
        if mark in self._seen:
            return False
        self._remember(mark)
        contact, now = self.contact(channel, arrival), now_ms()
        try:
            kept = await self._database.write(
                lambda c: arrivals.take(
                    c,
                    contact,
                    arrival.sender,
                    arrival.platform_id,
                    arrival.plain(),
                    at=now,
                    until=now + _CLAIM,
                    media=arrival.media,
                ),
                limit=_LIMIT,
            )
        except StoreError as problem:
            logger.error("A message is handled from memory. %s", problem)
            self._put(_Job(arrival, contact, None))
            return True
        if kept is None:
            return False
        self._put(_Job(arrival, kept.contact, kept.id))
        return True

    def _remember(self, mark: str) -> None:
        self._seen[mark] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def _put(self, job: _Job) -> None:
        conversation = job.contact.conversation_id
        self._waiting.setdefault(conversation, deque()).append(job)
        if conversation not in self._tasks:
            self._tasks[conversation] = asyncio.create_task(self._work(conversation))

    async def _work(self, conversation: str) -> None:
        waiting = self._waiting[conversation]
        try:
            while waiting:
                job = waiting[0]
                # This task may have begun with another message, or with a look at what was left.
                trace.begin(job.trace)
                try:
                    await self._handle(job)
                except Exception as problem:
                    # One message must not hold up the next. What the error says may hold words.
                    logger.error("A message could not be handled: %s.", type(problem).__name__)
                waiting.popleft()
        finally:
            self._waiting.pop(conversation, None)
            self._tasks.pop(conversation, None)

    async def _handle(self, job: _Job) -> None:
        person = job.contact.conversation_id
        screening = await self._turns.screener.screen(job.arrival.text[:LONGEST], person)
        if screening.crisis:
            await self._handle_screened(job, screening)
            return
        async with self._free:
            await self._handle_screened(job, screening)

    async def _handle_screened(self, job: _Job, screening: Screening) -> None:
        channel, arrival = self.channels[job.contact.channel], job.arrival
        live = await self._turns.open(job.contact.conversation_id, channel.name)
        contact = await self._now(live, job.contact)
        text = arrival.text[:LONGEST]
        bare = Inbound(_client_id(channel.name, arrival.platform_id), text)
        screening = await self._turns.in_course(live.id, bare, screening)
        meant = channel.read(arrival, contact, screening)
        live.contact = contact if meant.keeps_menu else replace(contact, menu={}, rest=None)
        live.carrier = self._postman.carry
        if not screening.crisis and not self._rate.allows(live.id):
            await self._too_many(live, job)
            return
        if meant.opts_out:
            await self._opt_out(live, meant, screening)
        if meant.opts_in:
            await self._opt_in(live)
        inbound = replace(bare, text=meant.text, button=meant.button)
        # As it was screened, unless its channel reads something else of it.
        seen = screening if meant.text.strip() == text.strip() and not meant.button else None
        await self._answer(live, inbound, meant, seen)
        if meant.opts_out and live.contact is not None:
            live.contact = replace(live.contact, opted_out=True)
        self._done(job)

    async def _now(self, live: Live, contact: Contact) -> Contact:
        """Return who somebody is by now: earlier messages of theirs may have changed it."""
        known = live.contact
        try:
            stored = await self._database.read(lambda c: contacts.find(c, live.id), limit=_LIMIT)
        except StoreError:
            return known or contact
        contact = stored or contact
        if live.id in self._out:
            contact = replace(contact, opted_out=True)
        if known is None:
            return contact
        # The newest offers may not be stored yet.
        return replace(contact, menu=known.menu, rest=known.rest, told=contact.told or known.told)

    async def _answer(
        self, live: Live, inbound: Inbound, meant: Meant, seen: Screening | None
    ) -> None:
        inbound = replace(inbound, lines=meant.lines, silent=meant.silent)
        try:
            await self._turns.handle(live.id, inbound, channel=live.channel, screening=seen)
        except UnknownButtonError:
            # What was offered is forgotten: its title is read instead.
            words = replace(inbound, text=inbound.text or meant.title, button=None)
            await self._turns.handle(live.id, words, channel=live.channel)
        except (NotTakenError, BusyError):
            self._not_taken(live)
            return
        if not meant.silent and live.owner != "human" and (meant.after or not meant.lines):
            await self._after(live, meant)

    def _not_taken(self, live: Live) -> None:
        logger.error("A message could not be kept; its sender is told.")
        lines = self._turns.lines
        spoken = lines.say(say.NOT_TAKEN, channel=live.channel)
        live.pass_on(
            spoken_message(spoken, seq=live.next_seq(), at=now_ms(), kind="safe", reply_to=None)
        )

    async def _after(self, live: Live, meant: Meant) -> None:
        """Say what follows an answer; once, after the first, what must be known of the channel."""
        contact = live.contact
        notice = self.channels[live.channel].notice(contact) if contact else None
        for line in (*meant.after, *((notice,) if notice else ())):
            await self._say(live, line)
        if notice is not None and contact is not None:
            live.contact = replace(live.contact or contact, told=True)
            now = now_ms()
            self._clerk.write(lambda c: contacts.told(c, live.id, now))

    async def _say(self, live: Live, line: Line) -> None:
        said = spoken_message(
            self._turns.lines.say(line.answer_id, channel=live.channel, language=live.language),
            seq=live.next_seq(),
            at=now_ms(),
            kind="notice",
            reply_to=None,
            sender="system",
        )
        with suppress(NotTakenError):
            await self._turns.keeper.keep(
                Entry(live.id, live.channel, said.at, (said,), known=live.stored)
            )
        live.pass_on(said)

    async def _too_many(self, live: Live, job: _Job) -> None:
        """Say that it was too much, at most once a minute; what was written is not handled."""
        now = now_ms()
        if now - live.limited_at > 60_000 and not (live.contact and live.contact.opted_out):
            live.limited_at = now
            spoken = self._turns.lines.say(say.RATE_LIMITED, channel=live.channel)
            live.pass_on(
                spoken_message(spoken, seq=live.next_seq(), at=now, kind="notice", reply_to=None)
            )
        self._done(job)

    async def _opt_out(self, live: Live, meant: Meant, screening: Screening) -> None:
        contact, now = live.contact, now_ms()
        if contact is None or meant.opts_out is None:
            return
        self._out[live.id] = (contact, now, meant.opts_out)
        try:
            await self._store_opt_outs()
        except StoreError as problem:
            logger.error("That somebody wants no messages is known to memory alone. %s", problem)
        if not meant.lines:
            live.contact = replace(contact, opted_out=True)
        if screening.crisis or _recent_risk(live, now):
            await self._postman.alarm(live.id, live.channel, live.next_seq())

    async def _store_opt_outs(self) -> None:
        for conversation, (contact, at, how) in list(self._out.items()):
            await self._database.write(partial(_opt_out, contact, at, how))
            self._out.pop(conversation, None)

    async def _opt_in(self, live: Live) -> None:
        contact, now = live.contact, now_ms()
        if contact is None:
            return
        live.contact = replace(contact, opted_out=False, out_by=None)
        self._out.pop(live.id, None)
        with suppress(StoreError):
            await self._database.write(lambda c: contacts.opt_in(c, contact, now))

    def _done(self, job: _Job) -> None:
        row = job.row
        if row is not None:
            # Handled twice, it would be answered as before: the turn knows the platform's id.
            now = now_ms()
            self._clerk.write(lambda c: arrivals.handled(c, row, now))

    async def look_after(self) -> int:
        """Handle what a desk that has ended left behind, and keep what waits here; StoreError."""
        now = now_ms()
        await self._store_opt_outs()
        mine = [job.row for jobs in self._waiting.values() for job in jobs if job.row is not None]
        if mine:
            await self._database.write(lambda c: arrivals.hold(c, mine, now + _CLAIM))
        if not await self._database.read(lambda c: arrivals.waiting(c, now)):
            return 0
        left = await self._database.write(lambda c: arrivals.claim(c, now, until=now + _CLAIM))
        for kept in left:
            if kept.id not in mine and kept.contact.channel in self.channels:
                self._remember(f"{kept.contact.channel}\0{kept.platform_id}")
                self._put(_Job(Arrival.from_plain(kept.content), kept.contact, kept.id))
        return len(left)

    async def delete_media(self) -> int:
        """Delete at the platforms the pictures that people have sent; raises StoreError."""
        done = 0
        for name, channel in self.channels.items():
            for row, ids in await self._database.read(partial(_media, name)):
                try:
                    await channel.delete_media(ids)
                except NotSentError as problem:
                    logger.warning("A picture stays at the platform: %s.", problem.code)
                    if problem.again:
                        return done
                await self._database.write(partial(_media_gone, row))
                done += 1
        return done

    async def forget(self) -> int:
        """Forget ids of what was handled long ago; raises StoreError."""
        before = now_ms() - _KEPT_DAYS * 86_400_000
        return await self._database.write(lambda c: arrivals.forget(c, before))

    async def settle(self) -> None:
        """Wait for what is being handled, and until it is written down."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._clerk.settle()


def _client_id(channel: str, platform_id: str) -> str:
    """Return an id as turns take it; a platform's may be longer, or hold other signs."""
    return hashlib.sha256(f"{channel}\0{platform_id}".encode()).hexdigest()[:32]


def _recent_risk(live: Live, now: int) -> bool:
    return any(each.risk is not None and now - each.at <= _AT_RISK for each in live.course.heard)


def _opt_out(contact: Contact, at: int, how: str, connection: Connection) -> None:
    contacts.opt_out(connection, contact, at, how)


def _media(channel: str, connection: Connection) -> list[tuple[int, list[str]]]:
    return arrivals.media(connection, channel)


def _media_gone(row: int, connection: Connection) -> None:
    arrivals.media_gone(connection, row)
