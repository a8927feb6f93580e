"""The postman: takes to platforms what was said, and notes what became of it.

What a desk says it sends at once, from memory; whatever is left (staff's messages, lines beside a
turn, what a desk that ended did not send, what is to be tried again) is found in the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from desk.channels.clerk import Clerk
from desk.channels.contract import Channel, NotSentError, OptedOutError, Receipt, Rendered
from desk.conversations import Conversations, Live, now_ms
from desk.errors import NotTakenError
from desk.keeping import Keeper
from monitoring import trace
from store import contacts, deliveries
from store.contacts import Contact
from store.database import Database
from store.deliveries import Due, State
from store.errors import StoreError
from store.records import Alert, Entry, Message

logger = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two looks for what is due."""
AT_ONCE = 64
"""Messages that are on their way at a time, over all people."""
PAUSES = (2.0, 8.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0)
"""Seconds before each further try; after the last it is shown as failed."""
_URGENT = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""The same for crisis resources."""
_CLAIM = 60_000
_REMEMBERED = 20_000
_RESENT = 3
"""How often crisis resources that the network did not deliver are sent again."""
_RESEND_AFTER = 30_000
_PROVIDER = "provider"

Key = tuple[str, int]


@dataclass(slots=True)
class _Letter:
    contact: Contact
    message: Message
    rendered: Rendered
    tries: int
    at: int
    trace: str | None = field(default_factory=trace.current)

    @property
    def key(self) -> Key:
        return self.contact.conversation_id, self.message.seq

    @property
    def mark(self) -> str:
        return f"{self.contact.conversation_id}.{self.message.seq}"

    @property
    def urgent(self) -> bool:
        return self.message.kind == "crisis"


class Postman:
    """What goes out by channels of platforms."""

    def __init__(
        self,
        *,
        channels: Mapping[str, Channel],
        database: Database,
        clerk: Clerk,
        keeper: Keeper,
        conversations: Conversations,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        """Deliver by these channels; `clock` gives the moment in milliseconds."""
        self._channels, self._database, self._clerk = channels, database, clerk
        self._keeper = keeper
        self._conversations, self._clock = conversations, clock
        self._free = asyncio.Semaphore(AT_ONCE)
        self._bags: dict[str, deque[_Letter]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._under_way: set[Key] = set()
        self._sent: OrderedDict[Key, Receipt] = OrderedDict()
        self._early: OrderedDict[str, tuple[State, str | None]] = OrderedDict()
        self._later: set[asyncio.TimerHandle] = set()
        self._chores: set[asyncio.Task[None]] = set()

    def carry(self, live: Live, message: Message) -> None:
        """Take what is said in a conversation of this desk on its way, at once."""
        contact = live.contact
        if contact is None or contact.channel not in self._channels:
            return
        try:
            rendered = self._channels[contact.channel].render(message, contact)
        except Exception as problem:
            # It may not cost the turn, which may have resources to show; the next look tries again.
            logger.error("A message could not be rendered: %s.", type(problem).__name__)
            return
        live.contact = replace(contact, menu=rendered.menu, rest=rendered.rest)
        self._post(_Letter(contact, message, rendered, 0, message.at))

    def _post(self, letter: _Letter) -> None:
        conversation = letter.contact.conversation_id
        self._under_way.add(letter.key)
        self._bags.setdefault(conversation, deque()).append(letter)
        if conversation not in self._tasks:
            self._tasks[conversation] = asyncio.create_task(self._walk(conversation))

    async def _walk(self, conversation: str) -> None:
        bag = self._bags[conversation]
        try:
            while bag:
                letter = bag.popleft()
                trace.begin(letter.trace)
                try:
                    async with self._free:
                        await self._deliver(letter)
                except Exception as problem:
                    # Left to the next look; what the error says may hold words.
                    logger.error("A message could not be sent: %s.", type(problem).__name__)
                self._under_way.discard(letter.key)
        finally:
            self._bags.pop(conversation, None)
            self._tasks.pop(conversation, None)

    async def _deliver(self, letter: _Letter) -> None:
        channel, contact = self._channels[letter.contact.channel], letter.contact
        if self._is_refused(contact) or (
            contact.opted_out and not channel.may_leave(letter.message, contact)
        ):
            self._record(letter, "withheld", trouble="opted out")
            await self._unreached(letter)
            return
        try:
            receipt = await channel.send(contact.address, letter.rendered, letter.mark)
        except OptedOutError as problem:
            await self._has_opted_out(letter, problem.code)
        except NotSentError as problem:
            await self._not_sent(letter, problem)
        else:
            await self._taken(letter, receipt)

    def _is_refused(self, contact: Contact) -> bool:
        """Say whether the platform has refused a message to somebody since this one was written."""
        live = self._conversations.get(contact.conversation_id)
        known = live.contact if live is not None else None
        return known is not None and known.opted_out and known.out_by == _PROVIDER

    async def _taken(self, letter: _Letter, receipt: Receipt) -> None:
        self._sent[letter.key] = receipt
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)
        written = self._record(letter, "sent", receipt=receipt)
        written.add_done_callback(lambda _: self._hear_early(receipt.provider_id or ""))

    def _hear_early(self, provider_id: str) -> None:
        """Note what the platform said of a message before its row knew the platform's id."""
        early = self._early.pop(provider_id, None)
        if early is not None:
            task = asyncio.create_task(self._report_early(provider_id, *early))
            self._chores.add(task)
            task.add_done_callback(self._chores.discard)

    async def _report_early(self, provider_id: str, state: State, trouble: str | None) -> None:
        with suppress(StoreError):
            await self.report(provider_id, state, trouble)

    async def _has_opted_out(self, letter: _Letter, code: str) -> None:
        contact = letter.contact
        live = self._conversations.get(contact.conversation_id)
        if live is not None and live.contact is not None:
            live.contact = replace(live.contact, opted_out=True, out_by=_PROVIDER)
        with suppress(StoreError):
            await self._database.write(
                lambda c: contacts.opt_out(c, contact, self._clock(), _PROVIDER)
            )
        self._record(letter, "withheld", trouble=code)
        await self._unreached(letter)

    async def _not_sent(self, letter: _Letter, problem: NotSentError) -> None:
        if problem.maybe:
            found = await self._look_up(letter)
            if found is not None:
                await self._taken(letter, found)
                return
        pauses = _URGENT if letter.urgent else PAUSES
        if not problem.again or letter.tries >= len(pauses):
            logger.warning("A message was not delivered: %s.", problem.code)
            self._record(letter, "failed", trouble=problem.code)
            await self._unreached(letter)
            return
        if letter.tries == 0:
            # Staff need not wait for the last try to know that somebody at risk has nothing yet.
            await self._unreached(letter)
        pause = max(pauses[letter.tries], problem.after or 0.0)
        await self._again(letter, pause, problem.code)

    async def _look_up(self, letter: _Letter) -> Receipt | None:
        """Ask the platform whether it has taken a message after all: it is not sent twice."""
        channel, contact = self._channels[letter.contact.channel], letter.contact
        known = {each.provider_id for each in self._sent.values()}
        with suppress(StoreError):
            known |= await self._database.read(
                lambda c: deliveries.known_ids(c, contact.conversation_id)
            )
        try:
            found = await channel.find(contact.address, letter.rendered, letter.mark, letter.at)
        except NotSentError:
            return None
        return next((each for each in found if each.provider_id not in known), None)

    async def _again(self, letter: _Letter, pause: float, code: str) -> None:
        conversation, seq = letter.key
        now = self._clock()
        due = now + int(pause * 1000)
        try:
            await self._database.write(
                lambda c: deliveries.again(
                    c, conversation, seq, now, due=due, tries=letter.tries + 1, trouble=code
                )
            )
        except StoreError:
            # Nobody would find it: tried again from memory.
            letter.tries += 1
            self._once_more(letter, pause)

    def _once_more(self, letter: _Letter, pause: float) -> None:
        def post() -> None:
            self._later.discard(handle)
            self._post(letter)

        handle: asyncio.TimerHandle = asyncio.get_running_loop().call_later(pause, post)
        self._later.add(handle)

    def _record(
        self,
        letter: _Letter,
        state: State,
        *,
        receipt: Receipt | None = None,
        trouble: str | None = None,
    ) -> asyncio.Future[bool]:
        conversation, seq = letter.key
        rendered, offered = letter.rendered, letter.contact.menu or letter.contact.rest
        provider_id, at = receipt.provider_id if receipt else None, self._clock()

        def write(connection: Connection) -> None:
            deliveries.mark(
                connection,
                conversation,
                seq,
                state,
                at,
                provider_id=provider_id,
                trouble=trouble,
                tries=letter.tries + 1,
            )
            if state == "sent" and (rendered.menu or rendered.rest or offered):
                contacts.offer(connection, conversation, rendered.menu, rendered.rest)

        # Memory knows meanwhile that it was sent, see `deliver_due`; and its next message may go.
        return self._clerk.write(write)

    async def _unreached(self, letter: _Letter) -> None:
        """Tell staff where crisis resources have not reached somebody."""
        if letter.urgent:
            conversation, seq = letter.key
            await self.alarm(conversation, letter.contact.channel, seq)

    async def alarm(self, conversation: str, channel: str, seq: int) -> None:
        """Tell staff that somebody at risk cannot be reached by message."""
        now = self._clock()
        alert = Alert(seq, "unreachable", now)
        with suppress(NotTakenError):
            await self._keeper.keep(Entry(conversation, channel, now, alerts=(alert,)))

    async def deliver_due(self) -> int:
        """Send what is due in the database; raises StoreError."""
        now = self._clock()
        if not await self._database.read(lambda c: deliveries.waiting(c, now)):
            return 0
        due = await self._database.write(lambda c: deliveries.claim(c, now, until=now + _CLAIM))
        for each in due:
            await self._take_up(each, now)
        return len(due)

    async def _take_up(self, due: Due, now: int) -> None:
        contact, message = due.contact, due.message
        key = contact.conversation_id, message.seq
        channel = self._channels.get(contact.channel)
        if key in self._under_way or channel is None:
            return
        before = self._sent.get(key)
        if before is not None:
            letter = _Letter(contact, message, Rendered({}), due.tries, due.at)
            self._record(letter, "sent", receipt=before)
            return
        if not due.tries and message.kind != "crisis":
            heard = await self._database.read(
                lambda c: deliveries.last_heard(c, contact.conversation_id)
            )
            when = channel.leaves_at(message, heard, now)
            if when > now:
                await self._database.write(
                    lambda c: deliveries.again(
                        c, *key, now, due=when, tries=0, trouble=deliveries.QUIET_HOURS
                    )
                )
                return
        self._post(_Letter(contact, message, channel.render(message, contact), due.tries, due.at))

    async def report(self, provider_id: str, state: State, trouble: str | None) -> None:
        """Note what a platform says of a message, and send crisis resources again that were lost.

        Raises:
            StoreError: It could not be noted; the platform may say it again.
        """
        now = self._clock()
        found = await self._database.write(
            lambda c: deliveries.report(c, provider_id, state, now, trouble)
        )
        if found is None:
            self._early[provider_id] = (state, trouble)
            while len(self._early) > _REMEMBERED:
                self._early.popitem(last=False)
            return
        if not found.changed or state not in ("undelivered", "failed"):
            return
        message, conversation = found.message, found.contact.conversation_id
        if message.kind != "crisis":
            return
        await self.alarm(conversation, found.contact.channel, message.seq)
        if found.tries <= _RESENT:
            self._sent.pop((conversation, message.seq), None)
            await self._database.write(
                lambda c: deliveries.again(
                    c,
                    conversation,
                    message.seq,
                    now,
                    due=now + _RESEND_AFTER,
                    tries=found.tries,
                    trouble=trouble,
                )
            )

    async def settle(self) -> None:
        """Wait for what is on its way, a little; the rest is found in the database."""
        for handle in self._later:
            handle.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=5.0)
        for task in self._tasks.values():
            task.cancel()
        await self._clerk.settle()
