"""Private notes of staff on a conversation; no person ever sees them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from store import audit, feed, persons
from store.tables.staff import notes


def add(connection: Connection, conversation_id: str, staff_id: str, text: str, at: int) -> None:
    """Write a note."""
    words = persons.seal(connection, conversation_id, text)
    row = {"conversation_id": conversation_id, "staff_id": staff_id, "text": words, "at": at}
    connection.execute(notes.insert().values(**row))
    audit.note(connection, staff_id, "note", conversation_id, at=at)
    feed.publish(connection, conversation_id, "note", at)


def of(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    """Return a conversation's notes, the newest first."""
    query = select(notes).where(notes.c.conversation_id == conversation_id)
    return [dict(row) for row in connection.execute(query.order_by(notes.c.id.desc())).mappings()]
