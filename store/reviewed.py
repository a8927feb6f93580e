"""Marks that a conversation was reviewed: by whom, when, and up to which moment of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, select, update

from store import audit, feed
from store.tables.conversations import conversations


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How the review of a conversation stands."""

    last_at: int
    """Moment of its last message."""
    at: int | None = None
    by: str | None = None
    to: int | None = None
    """Up to which moment of it: what came later was not reviewed."""

    @property
    def done(self) -> bool:
        """Whether nothing has come since."""
        return self.to is not None and self.to >= self.last_at


def of(connection: Connection, conversation_id: str) -> Reviewed | None:
    """Return how the review of a conversation stands, or None when there is none of that id."""
    c = conversations.c
    query = select(c.last_at, c.reviewed_at, c.reviewed_by, c.reviewed_to)
    row = connection.execute(query.where(c.id == conversation_id)).first()
    return Reviewed(*row) if row else None


def mark(connection: Connection, conversation_id: str, to: int, *, by: str, at: int) -> bool:
    """Note that somebody has reviewed a conversation.

    Args:
        connection: Where to write.
        conversation_id: Which.
        to: The last moment of it that they have seen; what came later stays to be reviewed.
        by: Who.
        at: When, in milliseconds.

    Returns:
        False when there is no such conversation.
    """
    c = conversations.c
    # Nobody has reviewed what was not there yet.
    seen = case((c.last_at < to, c.last_at), else_=to)
    values = {"reviewed_at": at, "reviewed_by": by, "reviewed_to": seen}
    return _write(connection, conversation_id, values, "reviewed", by, at)


def unmark(connection: Connection, conversation_id: str, *, by: str, at: int) -> bool:
    """Take the mark away; False when there is no such conversation."""
    values = dict.fromkeys(("reviewed_at", "reviewed_by", "reviewed_to"))
    return _write(connection, conversation_id, values, "review taken back", by, at)


def _write(
    connection: Connection, conversation_id: str, values: object, deed: str, by: str, at: int
) -> bool:
    mine = conversations.c.id == conversation_id
    change = update(conversations).where(mine).values(values)  # type: ignore[arg-type]
    if not connection.execute(change).rowcount:
        return False
    audit.note(connection, by, deed, conversation_id, at=at)
    feed.publish(connection, conversation_id, "review", at)
    return True
