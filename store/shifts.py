"""What somebody of staff finds when they come back: what happened since they left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, func, select

from store.tables.alerts import alerts
from store.tables.callbacks import callbacks
from store.tables.conversations import conversations, messages, ratings, transitions
from store.tables.staff import audit

_NO_PRESENCE = ("sign-in failed", "invited", "password link")
"""What the audit holds of somebody without their having been there."""


def left_at(connection: Connection, staff_id: str, began_at: int) -> int | None:
    """Return when somebody was last there before a session: signed out, or did something.

    Args:
        connection: Where to read.
        staff_id: Who.
        began_at: When the session began, in milliseconds.

    Returns:
        The moment, or None when they never were.
    """
    mine = audit.c.staff_id == staff_id, audit.c.at < began_at
    there = audit.c.action.not_in(_NO_PRESENCE)
    query = select(audit.c.at).where(*mine, there).order_by(audit.c.id.desc()).limit(1)
    found: int | None = connection.execute(query).scalar()
    return found


@dataclass(frozen=True, slots=True)
class Happened:
    """How much of each kind has happened."""

    begun: int
    """Conversations that began."""
    asked: int
    """Times that staff were asked for."""
    taken: int
    """Times that somebody of staff took a conversation over."""
    resolved: int
    """Times that staff gave one back to the assistant."""
    crises: int
    """Alerts of words of risk."""
    acknowledged: int
    """Such alerts that were acknowledged."""
    calls_asked: int
    calls_done: int
    rated: int
    helped: int


def happened(connection: Connection, since: int) -> Happened:
    """Return what happened from a moment on, in milliseconds; drills count nowhere."""
    t, a, k, r = transitions.c, alerts.c, callbacks.c, ratings.c

    def count(table: FromClause, *conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table)
        if table is not conversations:
            query = query.join(conversations, conversations.c.id == table.c.conversation_id)
        found: int = connection.execute(
            query.where(conversations.c.drill == 0, *conditions)
        ).scalar_one()
        return found

    return Happened(
        begun=count(conversations, conversations.c.created_at >= since),
        asked=count(transitions, t.at >= since, t.event == "asked"),
        taken=count(transitions, t.at >= since, t.from_owner != "human", t.to_owner == "human"),
        resolved=count(transitions, t.at >= since, t.event == "resolve"),
        crises=count(alerts, a.at >= since, a.kind == "crisis"),
        acknowledged=count(alerts, a.acknowledged_at >= since, a.kind == "crisis"),
        calls_asked=count(callbacks, k.asked_at >= since),
        calls_done=count(callbacks, k.done_at >= since),
        rated=count(ratings, r.at >= since),
        helped=count(ratings, r.at >= since, r.score == 1),
    )


def words_of(connection: Connection, conversation_id: str, seq: int) -> Mapping[str, str] | None:
    """Return sender, text and language of a message, or None when it is gone."""
    columns = (messages.c.sender, messages.c.text, messages.c.language)
    mine = messages.c.conversation_id == conversation_id, messages.c.seq == seq
    row = connection.execute(select(*columns).where(*mine)).mappings().first()
    return dict(row) if row else None
