"""What staff did: written in the transaction of the deed, never changed afterwards."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from store.models import audit


def note(
    connection: Connection,
    staff_id: str | None,
    action: str,
    subject: str | None = None,
    detail: str | None = None,
    *,
    at: int,
) -> None:
    """Write down a deed.

    Args:
        connection: The transaction of the deed itself.
        staff_id: Who did it; None for whoever was not signed in, or has the machine.
        action: What, in one word or two of ours: "read", "sign-in failed".
        subject: The conversation, account or callback that it was done to.
        detail: More of our own words; never a person's.
        at: When, in milliseconds since 1970.
    """
    row = {"at": at, "staff_id": staff_id, "action": action, "subject": subject, "detail": detail}
    connection.execute(audit.insert().values(**row))


def newest(connection: Connection, size: int = 200) -> list[dict[str, Any]]:
    """Return the newest deeds, newest first."""
    rows = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(size))
    return [dict(row) for row in rows.mappings()]
