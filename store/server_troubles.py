"""Alerts of the server itself: they belong to no person, and end when the trouble is gone.

An alert needs a conversation, since places are told of both together (store.outbox). So each
trouble has one of its own, that is in no list and no count: nothing is ever written in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, select, update

from store import alarms
from store.records import Alert, Entry
from store.rows import put
from store.tables.alerts import alerts
from store.tables.conversations import conversations

KIND: Final = "server"
TROUBLES: Mapping[str, str] = {
    "disk": "the disk of the server is nearly full",
    "certificate": "the certificate for HTTPS ends soon, or has ended",
    "backup": "there is no fresh backup",
    "spill": "messages wait beside the database",
    "audit": "the record of what staff did was changed",
}
"""What can be wrong, by the alert's category, in words."""
GONE = "gone"
"""Who has closed an alert when the trouble was over."""
_CHANNEL, _OF_NOBODY, _SEQ = "server", 2, 1


def open_ones(connection: Connection) -> dict[str, str]:
    """Return the conversation of each trouble that staff are told of now; reads only."""
    rows = connection.execute(
        select(alerts.c.category, alerts.c.conversation_id).where(
            alerts.c.kind == KIND, alerts.c.acknowledged_at.is_(None)
        )
    )
    return {row.category: row.conversation_id for row in rows}


def note(connection: Connection, found: Collection[str], at: int) -> int:
    """Raise alerts of what is wrong now, and end those of what no longer is.

    Args:
        connection: A write's.
        found: What is wrong, by the names of `TROUBLES`.
        at: Now, in milliseconds.

    Returns:
        How many alerts began or ended.
    """
    known = open_ones(connection)
    for name in known.keys() & set(found):
        # As long as it is open it is not deleted for its age.
        mine = conversations.c.id == known[name]
        connection.execute(update(conversations).where(mine).values(last_at=at))
    fresh, over = sorted(set(found) - known.keys()), sorted(known.keys() - set(found))
    for name in fresh:
        _raise(connection, name, at)
    for name in over:
        alarms.close(connection, known[name], _SEQ, {KIND}, by=GONE, at=at)
    return len(fresh) + len(over)


def _raise(connection: Connection, name: str, at: int) -> None:
    conversation = f"{KIND}-{name}-{at}"
    row = {"id": conversation, "channel": _CHANNEL, "created_at": at, "last_at": at}
    put(connection, conversations, [{**row, "drill": _OF_NOBODY}])
    alert = Alert(_SEQ, KIND, at, name)
    alarms.sound(connection, Entry(conversation, _CHANNEL, at), alert)
