"""Whether staff can take a conversation, and where somebody stands in the queue."""

from __future__ import annotations

from sqlalchemy import Connection, exists, func, select

from store.tables.alerts import alerts
from store.tables.conversations import conversations, ownership
from store.tables.staff import staff

SEEN_WITHIN = 20 * 60_000
"""Milliseconds after which nobody who said so counts as available: an idle console has locked
itself by then."""
_REVIEWER = "reviewer"
"""The role that answers nobody."""


def available(connection: Connection, now: int) -> int:
    """Return how many of staff can take a conversation at a moment."""
    query = (
        select(func.count())
        .select_from(staff)
        .where(
            staff.c.presence == "available",
            staff.c.role != _REVIEWER,
            staff.c.closed_at.is_(None),
            staff.c.seen_at > now - SEEN_WITHIN,
        )
    )
    found: int = connection.execute(query).scalar_one()
    return found


def place(connection: Connection, conversation_id: str, now: int) -> int:
    """Return the place in the queue, from 1, that a conversation has, or would have at a moment.

    Those with an open alert of a crisis come first.
    """
    mine = select(ownership.c.since).where(
        ownership.c.conversation_id == conversation_id, ownership.c.owner == "queue"
    )
    since = connection.execute(mine).scalar()
    grave = exists().where(
        alerts.c.conversation_id == ownership.c.conversation_id,
        alerts.c.kind == "crisis",
        alerts.c.acknowledged_at.is_(None),
    )
    before = (ownership.c.since < (now if since is None else since)) | grave
    query = (
        select(func.count())
        .select_from(ownership)
        .join(conversations, conversations.c.id == ownership.c.conversation_id)
        .where(
            ownership.c.owner == "queue",
            conversations.c.drill == 0,
            conversations.c.blocked == 0,
            ownership.c.conversation_id != conversation_id,
            before,
        )
    )
    found: int = connection.execute(query).scalar_one()
    return found + 1
