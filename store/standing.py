"""How much waits, and for how long: what the figures ask of the log. Reads only, by indexes.

Holds no ids and no words. Drills are left out: nobody waits in them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text

from store import server_troubles
from store.candidates import WORKING
from store.deliveries import QUIET_HOURS
from store.tables.alerts import alerts, drills, notices, places
from store.tables.callbacks import callbacks
from store.tables.channels import arrivals, deliveries
from store.tables.conversations import conversations, messages, ownership
from store.tables.learning import candidates


@dataclass(frozen=True, slots=True)
class Queue:
    """Something that waits."""

    count: int = 0
    since: int | None = None
    """Since when the oldest does, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at a moment."""

    people: Queue
    """Those who wait for staff."""
    alerts: dict[str, Queue]
    """Those that nobody has acknowledged, by kind."""
    notices: dict[str, Queue]
    """What places were to be told and were not yet, by kind of alert."""
    failing_places: int
    deliveries: dict[str, Queue]
    """What is to be sent to people, by channel; not what waits for the end of quiet hours."""
    arrivals: Queue
    """What platforms have handed over and nobody has handled."""
    overdue_callbacks: Queue
    troubles: frozenset[str]
    """What is wrong with the server, as staff are told (store.server_troubles)."""
    candidates: dict[str, int]
    """Candidate models that are waited for or being made, by state."""
    drill_at: int | None
    """When the last drill ended, in milliseconds."""
    drill_failed: bool
    database_bytes: int | None
    """None on SQLite, whose file says it."""


def standing(connection: Connection, now: int) -> Standing:
    """Return how things stand.

    Args:
        connection: Where to read.
        now: The present moment, in milliseconds.
    """
    drill = connection.execute(
        select(drills.c.ended_at, drills.c.trouble)
        .where(drills.c.ended_at.is_not(None))
        .order_by(drills.c.ended_at.desc())
        .limit(1)
    ).first()
    return Standing(
        people=_people(connection),
        alerts=_alerts(connection),
        notices=_notices(connection, now),
        failing_places=_count(connection, places.c.failing_since.is_not(None)),
        deliveries=_deliveries(connection),
        arrivals=_queue(connection, arrivals.c.at, arrivals.c.handled_at.is_(None)),
        overdue_callbacks=_queue(
            connection, callbacks.c.due_at, callbacks.c.done_at.is_(None), callbacks.c.due_at < now
        ),
        troubles=frozenset(server_troubles.open_ones(connection)),
        candidates=_candidates(connection),
        drill_at=drill.ended_at if drill else None,
        drill_failed=bool(drill and drill.trouble),
        database_bytes=_bytes(connection),
    )


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(condition)).scalar_one()


def _queue(
    connection: Connection, since: ColumnElement[int], *conditions: ColumnElement[bool]
) -> Queue:
    row = connection.execute(select(func.count(), func.min(since)).where(*conditions)).one()
    return Queue(int(row[0]), row[1])


def _people(connection: Connection) -> Queue:
    mine = and_(conversations.c.id == ownership.c.conversation_id, conversations.c.drill == 0)
    query = (
        select(func.count(), func.min(ownership.c.since))
        .select_from(ownership.join(conversations, mine))
        .where(ownership.c.owner == "queue")
    )
    count, since = connection.execute(query).one()
    return Queue(int(count), since)


def _alerts(connection: Connection) -> dict[str, Queue]:
    mine = and_(conversations.c.id == alerts.c.conversation_id, conversations.c.drill == 0)
    query = (
        select(alerts.c.kind, func.count(), func.min(alerts.c.at))
        .select_from(alerts.join(conversations, mine))
        .where(alerts.c.acknowledged_at.is_(None))
        .group_by(alerts.c.kind)
    )
    return {kind: Queue(count, at) for kind, count, at in connection.execute(query)}


def _notices(connection: Connection, now: int) -> dict[str, Queue]:
    # A place that is told by the rota only if nobody answers has a notice that is not due yet.
    due = or_(notices.c.due_at <= now, notices.c.tries > 0)
    query = (
        select(notices.c.kind, func.count(), func.min(notices.c.queued_at))
        .where(notices.c.sent_at.is_(None), due)
        .group_by(notices.c.kind)
    )
    return {kind: Queue(count, at) for kind, count, at in connection.execute(query)}


def _deliveries(connection: Connection) -> dict[str, Queue]:
    # Its own moment moves on with every try: the message's does not.
    of_it = and_(
        messages.c.conversation_id == deliveries.c.conversation_id,
        messages.c.seq == deliveries.c.seq,
    )
    mine = conversations.c.id == deliveries.c.conversation_id
    query = (
        select(conversations.c.channel, func.count(), func.min(messages.c.at))
        .select_from(deliveries.join(messages, of_it).join(conversations, mine))
        # As in the index: what is compared by a parameter, SQLite does not look for there.
        .where(text("deliveries.state = 'waiting'"))
        .where(func.coalesce(deliveries.c.trouble, "") != QUIET_HOURS)
        .group_by(conversations.c.channel)
    )
    return {channel: Queue(count, at) for channel, count, at in connection.execute(query)}


def _candidates(connection: Connection) -> dict[str, int]:
    query = (
        select(candidates.c.state, func.count())
        .where(candidates.c.state.in_(WORKING))
        .group_by(candidates.c.state)
    )
    return {row.state: row[1] for row in connection.execute(query)}


def _bytes(connection: Connection) -> int | None:
    if connection.dialect.name == "sqlite":
        return None
    query = text("SELECT pg_database_size(current_database())")
    return int(connection.execute(query).scalar_one())
