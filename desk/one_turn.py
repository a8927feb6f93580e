"""One turn of one conversation: resources, log, brain, log, in this order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace

from desk import lines as say
from desk.asked import Asked, Composed, Route, Vectors, route_of
from desk.callbacks.turns import Callbacks, Formed
from desk.composing import Composer
from desk.conversations import CRISIS_PREFIX, Live, now_ms
from desk.errors import NotTakenError
from desk.fair_queue import FairQueue
from desk.inbound import Inbound, tidy
from desk.keeping import Keeper
from desk.lines import Lines, spoken_message
from desk.metrics import figures
from desk.risk_replies import alerts, choice_title, queue_reason, risk_messages
from desk.screening import Screening
from desk.tongues import spoken_in
from safety.course import Heard
from safety.replies import CHOSEN
from store.log import Answered
from store.records import Entry, Message, Ownership, Reading

AT_ONCE = 2
"""Messages that the brain is asked about at a time: it works at one, and the next is on its way."""
_MOST = 4_096
_WEEK = 7 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message was answered."""

    conversation: str
    """Its id."""
    message: Message
    replies: tuple[Message, ...]
    reading: Reading | None
    """None when the answer was given before, to the same message."""


class Queues:
    """Where messages of all conversations wait, in turns by network address.

    People of a platform's channel come from no address: each counts alone.
    """

    def __init__(self, waiting: int) -> None:
        """Let so many wait for the brain."""
        self.brain = FairQueue(AT_ONCE, waiting)
        self.vectors = FairQueue(1, _MOST)


def greeting(lines: Lines, channel: str, seq: int, reply_to: int | None = None) -> Message:
    """Return the greeting, which says that it is automated."""
    spoken = lines.say(say.GREETING, channel=channel)
    return spoken_message(spoken, seq=seq, at=now_ms(), kind="answer", reply_to=reply_to)


