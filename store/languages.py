"""The language that a conversation is held in: that of the person's latest message."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store.tables.conversations import messages


def language_of(connection: Connection, conversation_id: str) -> str:
    """Return "es", or "en" for every conversation that is not known to be in Spanish."""
    mine = messages.c.conversation_id == conversation_id, messages.c.sender == "visitor"
    latest = select(messages.c.language).where(*mine).order_by(messages.c.seq.desc()).limit(1)
    return connection.execute(latest).scalar() or "en"
