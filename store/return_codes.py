"""Codes that open a conversation on another device; only their hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from store.tables.conversations import conversations, return_codes


def add(connection: Connection, digest: str, conversation_id: str, at: int, until: int) -> bool:
    """Keep a conversation's code, in the place of those before it.

    Args:
        connection: Where to write.
        digest: The code's keyed hash.
        conversation_id: What it opens.
        at: When it was made, in milliseconds.
        until: From when on it opens nothing.

    Returns:
        Whether there is such a conversation.
    """
    known = select(conversations.c.id).where(conversations.c.id == conversation_id)
    if connection.execute(known).first() is None:
        return False
    mine = return_codes.c.conversation_id == conversation_id
    connection.execute(delete(return_codes).where(mine))
    connection.execute(
        return_codes.insert().values(
            digest=digest, conversation_id=conversation_id, made_at=at, until=until
        )
    )
    return True


def use(connection: Connection, digests: Sequence[str], at: int) -> str | None:
    """Use up a code.

    Args:
        connection: Where to write.
        digests: The code's hash under each key that may have been in use when it was made.
        at: When, in milliseconds.

    Returns:
        The conversation that it opens; None for a code that is wrong, old or used.
    """
    fits = (
        return_codes.c.digest.in_(list(digests)),
        return_codes.c.used_at.is_(None),
        return_codes.c.until > at,
    )
    row = connection.execute(select(return_codes).where(*fits)).first()
    if row is None:
        return None
    # The same conditions again, so that of two who come at once only one is let in.
    same = return_codes.c.digest == row.digest
    done = connection.execute(update(return_codes).where(same, *fits).values(used_at=at)).rowcount
    return row.conversation_id if done else None


def forget(connection: Connection, before: int) -> int:
    """Delete codes that opened nothing any more at a moment, and return how many."""
    done: int = connection.execute(
        delete(return_codes).where(return_codes.c.until <= before)
    ).rowcount
    return done
