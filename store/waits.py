"""Alerts of somebody who waits for a person: they end when a person takes over, or nobody waits.

Staff need not close them by hand. The owner is read again before every reminder, so that nobody is
called for a conversation that somebody has.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, exists, select

from store.alarms import close
from store.tables.alerts import alerts
from store.tables.callbacks import callbacks
from store.tables.conversations import ownership

WAITS = frozenset({"handoff", "unanswered"})
NOBODY = "nobody waits"
"""Who has closed an alert when the person went away, or the bot has the conversation again."""


class Ended(NamedTuple):
    """An open alert that is over."""

    conversation_id: str
    seq: int
    kind: str
    by: str | None
    """Who has taken over or called."""
    since: int | None


def ended(connection: Connection) -> list[Ended]:
    """Return the open alerts that are over."""
    return [*_taken_over(connection), *_called_back(connection)]


def _taken_over(connection: Connection) -> list[Ended]:
    columns = alerts.c.conversation_id, alerts.c.seq, alerts.c.kind
    rows = connection.execute(
        select(*columns, ownership.c.agent.label("by"), ownership.c.since.label("since"))
        .join(ownership, ownership.c.conversation_id == alerts.c.conversation_id)
        .where(
            alerts.c.acknowledged_at.is_(None),
            alerts.c.kind.in_(sorted(WAITS)),
            ownership.c.owner != "queue",
        )
    )
    return [Ended(*row) for row in rows]


def _called_back(connection: Connection) -> list[Ended]:
    of_it = callbacks.c.conversation_id == alerts.c.conversation_id
    # The newest call says by whom; while any is open, the alert is.
    newest = select(callbacks.c.done_by, callbacks.c.done_at).where(of_it)
    newest = newest.order_by(callbacks.c.done_at.desc()).limit(1)
    by = newest.with_only_columns(callbacks.c.done_by).scalar_subquery()
    since = newest.with_only_columns(callbacks.c.done_at).scalar_subquery()
    columns = alerts.c.conversation_id, alerts.c.seq, alerts.c.kind
    rows = connection.execute(
        select(*columns, by.label("by"), since.label("since")).where(
            alerts.c.acknowledged_at.is_(None),
            alerts.c.kind == "callback",
            exists().where(of_it),
            ~exists().where(of_it, callbacks.c.done_at.is_(None)),
        )
    )
    return [Ended(*row) for row in rows]


def end_waits(connection: Connection, now: int) -> int:
    """Close the alerts that are over, and return how many there were."""
    over = ended(connection)
    for each in over:
        by, at = each.by or NOBODY, each.since or now
        close(connection, each.conversation_id, each.seq, {each.kind}, by=by, at=at)
    return len(over)
