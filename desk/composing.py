"""Decides what is said beside crisis resources: the brain's answer or a fixed line."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from center.editing import spoken_names
from desk import lines as say
from desk.asked import Asked, Composed, Route, Vector, Vectors, brain_body
from desk.brain_answer import Answer, Reply
from desk.conversations import CRISIS_PREFIX, now_ms
from desk.errors import BrainError
from desk.handoff.choices import Choices, stops_waiting
from desk.handoff.opening import Opening, opening, opening_by_button, opening_in_spanish
from desk.handoff.waiting import Waiting
from desk.inbound import READ_BY_BRAIN, for_brain
from desk.lines import Lines, spoken_message
from desk.risk_replies import risk_messages, still_here
from language.clauses import clauses
from language.context import readings
from store.records import Alert, Kind, Message, Sender

logger = logging.getLogger(__name__)


RISK_LIMIT = 1.5
"""Seconds that somebody at risk waits for an answer beside the resources."""
_OPENING = "opening"
# Beside resources, only an answer to something that was asked is of use.
_NOT_BESIDE_RISK = frozenset(
    "safety_crisis out_of_scope other_in_domain greet goodbye thanks affirm deny".split()
)
# The desk knows these itself, and sooner.
_FACTS = spoken_names()
_UNDERSTOOD_NOTHING = frozenset({"out_of_scope"})
_FIXED = {
    "empty": say.EMPTY,
    "emoji": say.EMOJI,
    "spanish": say.SPANISH,
    "other": say.OTHER_LANGUAGE,
}


class Encoder(Protocol):
    """What the desk needs of language.encoder.Encoder."""

    def encode_wide(self, text: str) -> Vector:
        """Return the wide vector of a text."""


class BrainCalls(Protocol):
    """What a turn needs of the brain."""

    async def turn(self, body: dict[str, Any], limit: float) -> Answer:
        """Take a turn."""

    async def read(self, body: dict[str, Any], limit: float) -> Answer:
        """Understand a message without taking a turn."""


class Composer:
    """Finds the replies to one message at a time."""

    def __init__(
        self,
        *,
        lines: Lines,
        brain: BrainCalls,
        encoder: Encoder | None,
        waiting: Waiting,
        choices: Choices,
        limit: float,
    ) -> None:
        """Ask the brain, for `limit` seconds at most; without encoder it makes vectors itself."""
        self._lines, self._brain, self._encoder = lines, brain, encoder
        self._waiting, self._choices, self.limit = waiting, choices, limit
        self._topics = lines.center.handoff.topics

    def vectors(self, message: Message, route: Route, before: str | None = None) -> Vectors | None:
        """Return the sentence vectors that the brain needs of a message, if it needs any.

        Args:
            message: The message.
            route: Who answers it.
            before: The person's message before, beside which a follow-up is read.
        """
        if self._encoder is None or route != "brain" or message.button is not None:
            return None
        try:
            return _vectors(for_brain(message.text), before and for_brain(before), self._encoder)
        except Exception as problem:
            # No text may cost the person their turn: the brain makes its own, or the safe reply is
            # said. Only the class is logged, since the rest may hold the person's words.
            logger.error("No vectors could be made of a message: %s.", type(problem).__name__)
            return None

    async def compose(self, asked: Asked) -> Composed:
        """Return what is said; a brain that fails costs the answer, never the turn."""
        if asked.lines:
            return self._by_channel(asked)
        if asked.silent:
            return await self._only_read(asked)
        if asked.route == "handoff":
            return await self._choices.made(asked)
        if asked.live.owner == "human" or asked.live.blocked:
            return await self._only_read(asked)
        if asked.live.owner is None:
            # Nobody knows whether staff have it, so the bot must not speak.
            return self._safe(asked)
        if asked.route in ("brain", "spanish") and _stops_waiting(asked):
            return await self._choices.stopped(asked)
        if asked.route == "spanish":
            return await self._with_wait(asked, self._fixed(asked), opening_in_spanish(asked))
        if asked.route != "brain":
            return self._fixed(asked)
        if asked.crowded:
            return await self._without_brain(asked, say.CROWDED)
        pressing = asked.crisis or asked.live.pressing
        limit = min(self.limit, RISK_LIMIT) if pressing else self.limit
        asked.live.typing(on=True)
        try:
            answer = await self._brain.turn(self._body(asked), limit)
        except BrainError as problem:
            logger.warning("The brain failed: %s.", problem)
            return await self._without_brain(asked)
        finally:
            asked.live.typing(on=False)
        return await self._answered(asked, answer)

    def _by_channel(self, asked: Asked) -> Composed:
        """Say what a channel's own rules answer; where staff have it, only what law demands."""
        with_bot = asked.live.owner in ("bot", "queue") and not asked.live.blocked
        parts = []
        for line in asked.lines:
            if line.whoever or with_bot:
                said = self._line(asked, line.answer_id, "answer" if line.text else "notice")
                parts.append(replace(said, text=line.text, buttons=()) if line.text else said)
        return Composed((*self._gentle(asked), *parts), "fixed")

    async def _only_read(self, asked: Asked) -> Composed:
        """Say nothing, but the line with 988 where the screen has found that it is called for."""
        gentle = self._gentle(asked) if asked.screening.risk is not None else ()
        if asked.route != "brain" or asked.live.blocked or asked.crowded:
            return Composed(gentle, "read")
        try:
            answer = await self._brain.read(self._body(asked), self.limit)
        except BrainError as problem:
            logger.warning("The brain failed: %s.", problem)
            return Composed(gentle, "read")
        return Composed(gentle, "read", answer)

    def _body(self, asked: Asked) -> dict[str, Any]:
        return brain_body(asked, self._lines.edited)

    def _safe(self, asked: Asked, line: str = say.SAFE) -> Composed:
        # Resources say more than the safe reply could; a second long text would bury them.
        parts = () if asked.crisis else (*self._gentle(asked), self._line(asked, line, "safe"))
        return Composed(parts, "safe")

    async def _without_brain(self, asked: Asked, line: str = say.SAFE) -> Composed:
        """Say so; somebody who wants a person waits for one all the same."""
        return await self._with_wait(asked, self._safe(asked, line), opening_by_button(asked))

    async def _with_wait(self, asked: Asked, composed: Composed, opens: Opening) -> Composed:
        """Add what a handoff does to what was composed without the brain."""
        if not opens.says:
            return composed
        line = await self._waiting.line(asked)
        return replace(
            composed,
            replies=(*composed.replies, line),
            alerts=_alerts(asked, [], handoff=opens.reason is not None),
            queue=opens.reason,
        )

    def _fixed(self, asked: Asked) -> Composed:
        if asked.route == "follow":
            return Composed(self._gentle(asked), "fixed")
        parts = () if asked.crisis else (self._line(asked, _FIXED[asked.route], "answer"),)
        gentle = self._gentle(asked) if asked.route in ("spanish", "other") else ()
        return Composed((*gentle, *parts), "fixed")

    async def _answered(self, asked: Asked, answer: Answer) -> Composed:
        chosen = self._chosen(asked, answer)
        if not chosen and not _of_risk(asked):
            logger.warning("The brain failed: a turn without a reply.")
            return replace(self._safe(asked), answer=answer)
        here = _UNDERSTOOD_NOTHING.issuperset(answer.reading.intents) and not _of_risk(asked)
        message = still_here(self._lines, asked.message, asked.live) if here else None
        if message is not None:
            return Composed((message,), "brain", answer)
        parts = list(self._gentle(asked))
        if chosen and len(asked.message.text) > READ_BY_BRAIN:
            parts.append(self._line(asked, say.TOO_LONG, "notice", "system"))
        parts += [self._reply(asked, reply) for reply in chosen]
        opens = opening(asked, answer, self._topics)
        if opens.says:
            parts.append(await self._waiting.line(asked))
        return Composed(
            tuple(parts),
            "brain",
            answer,
            alerts=_alerts(asked, chosen, handoff=opens.reason is not None),
            queue=opens.reason,
        )

    def _chosen(self, asked: Asked, answer: Answer) -> list[Reply]:
        """Return the replies that are said; beside a risk, none that shows resources again."""
        replies = [reply for reply in answer.replies if self._lines.has(reply.id)]
        if len(replies) < len(answer.replies):
            logger.warning("The brain replied with a text that is not in the catalogue.")
        if not _of_risk(asked):
            return replies
        if _NOT_BESIDE_RISK.issuperset(answer.reading.intents):
            # A bare "help" gets the gentle line and is asked what it is about.
            openings = [reply for reply in replies if reply.id.startswith(_OPENING)]
            return [] if asked.crisis else openings
        return [reply for reply in replies if not reply.id.startswith(CRISIS_PREFIX)]

    def _gentle(self, asked: Asked) -> tuple[Message, ...]:
        if asked.crisis:
            return ()
        return risk_messages(self._lines, asked.screening, asked.message, asked.live)

    def _line(
        self,
        asked: Asked,
        answer_id: str,
        kind: Kind,
        sender: Sender = "bot",
        also: Mapping[str, str] | None = None,
    ) -> Message:
        channel, language = asked.live.channel, asked.language
        return spoken_message(
            self._lines.say(answer_id, channel=channel, language=language, also=also),
            seq=asked.live.next_seq(),
            at=now_ms(),
            kind=kind,
            reply_to=asked.message.seq,
            sender=sender,
            language="es" if answer_id == say.SPANISH else None,
        )

    def _reply(self, asked: Asked, reply: Reply) -> Message:
        lines, form = self._lines, (asked.live.channel, asked.language)
        crisis = reply.id.startswith(CRISIS_PREFIX)
        if not crisis and lines.withheld(reply.id, *form):
            return self._line(asked, say.WITHHELD, "answer")
        given = {k: v for k, v in reply.variables.items() if k not in _FACTS}
        if not crisis and lines.speaks(reply.id, asked.language):
            return self._line(asked, reply.id, "answer", also=given)
        if lines.differs(reply.id, *form):
            line = self._line(asked, reply.id, "crisis" if crisis else "answer", also=given)
            return replace(line, buttons=reply.buttons)
        return Message(
            seq=asked.live.next_seq(),
            sender="bot",
            kind="crisis" if crisis else "answer",
            text=reply.text if crisis else lines.marked(reply.text, reply.variables),
            at=now_ms(),
            reply_to=asked.message.seq,
            answer_id=reply.id,
            answer_version=reply.version,
            approved=int(lines.approved(reply.id, *form)),
            variables=reply.variables,
            buttons=reply.buttons,
            links=reply.links,
        )


