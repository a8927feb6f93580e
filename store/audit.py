"""What staff did: written in the transaction of the deed, never changed afterwards.

Each row holds a hash over its content and over the row before it. Rows are numbered without gaps,
since writers take turns (store.database). So a row that was changed, and one that is missing, is
found by whoever goes along the chain (store.audit_chain), and triggers refuse both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from store.tables.privacy import audit_starts
from store.tables.staff import audit

FIRST = "0" * 64
"""What the very first row has in the place of the hash before it."""
_HASHED = ("id", "at", "staff_id", "action", "subject", "detail", "previous")


def digest_of(row: Mapping[str, Any]) -> str:
    """Return the hash of a row: over all of it, and over the hash of the row before it."""
    content = json.dumps([row[name] for name in _HASHED], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def last(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the last row; where rows were deleted in time, of the last one."""
    newest = select(audit.c.id, audit.c.digest).order_by(audit.c.id.desc()).limit(1)
    row = connection.execute(newest).first()
    return (row.id, row.digest) if row else start(connection)


def start(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the row after which the chain begins: the last deleted in time."""
    query = select(audit_starts.c.after, audit_starts.c.digest)
    row = connection.execute(query.order_by(audit_starts.c.after.desc()).limit(1)).first()
    return (row.after, row.digest) if row else (0, FIRST)


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
    before, previous = last(connection)
    row = {"at": at, "staff_id": staff_id, "action": action, "subject": subject, "detail": detail}
    row |= {"id": before + 1, "previous": previous}
    connection.execute(audit.insert().values(**row, digest=digest_of(row)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deeds are looked for; None and 0 stand for all."""

    staff_id: str | None = None
    """Whose; "" for those that nobody who was signed in has done."""
    action: str | None = None
    subject: str | None = None
    since: int = 0
    """From when on, in milliseconds."""
    until: int = 0
    """Before when."""


def newest(
    connection: Connection,
    size: int = 200,
    *,
    wanted: Wanted | None = None,
    before: int | None = None,
) -> list[dict[str, Any]]:
    """Return the newest deeds, newest first.

    Args:
        connection: Where to read.
        size: How many at most.
        wanted: Which alone.
        before: The row that those of a page follow, or None.
    """
    query = select(audit).order_by(audit.c.id.desc()).limit(size)
    for condition in _conditions(wanted or Wanted()):
        query = query.where(condition)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [dict(row) for row in connection.execute(query).mappings()]


def _conditions(wanted: Wanted) -> list[Any]:
    conditions: list[Any] = []
    if wanted.staff_id is not None:
        nobody = audit.c.staff_id.is_(None)
        conditions.append(audit.c.staff_id == wanted.staff_id if wanted.staff_id else nobody)
    if wanted.action is not None:
        conditions.append(audit.c.action == wanted.action)
    if wanted.subject is not None:
        conditions.append(audit.c.subject == wanted.subject)
    if wanted.since:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until:
        conditions.append(audit.c.at < wanted.until)
    return conditions


def actions(connection: Connection) -> list[str]:
    """Return the names of all that was done, to choose from."""
    return sorted(connection.execute(select(audit.c.action).distinct()).scalars())
