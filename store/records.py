"""The rows of the log as values, and the entry in which one step of a turn writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Sender = Literal["visitor", "bot", "staff", "system"]
Kind = Literal["text", "answer", "crisis", "safe", "notice"]
Owner = Literal["bot", "queue", "human"]
AlertKind = Literal["crisis", "handoff", "unscreened"]
Outcome = Literal["brain", "fixed", "safe", "read"]

DRILL = "drill-"
"""How the ids of drills' conversations begin. Only the desk makes ids, and signs them; those of
people are 22 characters long, shorter than any drill's."""
_PERSONS_ID = 22


def is_drill(conversation_id: str) -> bool:
    """Say whether a conversation is a drill and no person's."""
    return conversation_id.startswith(DRILL) and len(conversation_id) > _PERSONS_ID


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, from whomever."""

    seq: int
    sender: Sender
    kind: Kind
    text: str
    at: int
    client_id: str | None = None
    button: str | None = None
    reply_to: int | None = None
    answer_id: str | None = None
    answer_version: int | None = None
    approved: int | None = None
    variables: Mapping[str, str] | None = None
    buttons: tuple[Mapping[str, str], ...] = ()
    links: tuple[Mapping[str, str], ...] = ()
    language: str | None = None
    """Language of the text, when it is known not to be English."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of one message, and how the turn ended."""

    seq: int
    outcome: Outcome
    milliseconds: float
    intent: str | None = None
    confidence: float | None = None
    ranking: tuple[Mapping[str, Any], ...] = ()
    intents: tuple[str, ...] = ()
    entities: tuple[Mapping[str, Any], ...] = ()
    signals: tuple[str, ...] = ()
    model: str | None = None
    risk_category: str | None = None
    risk_tier: str | None = None
    risk_rule: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that staff must see; carries no words of the person."""

    seq: int
    kind: AlertKind
    at: int
    category: str | None = None
    tier: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What one step of a turn writes, all of it or nothing."""

    conversation_id: str
    channel: str
    at: int
    messages: tuple[Message, ...] = ()
    reading: Reading | None = None
    alerts: tuple[Alert, ...] = ()
    queue: str | None = None
    """Why the conversation is to wait for staff, if it is."""
    known: bool = False
    """Whether the conversation's own rows are known to be in the log."""

    def plain(self) -> dict[str, Any]:
        """Return the entry as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Entry:
        """Return the entry that `plain` was made of."""
        values = dict(plain)
        values["messages"] = tuple(
            Message(**{**row, "buttons": tuple(row["buttons"]), "links": tuple(row["links"])})
            for row in values["messages"]
        )
        values["alerts"] = tuple(Alert(**row) for row in values["alerts"])
        if values["reading"]:
            values["reading"] = Reading(**values["reading"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A visitor's earlier message, with the risk that was found in it."""

    text: str
    at: int
    category: str | None = None
    tier: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class PastText:
    """A crisis text that was shown; `open` while nothing was written after it."""

    answer_id: str
    text: str
    language: str
    open: bool


@dataclass(frozen=True, slots=True)
class Past:
    """What a conversation has held of risk, oldest first."""

    heard: tuple[PastMessage, ...] = ()
    """The visitor's latest messages."""
    found: tuple[tuple[str, str, str], ...] = ()
    """Category, tier and rule of every kind of finding."""
    said: tuple[PastText, ...] = ()
    """The crisis texts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a conversation stands, as far as the next turn depends on it."""

    owner: Owner
    reason: str
    """Why it has that owner."""
    last_seq: int
    last_at: int
    past: Past
    """What it has held of risk."""
    offered: frozenset[str]
    """Ids of the buttons it has been offered."""
