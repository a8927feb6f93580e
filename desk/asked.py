"""A message on its way through its turn, what is made of it, and how the brain is asked."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from desk.brain_answer import Answer
from desk.conversations import Live
from desk.inbound import Line, for_brain, shape_of
from desk.screening import NOTHING, Screening
from language.detect import language_of
from safety.follow_ups import stands_alone
from safety.replies import CHOSEN
from safety.risk import Risk
from store.records import Alert, Message, Outcome, Reading

Vector = npt.NDArray[np.float32]
Route = Literal["brain", "empty", "emoji", "spanish", "other", "follow", "handoff"]
OF_HANDOFF = frozenset({"handoff_cancel", "rating_yes", "rating_no"})
"""Buttons about a handoff, which the desk answers by itself."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """The sentence vectors that the brain needs of a message."""

    whole: Vector
    clauses: tuple[tuple[str, Vector], ...] = ()
    """Text and vector of each clause that asks, when there are several, and of a follow-up read
    together with the message before it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message on its way through its turn."""

    live: Live
    message: Message
    screening: Screening
    route: Route
    crisis: tuple[Message, ...] = ()
    """The resources that it was shown."""
    vectors: Vectors | None = None
    lines: tuple[Line, ...] = ()
    """What a channel's own rules answer."""
    silent: bool = False
    """Whether nothing is answered: the person wants no messages."""
    crowded: bool = False
    """Whether so many others write that the brain cannot be asked in time."""

    @property
    def by_channel(self) -> bool:
        """Whether a channel's own rules answer it, or want nothing answered."""
        return bool(self.lines) or self.silent

    @property
    def language(self) -> str:
        """In which it is answered where there is a text in it: "en" or "es"."""
        return self.message.language or "en"


@dataclass(frozen=True, slots=True)
class Composed:
    """What is said to a message, and what became of it."""

    replies: tuple[Message, ...]
    outcome: Outcome
    answer: Answer | None = None
    alerts: tuple[Alert, ...] = ()
    queue: str | None = None

    def reading(self, seq: int, risk: Risk | None, milliseconds: float) -> Reading:
        """Return the turn's reading as it is logged."""
        bare = Reading(seq, self.outcome, round(milliseconds, 2))
        if risk is not None:
            bare = replace(
                bare, risk_category=risk.category, risk_tier=risk.tier, risk_rule=risk.rule
            )
        if self.answer is None:
            return bare
        understood = self.answer.reading
        return replace(
            bare,
            intent=understood.intent,
            confidence=understood.confidence,
            ranking=understood.ranking,
            intents=understood.intents,
            entities=understood.entities,
            signals=self.answer.signals,
            model=self.answer.model,
        )


def route_of(message: Message, screening: Screening = NOTHING) -> Route:
    """Say who answers a message: the brain, a fixed line, what follows a crisis, or the desk."""
    if message.button in OF_HANDOFF:
        return "handoff"
    if message.button is not None:
        return "follow" if message.button in CHOSEN else "brain"
    if screening.follow not in (None, "heavy") and stands_alone(message.text):
        return "follow"
    shape = shape_of(message.text)
    if shape != "words":
        return shape
    tongue = language_of(message.text)
    return {"en": "brain", "es": "spanish", "other": "other"}[tongue]  # type: ignore[return-value]


def brain_body(asked: Asked, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the body of the call for a turn or a reading (desk/brain_contract.json).

    Args:
        asked: The message.
        facts: Those of the center that were edited in the console, by key.
    """
    message, risk, vectors = asked.message, asked.screening.risk, asked.vectors
    words = (
        {"payload": message.button}
        if message.button is not None
        else {"text": for_brain(message.text)}
    )
    return {
        "conversation": asked.live.id,
        "channel": asked.live.channel,
        **words,
        **({"facts": dict(facts)} if facts else {}),
        "vector": None if vectors is None else packed(vectors.whole),
        "clauses": []
        if vectors is None
        else [{"text": text, "vector": packed(vector)} for text, vector in vectors.clauses],
        "risk": None
        if risk is None
        else {"category": risk.category, "tier": risk.tier, "rule": risk.rule},
    }


def packed(vector: Vector) -> str:
    """Return a vector as the brain takes it."""
    return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode("ascii")
