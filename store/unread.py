"""Answers by staff that nobody has read: the person had left, so reaching them is a task."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, literal, select

from store.tables.callbacks import callbacks
from store.tables.conversations import conversations, messages


@dataclass(frozen=True, slots=True)
class Unread:
    """A conversation whose last answers by staff the person has not seen."""

    conversation_id: str
    channel: str
    count: int
    since: int
    """When the oldest of them was written."""
    callbacks: int
    """Open requests for a call of the same person: another way to reach them."""


def listed(connection: Connection, *, after: int, before: int, size: int = 200) -> list[Unread]:
    """Return conversations in which answers by staff wait for somebody who has left.

    Args:
        connection: Where to read.
        after: What was written earlier is left out; milliseconds.
        before: What was written later may still be on its way.
        size: How many at most.
    """
    calls = (
        select(func.count())
        .where(
            callbacks.c.conversation_id == messages.c.conversation_id,
            callbacks.c.done_at.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        select(
            messages.c.conversation_id,
            conversations.c.channel,
            func.count().label("count"),
            func.min(messages.c.at).label("since"),
            calls.label("callbacks"),
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(
            # As it stands in the index, or SQLite would not use that.
            messages.c.sender == literal("staff", literal_execute=True),
            messages.c.delivered_at.is_(None),
            messages.c.at >= after,
            messages.c.at < before,
            conversations.c.drill == 0,
            conversations.c.blocked == 0,
        )
        .group_by(messages.c.conversation_id, conversations.c.channel)
        .order_by(func.min(messages.c.at))
        .limit(size)
    )
    return [Unread(**row._mapping) for row in connection.execute(query)]
