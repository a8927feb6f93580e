"""Conversations for tests of the inbox: written as the desk writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from store import log, ownership
from store.records import Alert, Entry, Message, Reading
from tests.console.entering import AT, Staff

WORDS = "MARKERWORD how much is it, call me at (213) 555-0142"


def asked(seq: int = 10, text: str = WORDS, at: int = AT - 60_000, **more: Any) -> Message:
    """A message of a visitor."""
    return Message(seq, "visitor", "text", text, at, client_id=f"client-{seq}", **more)


def answered(seq: int = 12, text: str = "It depends.", at: int = AT - 59_000) -> Message:
    """The bot's answer to it."""
    return Message(
        seq,
        "bot",
        "answer",
        text,
        at,
        reply_to=seq - 2,
        answer_id="cost",
        answer_version=3,
        approved=0,
    )


def reading(seq: int = 10, **more: Any) -> Reading:
    """What was understood of it."""
    ranking = ({"name": "cost", "confidence": 0.9}, {"name": "financial_aid", "confidence": 0.05})
    made = Reading(seq, "brain", 9.0, "cost", 0.9, ranking=ranking, intents=("cost",), model="m-7")
    return replace(made, **more)


async def talk(staff: Staff, conversation: str = "c1", seq: int = 10, **more: Any) -> str:
    """Let somebody ask the bot something."""
    entry = Entry(
        conversation,
        "web",
        AT - 60_000,
        (asked(seq, **more), answered(seq + 2)),
        reading(seq),
    )
    await staff.database.write(lambda c: log.write(c, entry))
    return conversation


async def wait(staff: Staff, conversation: str = "c1", at: int = AT - 50_000) -> str:
    """Let somebody ask the bot something, and then for a person."""
    await talk(staff, conversation)
    await staff.database.write(lambda c: ownership.ask(c, conversation, "asked for a person", at))
    return conversation


async def say(staff: Staff, conversation: str, text: str, seq: int, at: int = AT) -> None:
    """Let somebody say something while staff have the conversation."""
    entry = Entry(conversation, "web", at, (asked(seq, text, at),), known=True)
    await staff.database.write(lambda c: log.write(c, entry))


async def risk(staff: Staff, conversation: str, seq: int, tier: str = "T1") -> None:
    """Let somebody write words of risk."""
    alert = Alert(seq, "crisis", AT, "S2", tier, "a.rule")
    found = Reading(seq, "read", 1.0, risk_category="S2", risk_tier=tier, risk_rule="a.rule")
    entry = Entry(conversation, "web", AT, (asked(seq),), found, (alert,))
    await staff.database.write(lambda c: log.write(c, entry))
