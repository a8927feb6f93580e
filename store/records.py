"""The rows of the log as values, and the entry in which one step of a turn writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from store.callback_records import Callback, FormRow

Sender = Literal["visitor", "bot", "staff", "system"]
Kind = Literal["text", "answer", "crisis", "safe", "notice"]
Owner = Literal["bot", "queue", "human"]
AlertKind = Literal[
    "crisis", "unscreened", "handoff", "unanswered", "callback", "unreachable", "server"
]
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
    """Language of the text, when it is known not to be English; of the person's messages, that in
    which the conversation goes on."""
    delivered_at: int | None = None
    """Of staff's: when the person's page was first sent it; None while it waits for them."""


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
    form: FormRow | None = None
    """How far the form for a callback has come, if that has changed."""
    callback: Callback | None = None
    """A request for a call that was agreed to."""
    withdrawn: bool = False
    """Whether the person takes back their open requests for a call."""

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
        for name, kind in (("reading", Reading), ("form", FormRow), ("callback", Callback)):
            if values.get(name):
                values[name] = kind(**values[name])
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
class Ownership:
    """Who owns a conversation, since when and why."""

    owner: Owner
    agent: str | None
    """With "human" who of staff; with "queue" whom it is meant for, if anybody."""
    team: str | None
    """With "queue": the role that it is meant for, if any."""
    since: int
    reason: str
    wake_at: int | None = None
    """Until when its owner has put it off."""
    reminded_at: int | None = None
    """When its owner was reminded of a message left unanswered."""
    blocked: bool = False
    name: str | None = None
    """The agent's name as people see it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a conversation stands, as far as the next turn depends on it."""

    owned: Ownership
    last_seq: int
    last_at: int
    past: Past
    """What it has held of risk."""
    offered: frozenset[str]
    """Ids of the buttons it has been offered."""
    form: FormRow | None = None
    """How far its form for a callback has come."""
    staff_spoke: bool = False
    """Whether staff have written since that form last heard a message."""
    language: str = "en"
    """What it is held in."""
