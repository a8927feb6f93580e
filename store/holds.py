"""Legal holds: conversations that must not be deleted, whatever their age and whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, select, update

from store import audit, persons
from store.tables.conversations import conversations
from store.tables.privacy import holds


def held() -> Select[Any]:
    """Return a query for the conversations that are held now."""
    return select(holds.c.conversation_id).where(holds.c.ended_at.is_(None))


def among(connection: Connection, ids: Iterable[str]) -> list[str]:
    """Return those of some conversations that are held now."""
    query = held().where(holds.c.conversation_id.in_(list(ids))).distinct()
    return sorted(connection.execute(query).scalars())


def put_on(connection: Connection, conversation_id: str, reason: str, by: str, at: int) -> bool:
    """Hold a conversation; False when there is none such.

    Args:
        connection: Where to write.
        conversation_id: Which.
        reason: Why, in the administrator's words; stored sealed, never in the audit.
        by: Who wants it.
        at: When, in milliseconds.
    """
    known = select(conversations.c.id).where(conversations.c.id == conversation_id)
    if connection.execute(known).first() is None:
        return False
    words = persons.seal(connection, conversation_id, reason)
    row = {"conversation_id": conversation_id, "reason": words, "by": by, "at": at}
    connection.execute(holds.insert().values(**row))
    audit.note(connection, by, "held", conversation_id, at=at)
    return True


def end(connection: Connection, number: int, by: str, at: int) -> bool:
    """End a hold; False when it is none that lasts."""
    lasting = (holds.c.id == number) & holds.c.ended_at.is_(None)
    whose = connection.execute(select(holds.c.conversation_id).where(lasting)).scalar()
    if whose is None:
        return False
    connection.execute(update(holds).where(lasting).values(ended_at=at, ended_by=by))
    audit.note(connection, by, "hold ended", whose, at=at)
    return True


def lasting(connection: Connection, size: int = 200) -> list[dict[str, Any]]:
    """Return the holds that last, the newest first."""
    query = select(holds).where(holds.c.ended_at.is_(None)).order_by(holds.c.id.desc())
    return [dict(row) for row in connection.execute(query.limit(size)).mappings()]
