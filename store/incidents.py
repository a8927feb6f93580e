"""All that belongs to one crisis, as a file that is sealed with a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from store import audit, review
from store.masking import masked
from store.tables.alerts import alerts, notices
from store.tables.conversations import conversations, transitions
from store.tables.staff import notes
from store.tables.staff import staff as accounts

FORM = 1
"""Number of the form of the file."""


def incident(
    connection: Connection, conversation_id: str, seq: int, *, unmasked: bool, by: str, at: int
) -> dict[str, Any] | None:
    """Return the file on a crisis, or None when there is no such alert; the audit says so.

    Args:
        connection: Where to write.
        conversation_id: Whose.
        seq: The message that raised the alert.
        unmasked: Whether what was said stands in it as it was written.
        by: Who of staff asks for it.
        at: When, in milliseconds.
    """
    mine = alerts.c.conversation_id == conversation_id, alerts.c.seq == seq
    of_risk = alerts.c.kind.in_(("crisis", "unscreened"))
    if connection.execute(select(alerts.c.seq).where(*mine, of_risk)).first() is None:
        return None
    how = "unmasked" if unmasked else "masked"
    audit.note(connection, by, "incident file", conversation_id, f"message {seq}, {how}", at=at)
    said = [_said(row, unmasked=unmasked) for row in _transcript(connection, conversation_id)]
    content = {
        "form": FORM,
        "made_at": at,
        "made_by": by,
        "masked": not unmasked,
        "conversation": _head(connection, conversation_id),
        "alert": seq,
        "said": said,
        "resources_shown": [each for each in said if each["kind"] == "crisis"],
        "rules": [each["risk"] for each in said if each["risk"]],
        "alerts": _rows(connection, alerts, conversation_id),
        "told": _rows(connection, notices, conversation_id),
        "owners": _rows(connection, transitions, conversation_id),
        "notes": [
            {**row, "text": row["text"] if unmasked else masked(row["text"])}
            for row in _rows(connection, notes, conversation_id)
        ],
        "deeds": _deeds(connection, conversation_id),
        "staff": _staff(connection),
    }
    return sealed(content)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content with the hash over it; `whole` says whether it is still the same."""
    return {"content": dict(content), "sha256": _hash(content)}


def whole(file: Mapping[str, Any]) -> bool:
    """Say whether a file is as it was made."""
    return bool(_hash(file["content"]) == file["sha256"])


def _hash(content: Mapping[str, Any]) -> str:
    # The same words for the same content, whoever writes them: keys in order, no blanks.
    words = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(words.encode("ascii")).hexdigest()


def _transcript(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := review.transcript(
        connection, conversation_id, after=found[-1]["seq"] if found else -1, size=500
    ):
        found += page
    return found


def _said(row: Mapping[str, Any], *, unmasked: bool) -> dict[str, Any]:
    hidden = not unmasked and row["sender"] in ("visitor", "staff")
    risk = {name: row[f"risk_{name}"] for name in ("category", "tier", "rule")}
    return {
        "seq": row["seq"],
        "at": row["at"],
        "sender": row["sender"],
        "kind": row["kind"],
        "text": masked(row["text"], names=row["sender"] == "visitor") if hidden else row["text"],
        "answer": row["answer_id"],
        "version": row["answer_version"],
        "approved": row["approved"],
        "delivered_at": row["delivered_at"],
        "intent": row["intent"],
        "model": row["model"],
        "milliseconds": row["milliseconds"],
        "risk": {"seq": row["seq"], **risk} if row["risk_tier"] else None,
    }


def _head(connection: Connection, conversation_id: str) -> dict[str, Any]:
    names = ("id", "channel", "created_at", "last_at", "drill", "blocked")
    query = select(*(conversations.c[name] for name in names))
    row = connection.execute(query.where(conversations.c.id == conversation_id)).one()
    return dict(zip(names, row, strict=True))


def _rows(connection: Connection, table: Table, conversation_id: str) -> list[dict[str, Any]]:
    query = select(table).where(table.c.conversation_id == conversation_id)
    rows = connection.execute(query.order_by(*table.primary_key)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


def _deeds(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    rows = audit.newest(connection, 10_000, wanted=audit.Wanted(subject=conversation_id))
    return [{str(name): value for name, value in row.items()} for row in reversed(rows)]


def _staff(connection: Connection) -> dict[str, str]:
    return {row.id: row.name for row in connection.execute(select(accounts.c.id, accounts.c.name))}
