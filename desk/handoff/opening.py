"""Whether a turn opens a handoff, and when the line on the wait is said."""

from __future__ import annotations

import re
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
# The brain reads English alone, so that the wish has to be found here. A word too many found costs
# a place in the queue, one too few leaves somebody without the only answer that they can read.
_ANYBODY = (
    r"(?:persona|personas|humano|humana|alguien|agente|operador|operadora|representante"
    r"|asesor|asesora|consejero|consejera|empleado|empleada|ustedes)\b"
)
_WANTS_A_PERSON = re.compile(
    r"\b(?:hablar|platicar|conversar|chatear|comunicar(?:me|nos)?|contactar|hable|hablo)\b"
    rf"(?: por tel[eé]fono)? (?:con|a) (?:\w+ ){{0,3}}?{_ANYBODY}"
    rf"|\b(?:quiero|quisiera|queremos|necesito|prefiero|deme|p[aá]same|p[aá]seme|comun[ií]queme)"
    rf" (?:a |con )?(?:una? |alg[uú]na? |otra )?(?:\w+ )?{_ANYBODY}"
    r"|\b(?:atienda|conteste|responda|ayude) (?:una|alguna) persona\b",
    re.IGNORECASE,
)
# Only what stands right before the wish itself denies it: "no tengo a nadie, quiero hablar con una
# persona" is a wish.
_DENIED = re.compile(r"\bno (?:(?:quiero|quisiera|necesito|deseo|hace falta) )?$", re.IGNORECASE)


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
    on_topic = not topics.isdisjoint(answer.reading.intents)
    return _opening(asked, wanted=_SIGNAL in answer.signals, on_topic=on_topic)


def opening_in_spanish(asked: Asked) -> Opening:
    """Say the same of a message in Spanish."""
    return _opening(asked, wanted=wants_a_person(asked.message.text), on_topic=False)


def wants_a_person(text: str) -> bool:
    """Say whether a message in Spanish asks for a person."""
    return any(not _DENIED.search(text[: wish.start()]) for wish in _WANTS_A_PERSON.finditer(text))


def _opening(asked: Asked, *, wanted: bool, on_topic: bool) -> Opening:
    live, message, waits = asked.live, asked.message, _waits(asked.live)
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
