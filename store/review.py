"""What the console reads: the list of conversations and one of them with what was understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select, tuple_

from store.models import alerts, conversations, messages, ownership, readings


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation as a line of the list."""

    id: str
    channel: str
    created_at: int
    last_at: int
    owner: str
    messages: int
    tiers: tuple[str, ...]
    """Tiers of its alerts; "unscreened" where the screen could not read a message."""
    safe: int
    """How many messages got the fixed safe reply."""


def page(
    connection: Connection, *, before: tuple[int, str] | None = None, size: int = 50
) -> list[Summary]:
    """Return conversations, newest first.

    Args:
        connection: Where to read.
        before: Moment and id of the last conversation of the page before, or None.
        size: How many at most.
    """
    listed = (
        select(conversations, ownership.c.owner)
        .join(ownership, ownership.c.conversation_id == conversations.c.id)
        .where(conversations.c.drill == 0)
    )
    if before:
        listed = listed.where(tuple_(conversations.c.last_at, conversations.c.id) < before)
    order = conversations.c.last_at.desc(), conversations.c.id.desc()
    rows = connection.execute(listed.order_by(*order).limit(size)).all()
    ids = [row.id for row in rows]
    counts, safe, tiers = _counts(connection, ids), _safe(connection, ids), _tiers(connection, ids)
    return [
        Summary(
            id=row.id,
            channel=row.channel,
            created_at=row.created_at,
            last_at=row.last_at,
            owner=row.owner,
            messages=counts.get(row.id, 0),
            tiers=tiers.get(row.id, ()),
            safe=safe.get(row.id, 0),
        )
        for row in rows
    ]


def _counts(connection: Connection, ids: list[str]) -> dict[str, int]:
    column = messages.c.conversation_id
    counted = (
        select(column, func.count())
        .where(column.in_(ids), messages.c.sender == "visitor")
        .group_by(column)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _safe(connection: Connection, ids: list[str]) -> dict[str, int]:
    column = readings.c.conversation_id
    counted = (
        select(column, func.count())
        .where(column.in_(ids), readings.c.outcome == "safe")
        .group_by(column)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _tiers(connection: Connection, ids: list[str]) -> dict[str, tuple[str, ...]]:
    column = alerts.c.conversation_id
    unscreened = case((alerts.c.kind == "unscreened", "unscreened"), else_=alerts.c.tier)
    named = select(column, unscreened).where(column.in_(ids), unscreened.is_not(None))
    found: dict[str, set[str]] = {}
    for conversation, tier in connection.execute(named.distinct()):
        found.setdefault(conversation, set()).add(tier)
    return {conversation: tuple(sorted(tiers)) for conversation, tiers in found.items()}


def head(connection: Connection, conversation_id: str) -> dict[str, Any] | None:
    """Return a conversation's own facts and who owns it, or None when there is none of that id."""
    row = connection.execute(
        select(conversations, ownership.c.owner, ownership.c.since, ownership.c.reason)
        .join(ownership, ownership.c.conversation_id == conversations.c.id)
        .where(conversations.c.id == conversation_id)
    ).first()
    return dict(row._mapping) if row else None


def transcript(
    connection: Connection, conversation_id: str, *, after: int = 0, size: int = 200
) -> list[dict[str, Any]]:
    """Return messages, oldest first, each with the reading of the visitor's ones."""
    rows = connection.execute(
        _read_messages(conversation_id)
        .where(messages.c.seq > after)
        .order_by(messages.c.seq)
        .limit(size)
    )
    return [dict(row) for row in rows.mappings()]


def tail(
    connection: Connection, conversation_id: str, *, before: int | None = None, size: int = 200
) -> list[dict[str, Any]]:
    """Return the newest messages, or the newest before one, oldest first; see `transcript`."""
    query = _read_messages(conversation_id).order_by(messages.c.seq.desc()).limit(size)
    if before is not None:
        query = query.where(messages.c.seq < before)
    return [dict(row) for row in connection.execute(query).mappings()][::-1]


def _read_messages(conversation_id: str) -> Select[Any]:
    same = and_(
        readings.c.conversation_id == messages.c.conversation_id,
        readings.c.seq == messages.c.seq,
    )
    understood = [column for column in readings.c if column.name not in messages.c]
    return (
        select(messages, *understood)
        .join(readings, same, isouter=True)
        .where(messages.c.conversation_id == conversation_id)
    )
