"""What of conversations is posted to staff's own channel, and by which desk: once."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from store.rows import put
from store.tables.channels import staff_posts


def claim(connection: Connection, conversation_id: str, seq: int, at: int) -> bool:
    """Say whether this desk is the one that posts a message or a change; no other does then."""
    row = {"conversation_id": conversation_id, "seq": seq, "at": at}
    return bool(put(connection, staff_posts, [row]))


def release(connection: Connection, conversation_id: str, seq: int) -> None:
    """Give back what could not be posted: it is tried again."""
    mine = staff_posts.c.conversation_id == conversation_id, staff_posts.c.seq == seq
    connection.execute(delete(staff_posts).where(*mine))
