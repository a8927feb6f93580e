"""Canned replies: texts that staff put into their answer by one press, and send themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, select

from store import audit
from store.tables.staff import canned_replies


def everything(connection: Connection) -> list[dict[str, Any]]:
    """Return all of them, by title."""
    order = func.lower(canned_replies.c.title), canned_replies.c.id
    rows = connection.execute(select(canned_replies).order_by(*order))
    return [dict(row) for row in rows.mappings()]


def text_of(connection: Connection, number: int) -> str | None:
    """Return the text of one, or None when it was removed."""
    query = select(canned_replies.c.text).where(canned_replies.c.id == number)
    return connection.execute(query).scalar()


def add(connection: Connection, staff_id: str, title: str, text: str, at: int) -> None:
    """Add one."""
    row = {"title": title, "text": text, "made_by": staff_id, "at": at}
    connection.execute(canned_replies.insert().values(**row))
    audit.note(connection, staff_id, "canned reply", detail="added", at=at)


def remove(connection: Connection, staff_id: str, number: int, at: int) -> bool:
    """Remove one; return whether it was there."""
    gone = connection.execute(delete(canned_replies).where(canned_replies.c.id == number)).rowcount
    if gone:
        audit.note(connection, staff_id, "canned reply", detail="removed", at=at)
    return gone > 0
