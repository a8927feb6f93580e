"""Whether a turn opens a handoff, and when the line on the wait is said."""

from __future__ import annotations

from dataclasses import dataclass

from desk.asked import Asked
from desk.brain_answer import Answer
from desk.conversations import Live
from store.owner_rules import CRISIS

ASKED, TOPIC = "asked for a person", "topic of the center"
"""Reasons of a wait."""
_SIGNAL = "handoff"
_BUTTON = "speak_to_human"
_SAID_EVERY = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Opening:
    """What a turn does about a handoff."""

    reason: str | None = None
    """Why the conversation is to wait for staff from now on; None when it is not, or does."""
    says: bool = False
    """Whether the line on the wait is said."""


def opening(asked: Asked, answer: Answer, topics: frozenset[str]) -> Opening:
    """Say whether a turn opens a handoff.

    It does when a person is asked for (the brain signals it, also where an offer is taken up), and
    on a topic that the center lists. Whoever waits already is told of the wait now and then.

    Args:
        asked: The message.
        answer: What the brain made of it.
        topics: The center's topics.
    """
    live, message = asked.live, asked.message
    wanted, waits = _SIGNAL in answer.signals, _waits(live)
    on_topic = not topics.isdisjoint(answer.reading.intents)
    reason = ASKED if wanted else TOPIC if on_topic else None
    recently = message.at - live.waiting_said < _SAID_EVERY
    says = wanted or (on_topic and not waits) or (waits and not asked.crisis and not recently)
    if says:
        live.waiting_said = message.at
    return Opening(None if waits else reason, says)


def opening_by_button(asked: Asked) -> Opening:
    """Say the same where the brain is away: only the button for a person is understood then."""
    if asked.message.button != _BUTTON:
        return Opening()
    asked.live.waiting_said = asked.message.at
    return Opening(None if _waits(asked.live) else ASKED, says=True)


def _waits(live: Live) -> bool:
    return live.owner == "queue" and live.reason != CRISIS
