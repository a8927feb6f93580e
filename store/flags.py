"""Flags: what somebody of staff wants to come back to, a conversation or one message."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from store import audit, feed
from store.rows import put
from store.tables.review import flags
from store.tags import is_there


def put_up(connection: Connection, conversation_id: str, seq: int, *, by: str, at: int) -> bool:
    """Flag a conversation (seq 0) or a message of it; False where there is no such message."""
    if not is_there(connection, conversation_id, seq):
        return False
    row = {"conversation_id": conversation_id, "seq": seq, "staff_id": by, "at": at}
    if put(connection, flags, [row]):
        _tell(connection, conversation_id, seq, "flagged", by, at)
    return True


def take_down(connection: Connection, conversation_id: str, seq: int, *, by: str, at: int) -> bool:
    """Take a flag away, and say whether it was there."""
    mine = flags.c.conversation_id == conversation_id, flags.c.seq == seq
    if not connection.execute(delete(flags).where(*mine)).rowcount:
        return False
    _tell(connection, conversation_id, seq, "unflagged", by, at)
    return True


def _tell(
    connection: Connection, conversation_id: str, seq: int, deed: str, by: str, at: int
) -> None:
    audit.note(connection, by, deed, conversation_id, at=at)
    feed.publish(connection, conversation_id, "review", at, seq=seq or None)


def of(connection: Connection, conversation_id: str) -> dict[int, str]:
    """Return who has flagged what of a conversation, by message; 0 is the conversation."""
    query = select(flags.c.seq, flags.c.staff_id).where(flags.c.conversation_id == conversation_id)
    return {row.seq: row.staff_id for row in connection.execute(query)}


def flagged(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Return which of conversations are flagged, or have a message that is."""
    query = select(flags.c.conversation_id).where(flags.c.conversation_id.in_(ids))
    return frozenset(connection.execute(query).scalars())
