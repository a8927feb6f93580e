"""Who owns a conversation after what happens to it: one table, and a function that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from store.records import Owner

EventName = Literal[
    "asked",
    "claim",
    "assign",
    "assign_team",
    "snooze",
    "wake",
    "release",
    "resolve",
    "cancel",
    "unanswered",
    "block",
    "unblock",
]
CRISIS = "crisis"
"""Reason of a wait that the person has not asked for."""

TABLE: Mapping[EventName, Mapping[Owner, Owner]] = {
    # A person is wanted: asked for, offered and accepted, a topic of the center's, or a crisis.
    "asked": {"bot": "queue", "queue": "queue"},
    # Taking it; so is sending a message.
    "claim": {"bot": "human", "queue": "human", "human": "human"},
    # For somebody else. It waits for them, and the bot goes on answering, unless staff have it.
    "assign": {"bot": "queue", "queue": "queue", "human": "human"},
    "assign_team": {"bot": "queue", "queue": "queue", "human": "queue"},
    # Put off until a moment, or the person's next message. The bot stays silent.
    "snooze": {"human": "human"},
    "wake": {"human": "human"},
    "release": {"human": "queue"},
    "resolve": {"queue": "bot", "human": "bot"},
    # By the person, who no longer wants to wait.
    "cancel": {"queue": "bot"},
    # Staff have left a message without an answer for too long.
    "unanswered": {"human": "queue"},
    "block": {"bot": "bot", "queue": "bot", "human": "bot"},
    "unblock": {"bot": "bot", "queue": "queue", "human": "human"},
}
"""By event, the owner before and the owner after; what is not there does not happen."""
_NOT_WHEN_BLOCKED = frozenset({"claim", "assign", "assign_team", "snooze", "unanswered", "block"})


@dataclass(frozen=True, slots=True)
class State:
    """Who owns a conversation, as far as the next event depends on it."""

    owner: Owner = "bot"
    agent: str | None = None
    """Who of staff: with "human" always somebody; with "queue" whom it is meant for, if anybody."""
    team: str | None = None
    """With "queue": the role that it is meant for."""
    wake_at: int | None = None
    """With "human": until when it is put off."""
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may change the owner."""

    name: EventName
    agent: str | None = None
    """Of claim and assign: whose it becomes."""
    team: str | None = None
    """Of assign_team: the role."""
    until: int | None = None
    """Of snooze: the moment, in milliseconds."""
    reason: str = ""
    """Of asked: a blocked person comes before staff for a crisis alone."""


def after(state: State, event: Event) -> State | None:
    """Return the state after an event, or None when it cannot happen in this one."""
    owner = TABLE[event.name].get(state.owner)
    if owner is None or (state.blocked and _forbidden(event)):
        return None
    if event.name == "wake" and state.wake_at is None:
        return None
    if event.name in ("asked", "block", "unblock"):
        kept = State() if event.name == "block" else state
        return replace(kept, owner=owner, blocked=_blocked(state, event))
    if event.name in ("snooze", "wake"):
        return replace(state, wake_at=event.until if event.name == "snooze" else None)
    return State(owner=owner, agent=event.agent, team=event.team, blocked=state.blocked)


def _forbidden(event: Event) -> bool:
    return event.name in _NOT_WHEN_BLOCKED or (event.name == "asked" and event.reason != CRISIS)


def _blocked(state: State, event: Event) -> bool:
    return {"block": True, "unblock": False}.get(event.name, state.blocked)
