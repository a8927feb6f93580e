"""Puts many messages to the assistant, each the way that `make ask` takes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import errors
from benchmarks.errors import BenchError
from benchmarks.labelled import Labelled
from benchmarks.scores import Read
from desk.inbound import Inbound
from desk.parts import Desk
from supervisor.ask import CRISIS, described, desk_for_a_while

NAME = "This assistant"
FALLBACK = "nlu_fallback"
_TELL_EVERY = 500


@dataclass(frozen=True)
class Answered:
    """What the assistant made of one message."""

    answer: dict[str, Any]
    """The object that `make ask` writes."""
    best: tuple[str, float]
    """The likeliest intent and its confidence, whatever the threshold."""
    seconds: float
    safe: bool = False
    """Whether it got the reply that stands in for the brain."""


async def ask_all(texts: Sequence[str], tell: Callable[[str], None]) -> list[Answered]:
    """Return what the assistant makes of messages, each a conversation of its own.

    Args:
        texts: The messages.
        tell: Is told how far it is.

    Raises:
        BenchError: The brain failed more than one message in a hundred.
    """
    async with desk_for_a_while() as desk:
        # The first turns load what later ones find loaded.
        for number, text in enumerate(("hello", "how much is it?")):
            await _ask(desk, f"warm:{number}", text)
        answered = []
        for number, text in enumerate(texts):
            if number and number % _TELL_EVERY == 0:
                tell(f"{number} of {len(texts)} messages ...")
            answered.append(await _ask(desk, f"ask:{number}", text))
    safe = sum(each.safe for each in answered)
    if safe * 100 > len(answered):
        named = {"name": NAME, "count": safe, "messages": len(answered)}
        raise BenchError(errors.SAFE_REPLIES.format(**named))
    return answered


async def _ask(desk: Desk, conversation: str, text: str) -> Answered:
    inbound = Inbound(client_id="line-0", text=text)
    began = time.perf_counter()
    outcome = await desk.turns.handle(conversation, inbound)
    seconds = time.perf_counter() - began
    answer = described(text, outcome)
    ranking = outcome.reading.ranking if outcome.reading else ()
    safe = outcome.reading is not None and outcome.reading.outcome == "safe"
    return Answered(answer, _best(answer, ranking or ()), seconds, safe)


def _best(answer: dict[str, Any], ranking: Sequence[Any]) -> tuple[str, float]:
    candidates = [c for c in ranking if c["name"] not in (FALLBACK, None)]
    if answer["intent"] == CRISIS or not candidates:
        return answer["intent"], float(answer["confidence"])
    return candidates[0]["name"], float(candidates[0]["confidence"])


def as_read(message: Labelled, answered: Answered) -> Read:
    """Return a labelled message as it was understood."""
    answer = answered.answer
    intents = frozenset(answer["intents"])
    return Read(message.text, message.wanted, answer["intent"], intents, answer["confidence"])


def without_threshold(message: Labelled, answered: Answered) -> Read:
    """Return a labelled message as it would be understood if no confidence were too low."""
    intent, confidence = answered.best
    return Read(message.text, message.wanted, intent, frozenset({intent}), confidence)
