"""Conversations and staff that tests of ownership begin with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from store import log
from store.records import Alert, Entry, Message
from store.tables.conversations import feed, transitions
from store.tables.staff import audit, staff

MARIA, SAM = "maria-id", "sam-id"
C1 = "c1"


def begin(connection: Connection, at: int = 1, conversation_id: str = C1) -> None:
    log.write(connection, Entry(conversation_id, "web", at))
    for staff_id, name in ((MARIA, "Maria"), (SAM, "Sam")):
        row = {"id": staff_id, "name": name, "email": f"{name}@example.org", "role": "agent"}
        if connection.execute(select(staff.c.id).where(staff.c.id == staff_id)).first() is None:
            connection.execute(staff.insert().values(**row, password="x", created_at=at))


def says(connection: Connection, seq: int, at: int, text: str = "hello", **entry: Any) -> Any:
    message = Message(seq, "visitor", "text", text, at, client_id=f"client-{seq}")
    return log.take(connection, Entry(C1, "web", at, (message,), known=True, **entry))


def alert(seq: int, at: int, kind: Any = "crisis", tier: str = "T0") -> Alert:
    return Alert(seq, kind, at, "S3", tier, "rule")


def moves(connection: Connection) -> list[tuple[str, str, str, str, str | None]]:
    columns = (transitions.c[name] for name in "event from_owner to_owner by agent".split())
    return [tuple(row) for row in connection.execute(select(*columns).order_by(transitions.c.id))]


def fed(connection: Connection) -> list[tuple[str, int | None, str | None]]:
    query = select(feed.c.kind, feed.c.seq, feed.c.sender).order_by(feed.c.id)
    return [tuple(row) for row in connection.execute(query)]


def deeds(connection: Connection) -> list[tuple[str, str, str, str | None]]:
    columns = (audit.c[name] for name in "staff_id action subject detail".split())
    return [tuple(row) for row in connection.execute(select(*columns).order_by(audit.c.id))]
