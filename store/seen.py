"""What somebody of staff has had on their screen, by conversation: the rest is unread to them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from store.rows import put
from store.tables.staff import seen


def up_to(connection: Connection, staff_id: str, ids: Collection[str]) -> dict[str, int]:
    """Return the last message that somebody has had on their screen, by conversation."""
    query = select(seen.c.conversation_id, seen.c.seq).where(
        seen.c.staff_id == staff_id, seen.c.conversation_id.in_(ids)
    )
    return {row.conversation_id: row.seq for row in connection.execute(query)}


def mark(connection: Connection, staff_id: str, conversation_id: str, seq: int) -> None:
    """Note that somebody has had a conversation on their screen up to a message."""
    key = {"conversation_id": conversation_id, "staff_id": staff_id}
    of_it = (seen.c.conversation_id == conversation_id) & (seen.c.staff_id == staff_id)
    if not put(connection, seen, [{**key, "seq": seq}]):
        connection.execute(update(seen).where(of_it, seen.c.seq < seq).values(seq=seq))
