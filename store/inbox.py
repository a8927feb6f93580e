"""What the inbox lists: conversations that staff have to do with, each as one row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    exists,
    func,
    select,
)

from store.tables.alerts import alerts
from store.tables.conversations import conversations, messages, ownership, transitions

OF_RISK = ("crisis", "unscreened")
"""Kinds of alerts that stay on top until somebody has acknowledged them."""
_SPEAK = ("visitor", "bot", "staff")


@dataclass(frozen=True, slots=True)
class Crisis:
    """The gravest open alert of a conversation, with the moment of the oldest: its clock."""

    seq: int
    at: int
    kind: str
    tier: str | None
    category: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One conversation of the inbox; moments in milliseconds since 1970."""

    id: str
    channel: str
    created_at: int
    last_at: int
    owner: str
    agent: str | None
    team: str | None
    since: int
    reason: str
    wake_at: int | None
    blocked: bool
    drill: bool
    """Whether it is the daily drill's; those are not listed."""
    waiting_since: int | None
    """Since when the person has had no answer of staff; None when staff spoke last."""
    last_sender: str | None
    heard: int
    """Number of the person's last message; 0 when there is none."""
    crisis: Crisis | None


def _last(column: ColumnElement[object], *also: ColumnElement[bool]) -> ScalarSelect[object]:
    """Return a value of a conversation's newest message of some kind."""
    of_it = messages.c.conversation_id == conversations.c.id
    newest = select(column).where(of_it, *also).order_by(messages.c.seq.desc()).limit(1)
    return newest.correlate(conversations).scalar_subquery()


_LAST_OF_STAFF = _last(messages.c.seq, messages.c.sender == "staff")
_ENGAGED = (
    select(func.max(transitions.c.at))
    .where(
        transitions.c.conversation_id == conversations.c.id,
        transitions.c.from_owner == "bot",
        transitions.c.to_owner != "bot",
    )
    .correlate(conversations)
    .scalar_subquery()
)
_UNANSWERED = (
    select(func.min(messages.c.at))
    .where(
        messages.c.conversation_id == conversations.c.id,
        messages.c.sender == "visitor",
        messages.c.seq > _LAST_OF_STAFF,
    )
    .correlate(conversations)
    .scalar_subquery()
)
_OPEN_CRISIS = exists().where(
    alerts.c.conversation_id == conversations.c.id,
    alerts.c.acknowledged_at.is_(None),
    alerts.c.kind.in_(OF_RISK),
)


def _rows() -> Select[tuple[object, ...]]:
    return select(
        conversations.c.id,
        conversations.c.channel,
        conversations.c.created_at,
        conversations.c.last_at,
        conversations.c.blocked,
        conversations.c.drill,
        *(column for column in ownership.c if column.name in _OWNED),
        _last(messages.c.sender, messages.c.sender.in_(_SPEAK)).label("last_sender"),
        _last(messages.c.seq, messages.c.sender == "visitor").label("heard"),
        _last(messages.c.at, messages.c.sender == "staff").label("staff_at"),
        _ENGAGED.label("engaged"),
        _UNANSWERED.label("unanswered"),
    ).join(ownership, ownership.c.conversation_id == conversations.c.id)


_OWNED = frozenset({"owner", "agent", "team", "since", "reason", "wake_at"})


def listed(connection: Connection, ids: Collection[str] | None = None) -> list[Waiting]:
    """Return what staff have to do with: what waits, what they have, what has an open crisis.

    Args:
        connection: Where to read.
        ids: Look at these conversations alone; those of them that are no longer in the inbox are
            left out. None looks at all.
    """
    wanted = (ownership.c.owner != "bot") | _OPEN_CRISIS
    query = _rows().where(wanted, conversations.c.drill == 0)
    if ids is not None:
        query = query.where(conversations.c.id.in_(ids))
    rows = connection.execute(query).all()
    crises = _crises(connection, [row.id for row in rows] if ids is not None else None)
    return [_waiting(row, crises.get(row.id)) for row in rows]


def one(connection: Connection, conversation_id: str) -> Waiting | None:
    """Return a conversation, whoever owns it, or None when there is none of that id."""
    row = connection.execute(_rows().where(conversations.c.id == conversation_id)).first()
    return _waiting(row, _crises(connection, [row.id]).get(row.id)) if row else None


def _waiting(row: Row[tuple[object, ...]], crisis: Crisis | None) -> Waiting:
    values = {name: row._mapping[name] for name in Waiting.__slots__ if name in row._mapping}
    return Waiting(
        **{
            **values,
            "blocked": bool(row.blocked),
            "drill": bool(row.drill),
            "heard": row.heard or 0,
        },
        waiting_since=_waiting_since(row),
        crisis=crisis,
    )


def _waiting_since(row: Row[tuple[object, ...]]) -> int | None:
    if row.owner == "bot":
        return None
    engaged: int = row.engaged or row.since
    if row.staff_at is None or row.staff_at < engaged:
        return engaged
    unanswered: int | None = row.unanswered
    if unanswered is None and row.owner == "queue":
        since: int = row.since
        return since
    return unanswered


def _crises(connection: Connection, ids: Iterable[str] | None) -> dict[str, Crisis]:
    query = select(
        alerts.c.conversation_id,
        alerts.c.seq,
        alerts.c.at,
        alerts.c.kind,
        alerts.c.tier,
        alerts.c.category,
    ).where(alerts.c.acknowledged_at.is_(None), alerts.c.kind.in_(OF_RISK))
    if ids is not None:
        query = query.where(alerts.c.conversation_id.in_(list(ids)))
    found: dict[str, list[Crisis]] = {}
    for conversation, *values in connection.execute(query):
        found.setdefault(conversation, []).append(Crisis(*values))
    return {conversation: _together(all_) for conversation, all_ in found.items()}


def _together(crises: list[Crisis]) -> Crisis:
    gravest = min(crises, key=lambda each: (each.tier or "T1", each.at))
    newest, oldest = max(each.seq for each in crises), min(each.at for each in crises)
    return Crisis(newest, oldest, gravest.kind, gravest.tier, gravest.category)
