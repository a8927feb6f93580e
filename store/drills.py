"""The daily drill in the store: who runs it, what came of it, what was told of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from store.alert_places import audience
from store.rows import put
from store.tables.alerts import alerts, drills, notices
from store.tables.conversations import conversations

KEPT = 400
"""How many drills are remembered: a good year of days."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a drill has come."""

    alerted: bool
    """Whether its alert is in the log."""
    missing: tuple[str, ...]
    """The places that have not taken a notice of it yet."""


def begin(connection: Connection, name: str, at: int) -> bool:
    """Say whether this process is the one to run the drill of that name, and none has yet."""
    return put(connection, drills, [{"name": name, "began_at": at}]) == 1


def was_begun(connection: Connection, name: str) -> bool:
    """Say whether a drill of that name was begun; reads only."""
    return (
        connection.execute(select(drills.c.name).where(drills.c.name == name)).first() is not None
    )


def reached(connection: Connection, conversation_id: str) -> Reached:
    """Return how far the drill of a conversation has come; reads only."""
    alert = select(alerts.c.seq).where(alerts.c.conversation_id == conversation_id)
    told = select(notices.c.place).where(
        notices.c.conversation_id == conversation_id, notices.c.sent_at.is_not(None)
    )
    wanted = audience(connection).of("crisis", drill=True)
    return Reached(
        alerted=connection.execute(alert).first() is not None,
        missing=tuple(sorted(wanted - set(connection.execute(told).scalars()))),
    )


def end(
    connection: Connection, name: str, conversation_id: str, at: int, trouble: str | None
) -> None:
    """Note what came of a drill; its alerts are closed, earlier drills' conversations deleted."""
    connection.execute(
        update(drills).where(drills.c.name == name).values(ended_at=at, trouble=trouble)
    )
    connection.execute(
        update(alerts)
        .where(alerts.c.conversation_id == conversation_id, alerts.c.acknowledged_at.is_(None))
        .values(acknowledged_at=at, acknowledged_by="drill")
    )
    # Only earlier ones: another drill may be under way, run by hand.
    began = select(conversations.c.created_at).where(conversations.c.id == conversation_id)
    connection.execute(
        delete(conversations).where(
            conversations.c.drill == 1, conversations.c.created_at < began.scalar_subquery()
        )
    )
    newest = select(drills.c.name).order_by(drills.c.began_at.desc()).limit(KEPT)
    connection.execute(delete(drills).where(drills.c.name.not_in(newest.scalar_subquery())))
