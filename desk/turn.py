"""Turns from end to end: screen, log, owner, brain, log, deliver. Knows no web server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from desk.asked import route_of
from desk.callbacks.steps import START as ASKS_FOR_CALL
from desk.callbacks.turns import Callbacks
from desk.composing import Composer
from desk.conversations import Conversations, Live, now_ms
from desk.errors import BusyError, NotTakenError, UnknownButtonError
from desk.inbound import Inbound
from desk.keeping import Keeper
from desk.lines import Lines
from desk.metrics import figures
from desk.one_turn import OneTurn, Outcome, Queues, greeting
from desk.risk_replies import alerts, queue_reason
from desk.screening import Screener, Screening
from language.detect import language_of
from safety.course import Course
from safety.replies import CHOSEN
from store import log
from store.database import Database, warm_up
from store.errors import StoreError
from store.log import Answered
from store.records import Entry, Message, Reading

__all__ = ["Outcome", "Turns"]

_WAITING_TURNS = 8
"""Messages of one conversation that may wait for the ones before them."""


_TYPES_EVERY = 2_000
"""Milliseconds between two notes that somebody types."""
_ALARMED_EVERY = 60_000
"""Milliseconds between alerts for messages of one conversation that were turned away."""
# Loads the language models, which costs the first Spanish message a tenth of a second.
_SPANISH = "cuanto cuesta el programa"


class Turns:
    """Takes turns, one at a time per conversation."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        keeper: Keeper,
        screener: Screener,
        lines: Lines,
        composer: Composer,
        callbacks: Callbacks,
        topics: frozenset[str],
        waiting: int = 64,
    ) -> None:
        """Work with these parts.

        Args:
            conversations: Those in memory.
            keeper: The way to the log.
            screener: Looks for risk.
            lines: What the desk says.
            composer: Finds the replies.
            callbacks: The form for a call.
            topics: Buttons that every conversation is offered.
            waiting: Messages of all conversations that may wait for the brain.
        """
        self.queues = Queues(waiting)
        self.conversations, self.keeper, self.screener = conversations, keeper, screener
        self._lines, self._composer, self._callbacks = lines, composer, callbacks
        # Whoever says that they are not safe is heard, also while nobody can read what was offered.
        self._topics = topics | {ASKS_FOR_CALL} | CHOSEN.keys()

    async def begin(self, conversation_id: str, channel: str = "web") -> list[Message]:
        """Begin a conversation: the greeting, which says that it is automated."""
        live = self.conversations.add(Live(conversation_id, channel))
        said = greeting(self._lines, channel, live.next_seq())
        try:
            entry = Entry(live.id, live.channel, said.at, (said,))
            live.stored = await self.keeper.keep(entry)
        except NotTakenError:
            # Said all the same; the first message will tell whether anything can be kept.
            live.stored = False
        live.pass_on(said)
        return [said]

    async def handle(
        self,
        conversation_id: str,
        inbound: Inbound,
        *,
        channel: str = "web",
        screening: Screening | None = None,
    ) -> Outcome:
        """Answer one message.

        Args:
            conversation_id: Whose message it is; the conversation need not have begun.
            inbound: What was sent. An id that was sent before is answered as before.
            channel: "web" or "sms".
            screening: What the screen said of it, if it was asked already.

        Raises:
            UnknownButtonError: A button that was not offered.
            BusyError: Too many messages of this conversation wait.
            NotTakenError: The message could not be kept, and so counts as never sent.
        """
        if screening is None:
            group = inbound.network or conversation_id
            screening = await self.screener.screen(inbound.text, group)
        live, before = await self._open(conversation_id, channel, inbound.client_id)
        screening = await self._in_course(live.course, inbound, screening, live.id)
        known = before or live.finished.get(inbound.client_id)
        if known is not None:
            return known
        running = live.running.get(inbound.client_id)
        if running is None:
            running = self._start(live, inbound, screening)
        # A client that hangs up ends its request, never the turn.
        return await asyncio.shield(running)

    async def alarm(self, conversation_id: str, screening: Screening, channel: str = "web") -> None:
        """Tell staff of a risk in a message that was not taken; the message itself is not kept."""
        live, _ = await self._open(conversation_id, channel, None)
        seq, at = live.next_seq(), now_ms()
        if at - live.refused_at < _ALARMED_EVERY:
            return
        live.refused_at = at
        message = Message(seq, "visitor", "text", "", at)
        entry = Entry(
            live.id,
            live.channel,
            at,
            alerts=alerts(message, screening),
            queue=queue_reason(screening),
            known=live.stored,
        )
        # The person has the resources all the same.
        with suppress(NotTakenError):
            await self.keeper.keep(entry)
        if entry.queue and live.owner == "bot":
            live.owner, live.reason = "queue", entry.queue

    async def in_course(
        self, conversation_id: str, inbound: Inbound, screening: Screening
    ) -> Screening:
        """Say what a message is after those before it, as far as memory knows of them."""
        live = self.conversations.get(conversation_id)
        if live is not None:
            return await self._in_course(live.course, inbound, screening, conversation_id)
        # A choice says something by itself; it is read again once its conversation is at hand.
        found = await self._in_course(Course(), inbound, screening, conversation_id)
        return replace(found, in_course=False)

    async def _in_course(
        self, course: Course, inbound: Inbound, screening: Screening, conversation_id: str
    ) -> Screening:
        group = inbound.network or conversation_id
        return await self.screener.in_course(
            course, screening, inbound.text, inbound.button, now_ms(), group
        )

    def _start(self, live: Live, inbound: Inbound, screening: Screening) -> asyncio.Task[Outcome]:
        if inbound.button is not None and inbound.button not in live.offered | self._topics:
            raise UnknownButtonError
        if len(live.running) >= _WAITING_TURNS:
            raise BusyError
        turn = asyncio.create_task(self._turn(live, screening).run(inbound))
        live.running[inbound.client_id] = turn
        turn.add_done_callback(lambda done: _ended(live, inbound.client_id, done))
        return turn

    async def _open(
        self, conversation_id: str, channel: str, client_id: str | None
    ) -> tuple[Live, Outcome | None]:
        live = self.conversations.get(conversation_id)
        if live is not None and live.owner is not None:
            return live, None
        fresh = live or Live(conversation_id, channel)
        before: Outcome | None = None
        try:
            standing, answered = await self.keeper.find(conversation_id, client_id)
        except StoreError:
            # Whoever owns it, the bot must not answer in the place of staff: asked again next time.
            fresh.owner = None
        else:
            fresh.adopt(standing)
            before = _as_before(conversation_id, answered)
        return self.conversations.add(fresh), before

    def _turn(self, live: Live, screening: Screening) -> OneTurn:
        return OneTurn(
            live,
            screening,
            keeper=self.keeper,
            lines=self._lines,
            composer=self._composer,
            callbacks=self._callbacks,
            queues=self.queues,
        )

    @property
    def lines(self) -> Lines:
        """What the desk says by itself."""
        return self._lines

    def greeting(self, channel: str = "web") -> Message:
        """Return the greeting as it is shown before a conversation begins."""
        return greeting(self._lines, channel, seq=0)

    async def open(self, conversation_id: str, channel: str = "web") -> Live:
        """Return a conversation as it is in memory, read from the log if it has to be."""
        live, _ = await self._open(conversation_id, channel, None)
        return live

    async def warm_up(self, database: Database) -> None:
        """Do once what is slow only the first time, and leave no trace of it."""
        now = now_ms()
        message = Message(now, "visitor", "text", "how much is it", now, client_id="warm-up")
        entry = Entry("warm-up", "web", now, (message,), Reading(now, "fixed", 0.0))
        with suppress(StoreError):
            await warm_up(database, lambda connection: log.take(connection, entry))
        self._composer.vectors(message, route_of(message))
        language_of(_SPANISH)
        await self.screener.screen(message.text)

    async def settle(self) -> None:
        """Wait for turns that are under way, so that what was taken is also answered and logged."""
        await asyncio.gather(*self.conversations.running(), return_exceptions=True)

    async def history(self, conversation_id: str, seq: int) -> list[Message]:
        """Return a conversation's messages after `seq`, in order.

        Those come too that were passed on late: with a number below one passed on before them.

        Raises:
            StoreError: The log cannot be read.
        """
        logged = await self.keeper.after(conversation_id, seq)
        live = self.conversations.get(conversation_id)
        if live is None:
            return logged
        found = {message.seq: message for message in logged}
        for message in live.recent:
            if message.seq > seq or message.seq in live.late:
                found.setdefault(message.seq, message)
        return [found[number] for number in sorted(found)]

    async def resumed(self, conversation_id: str, seq: int) -> list[Message]:
        """Return what follows `seq`, and what of staff may have come too late for whoever has it.

        Raises:
            StoreError: The log cannot be read.
        """
        late = await self.keeper.late(conversation_id, seq) if seq else []
        return [*late, *await self.history(conversation_id, seq)]

    def with_staff(self, conversation_id: str) -> bool:
        """Say whether staff have to do with a conversation, as far as memory knows."""
        live = self.conversations.get(conversation_id)
        return live is not None and live.owner in ("queue", "human")

    def has_taken(self, conversation_id: str, client_id: str) -> bool:
        """Say whether a message was answered, or is being answered, as far as memory knows."""
        live = self.conversations.get(conversation_id)
        return live is not None and (client_id in live.running or client_id in live.finished)

    async def types(self, conversation_id: str) -> None:
        """Tell staff that a person types, where staff have to do with the conversation."""
        live = await self.open(conversation_id)
        now = now_ms()
        if self.with_staff(conversation_id) and now - live.typed_at >= _TYPES_EVERY:
            live.typed_at = now
            await self.keeper.tell_staff(conversation_id, "typing")


def _as_before(conversation_id: str, answered: Answered | None) -> Outcome | None:
    if answered is None or not answered.finished:
        return None
    return Outcome(conversation_id, answered.message, answered.replies, None)


def _ended(live: Live, client_id: str, turn: asyncio.Task[Outcome]) -> None:
    live.running.pop(client_id, None)
    if turn.cancelled() or turn.exception() is not None:
        figures.turn_failed(live.channel)
    else:
        live.finish(client_id, turn.result())