class OneTurn:
    """Takes one message of one conversation to its end."""

    def __init__(
        self,
        live: Live,
        screening: Screening,
        *,
        keeper: Keeper,
        lines: Lines,
        composer: Composer,
        callbacks: Callbacks,
        queues: Queues,
    ) -> None:
        """Prepare a turn for a message that was screened."""
        self._live, self._screening = live, screening
        self._keeper, self._lines, self._composer = keeper, lines, composer
        self._callbacks, self._queues = callbacks, queues

    async def run(self, inbound: Inbound) -> Outcome:
        """Answer the message.

        Raises:
            NotTakenError: It could not be kept.
        """
        live, started = self._live, time.perf_counter()
        away = bool(live.last_at) and now_ms() - live.last_at > _WEEK
        message = self._message(inbound)
        live.course.hear(Heard(inbound.text, message.at, self._screening.risk))
        figures.screened(self._screening)
        # Resources wait for nothing: neither for the turn before, nor for log or brain.
        crisis = self._resources(message)
        unlogged: tuple[Message, ...] = ()
        by_channel = bool(inbound.lines) or inbound.silent
        async with self._own_turn(), AsyncExitStack() as stack:
            formed = self._callbacks.hear(live, message, self._screening, by_channel=by_channel)
            message = formed.message
            taking = asyncio.create_task(self._take(formed, crisis))
            # The log is written in its thread while this one makes the vectors.
            await asyncio.sleep(0)
            route = self._route(formed)
            vectors = await self._vectors(message, route, inbound.network)
            taken = await taking
            if taken is not None and taken.finished:
                return Outcome(live.id, taken.message, taken.replies, None)
            if taken is not None:
                # A crash cut its turn short: it is taken now, for the message as it was logged.
                message, unlogged = taken.message, crisis
                formed = self._callbacks.again(
                    live, message, self._screening, by_channel=by_channel
                )
                route = self._route(formed)
            self._callbacks.heard(live, formed)
            live.pass_on(message)
            entered = await stack.enter_async_context(self._place(route, inbound.network))
            asked = Asked(
                live,
                message,
                self._screening,
                route,
                crisis,
                vectors,
                inbound.lines,
                inbound.silent,
                crowded=not entered,
            )
            composed = await self._composer.compose(asked)
            # Whoever waits need not wait for the log as well.
            await stack.aclose()
            formed, composed = self._callbacks.compose(formed, asked, composed)
            told = await self._told(message)
            composed = replace(composed, replies=(*composed.replies, *told))
            if away:
                again = greeting(self._lines, live.channel, live.next_seq(), message.seq)
                composed = replace(composed, replies=(again, *composed.replies))
            seconds = time.perf_counter() - started
            outcome = await self._finish(asked, composed, unlogged, formed, seconds)
            if outcome.reading is not None:
                took = time.perf_counter() - started
                figures.turn_ended(live.channel, outcome.reading, took)
            return outcome

    @asynccontextmanager
    async def _own_turn(self) -> AsyncIterator[None]:
        """Wait for the conversation's turns before this one.

        Behind those of a risk come its alert and its answer, so they wait for others no longer:
        neither where they stand now, nor where they come yet.
        """
        live, pressing = self._live, self._screening.crisis
        live.pressing += pressing
        if pressing:
            self._queues.brain.hurry(live.id)
            self._queues.vectors.hurry(live.id)
        try:
            await live.turn.acquire()
        finally:
            live.pressing -= pressing
        try:
            yield
        finally:
            live.turn.release()

    @asynccontextmanager
    async def _place(self, route: Route, network: str) -> AsyncIterator[bool]:
        """Wait until the brain may be asked; yields whether that was in time.

        Whoever is at risk waits for nobody.
        """
        if route != "brain" or self._screening.crisis or self._live.pressing:
            yield True
            return
        live, limit = self._live, self._composer.limit
        async with self._queues.brain.place(network or live.id, live.id, limit) as entered:
            yield entered

    async def _vectors(self, message: Message, route: Route, network: str) -> Vectors | None:
        live = self._live
        # What was answered in the form is read by nobody else.
        before = None if live.form.begun else live.last_words
        if live.pressing:
            return self._composer.vectors(message, route, before)
        async with self._queues.vectors.place(network or live.id, live.id):
            vectors = self._composer.vectors(message, route, before)
            # Whoever else is ready goes on before those of the next of many are made.
            await asyncio.sleep(0)
            return vectors

    def _route(self, formed: Formed) -> Route:
        return "follow" if formed.heard.alone else route_of(formed.message, self._screening)

    def _message(self, inbound: Inbound) -> Message:
        text = tidy(inbound.text)
        language = self._language(text) if inbound.button is None else self._live.language
        if inbound.button in CHOSEN:
            text = choice_title(self._lines, inbound.button, self._live.course.language)
        elif inbound.button is not None:
            text = self._lines.catalogue.title(inbound.button, language)
        return Message(
            seq=self._live.next_seq(),
            sender="visitor",
            kind="text",
            text=text,
            at=now_ms(),
            client_id=inbound.client_id,
            button=inbound.button,
            language="es" if language == "es" else None,
        )

    def _language(self, text: str) -> str:
        risk = self._screening.risk
        if risk is not None and risk.language == "es":
            return "es"
        return spoken_in(text, self._live.language)

    async def _told(self, message: Message) -> tuple[Message, ...]:
        """Return the line that staff know of an earlier crisis, once, and only when it is true."""
        live = self._live
        if live.told_said or live.course.before is None:
            return ()
        known = await self._keeper.staff_were_told(live.id)
        if known == "no":
            return ()
        live.told_said = True
        language = message.language or "en"
        spoken = self._lines.say(say.STAFF_KNOW[known], channel=live.channel, language=language)
        line = spoken_message(
            spoken,
            seq=live.next_seq(),
            at=now_ms(),
            kind="notice",
            reply_to=message.seq,
            sender="system",
        )
        return (line,)

    def _resources(self, message: Message) -> tuple[Message, ...]:
        live = self._live
        if not self._screening.crisis:
            return ()
        shown = risk_messages(self._lines, self._screening, message, live)
        for each in shown:
            live.pass_on(each)
        return shown

    async def _take(self, formed: Formed, crisis: tuple[Message, ...]) -> Answered | None:
        live, message = self._live, formed.message
        entry = Entry(
            conversation_id=live.id,
            channel=live.channel,
            at=message.at,
            messages=(message, *crisis),
            alerts=(*alerts(message, self._screening), *formed.alerts),
            queue=queue_reason(self._screening),
            known=live.stored,
            form=formed.row,
            callback=formed.callback,
            withdrawn=formed.heard.withdrawn,
        )
        taken = await self._keeper.take(entry)
        if isinstance(taken, Answered):
            live.stored = True
            return taken
        if taken is not None:
            live.stored = True
            live.own(taken)
        elif entry.queue and live.owner == "bot":
            live.owner, live.reason = "queue", entry.queue
        return None

    async def _finish(
        self,
        asked: Asked,
        composed: Composed,
        unlogged: tuple[Message, ...],
        formed: Formed,
        seconds: float,
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
            form=self._callbacks.at_end(live, formed),
        )
        owned: Ownership | None = None
        # Said in the process's log already; an answer unlogged is better than none.
        with suppress(NotTakenError):
            owned, entry = await self._keeper.finish(entry, unless_owned(composed.replies))
        if owned is not None:
            live.own(owned)
        elif composed.queue and live.owner == "bot":
            live.owner, live.reason = "queue", composed.queue
        said = entry.messages[len(unlogged) :]
        for reply in said:
            live.pass_on(reply)
        return Outcome(live.id, message, (*asked.crisis, *said), reading)


def unless_owned(replies: Iterable[Message]) -> frozenset[int]:
    """Return the numbers of what is not said once staff have the conversation."""
    return frozenset(
        reply.seq for reply in replies if not (reply.answer_id or "").startswith(CRISIS_PREFIX)
    )