def _stops_waiting(asked: Asked) -> bool:
    """Whether somebody who waits for staff says that they no longer want to."""
    waits = asked.live.owner == "queue" and asked.message.button is None
    return waits and not _of_risk(asked) and stops_waiting(asked.message.text)


def _of_risk(asked: Asked) -> bool:
    """Whether something is said of a risk, so that small talk has no place beside it."""
    screening = asked.screening
    return bool(asked.crisis) or screening.risk is not None or screening.follow is not None


def _alerts(asked: Asked, chosen: list[Reply], *, handoff: bool) -> tuple[Alert, ...]:
    found = []
    if handoff:
        found.append(Alert(asked.message.seq, "handoff", asked.message.at))
    if any(reply.id.startswith(CRISIS_PREFIX) for reply in chosen):
        # The brain saw a risk that the desk's own screen did not.
        rule = "brain:safety_crisis"
        found.append(Alert(asked.message.seq, "crisis", asked.message.at, tier="T2", rule=rule))
    return tuple(found)


def _vectors(text: str, before: str | None, encoder: Encoder) -> Vectors:
    parts = clauses(text)
    asking = [part.text for part in parts if part.asks] if len(parts) > 1 else []
    encode = encoder.encode_wide
    further = (*asking, *readings(before, text))
    return Vectors(encode(text), tuple((part, encode(part)) for part in further))
