"""One turn from end to end: screen, log, owner, brain, log, deliver. Knows no web server."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, replace

from desk import lines as say
from desk.composing import Asked, Composed, Composer, route_of
from desk.conversations import Conversations, Live, now_ms
from desk.errors import BusyError, NotTakenError, UnknownButtonError
from desk.inbound import Inbound, tidy
from desk.keeping import Keeper
from desk.lines import Lines, spoken_message
from desk.risk_replies import alerts, queue_reason, risk_message
from desk.screening import Screener, Screening
from store.errors import StoreError
from store.log import Answered
from store.records import Entry, Message, Reading

_WAITING_TURNS = 8
"""Messages of one conversation that may wait for the ones before them."""
_WEEK = 7 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message was answered."""

    message: Message
    replies: tuple[Message, ...]
    reading: Reading | None
    """None when the answer was given before, to the same message."""


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
        topics: frozenset[str],
    ) -> None:
        """Work with these parts; `topics` are buttons that every conversation is offered."""
        self.conversations, self.keeper, self.screener = conversations, keeper, screener
        self._lines, self._composer, self._topics = lines, composer, topics

    async def begin(self, conversation_id: str, channel: str = "web") -> list[Message]:
        """Begin a conversation: the greeting, which says that it is automated."""
        live = self.conversations.add(Live(conversation_id, channel))
        greeting = self._greeting(live.channel, live.next_seq())
        try:
            entry = Entry(live.id, live.channel, greeting.at, (greeting,))
            live.stored = await self.keeper.keep(entry)
        except NotTakenError:
            # Said all the same; the first message will tell whether anything can be kept.
            live.stored = False
        live.pass_on(greeting)
        return [greeting]

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
            screening = await self.screener.screen(inbound.text)
        live, before = await self._open(conversation_id, channel, inbound.client_id)
        known = before or live.finished.get(inbound.client_id)
        if known is not None:
            return known
        running = live.running.get(inbound.client_id)
        if running is None:
            running = self._start(live, inbound, screening)
        # A client that hangs up ends its request, never the turn.
        return await asyncio.shield(running)

    def _start(self, live: Live, inbound: Inbound, screening: Screening) -> asyncio.Task[Outcome]:
        if inbound.button is not None and inbound.button not in live.offered | self._topics:
            raise UnknownButtonError
        if len(live.running) >= _WAITING_TURNS:
            raise BusyError
        turn = asyncio.create_task(self._turn(live, inbound, screening))
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
            before = _as_before(answered)
        return self.conversations.add(fresh), before

    async def _turn(self, live: Live, inbound: Inbound, screening: Screening) -> Outcome:
        started = time.perf_counter()
        away = bool(live.last_at) and now_ms() - live.last_at > _WEEK
        message = self._message(live, inbound)
        # Resources wait for nothing: neither for the turn before, nor for log or brain.
        crisis = self._resources(live, message, screening)
        unlogged: tuple[Message, ...] = ()
        async with live.turn:
            taking = asyncio.create_task(self._take(live, message, crisis, screening))
            # The log is written in its thread while this one makes the vector.
            await asyncio.sleep(0)
            route = route_of(message)
            vector = self._composer.vector(message, route)
            taken = await taking
            if taken is not None and taken.finished:
                return Outcome(taken.message, taken.replies, None)
            if taken is not None:
                # A crash cut its turn short: it is taken now, for the message as it was logged.
                message, unlogged = taken.message, crisis
            live.pass_on(message)
            asked = Asked(live, message, screening, route, crisis, vector)
            composed = await self._composer.compose(asked)
            if away:
                greeting = self._greeting(live.channel, live.next_seq(), message.seq)
                composed = replace(composed, replies=(greeting, *composed.replies))
            seconds = time.perf_counter() - started
            return await self._finish(asked, composed, unlogged, seconds)

    def _message(self, live: Live, inbound: Inbound) -> Message:
        text = tidy(inbound.text)
        if inbound.button is not None:
            text = self._lines.catalogue.titles.get(inbound.button, inbound.button)
        return Message(
            seq=live.next_seq(),
            sender="visitor",
            kind="text",
            text=text,
            at=now_ms(),
            client_id=inbound.client_id,
            button=inbound.button,
        )

    def _resources(self, live: Live, message: Message, screening: Screening) -> tuple[Message, ...]:
        if not screening.crisis:
            return ()
        shown = risk_message(
            self._lines,
            screening,
            message.text,
            shown=live.crises,
            seq=live.next_seq(),
            reply_to=message.seq,
            channel=live.channel,
        )
        if shown is None:
            return ()
        live.pass_on(shown)
        return (shown,)

    async def _take(
        self, live: Live, message: Message, crisis: tuple[Message, ...], screening: Screening
    ) -> Answered | None:
        entry = Entry(
            conversation_id=live.id,
            channel=live.channel,
            at=message.at,
            messages=(message, *crisis),
            alerts=alerts(message, screening),
            queue=queue_reason(screening),
            known=live.stored,
        )
        taken = await self.keeper.take(entry)
        if isinstance(taken, Answered):
            live.stored = True
            return taken
        if taken is not None:
            live.stored, live.owner = True, taken
        elif entry.queue and live.owner == "bot":
            live.owner, live.reason = "queue", entry.queue
        return None

    async def _finish(
        self, asked: Asked, composed: Composed, unlogged: tuple[Message, ...], seconds: float
    ) -> Outcome:
        live, message = asked.live, asked.message
        reading = composed.reading(message.seq, asked.screening.risk, seconds * 1000)
        entry = Entry(
            conversation_id=live.id,
            channel=live.channel,
            at=now_ms(),
            messages=(*unlogged, *composed.replies),
            reading=reading,
            alerts=composed.alerts,
            queue=composed.queue,
            known=live.stored,
        )
        # Said in the process's log already; an answer unlogged is better than none.
        with suppress(NotTakenError):
            await self.keeper.keep(entry)
        if composed.queue and live.owner == "bot":
            live.owner, live.reason = "queue", composed.queue
        for reply in composed.replies:
            live.pass_on(reply)
        return Outcome(message, (*asked.crisis, *composed.replies), reading)

    def greeting(self, channel: str = "web") -> Message:
        """Return the greeting as it is shown before a conversation begins."""
        return self._greeting(channel, 0)

    def _greeting(self, channel: str, seq: int, reply_to: int | None = None) -> Message:
        spoken = self._lines.say(say.GREETING, channel=channel)
        return spoken_message(spoken, seq=seq, at=now_ms(), kind="answer", reply_to=reply_to)

    async def open(self, conversation_id: str, channel: str = "web") -> Live:
        """Return a conversation as it is in memory, read from the log if it has to be."""
        live, _ = await self._open(conversation_id, channel, None)
        return live

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


def _as_before(answered: Answered | None) -> Outcome | None:
    if answered is None or not answered.finished:
        return None
    return Outcome(answered.message, answered.replies, None)


def _ended(live: Live, client_id: str, turn: asyncio.Task[Outcome]) -> None:
    live.running.pop(client_id, None)
    if not turn.cancelled() and turn.exception() is None:
        live.finish(client_id, turn.result())
