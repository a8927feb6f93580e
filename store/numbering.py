"""Numbers of messages: given by desk and console at the same time, yet never the same.

They are moments in milliseconds where these are free. The desk gives even ones, from memory; what
the store gives (to staff's messages, and to lines on a change of owner) is odd.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from store.tables.conversations import messages, transitions


def desk_number(last: int, now: int) -> int:
    """Return the even number after `last` that is nearest to the moment."""
    number = max(last + 1, now)
    return number + number % 2


def of_desk(number: int) -> bool:
    """Say whether a desk has given a number."""
    return number % 2 == 0


def store_number(connection: Connection, conversation_id: str, at: int) -> int:
    """Return an odd number above all of a conversation, nearest to the moment `at`.

    Ask inside a write: writers take turns (store.database), or two would be given the same.
    """
    highest = max(_highest(connection, table, conversation_id) for table in (messages, transitions))
    number = max(highest + 1, at)
    return number + 1 - number % 2


def _highest(connection: Connection, table: object, conversation_id: str) -> int:
    columns = table.c  # type: ignore[attr-defined]
    query = select(func.max(columns.seq)).where(columns.conversation_id == conversation_id)
    return connection.execute(query).scalar() or 0
