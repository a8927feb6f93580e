"""Alerts as they are logged: each is queued for every place in the same transaction, and counted.

Everything here bears to be done twice, as the log's entries must.
"""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import Connection, and_, bindparam, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store.models import alerts, notices, places, referrals
from store.records import Alert, Entry, Reading, is_drill
from store.rows import put, row_of

UNNAMED = "unnamed"
"""Category of a referral where only the brain saw a crisis."""
UNSCREENED = "unscreened"
_GENTLE = "T3"

_OPEN_LIKE_IT = select(func.max(alerts.c.told_at)).where(
    alerts.c.conversation_id == bindparam("conversation"),
    alerts.c.kind == UNSCREENED,
    alerts.c.acknowledged_at.is_(None),
)


def sound(connection: Connection, entry: Entry, alert: Alert) -> None:
    """Log an alert, queue a notice of it for every place, and count the referral.

    Of messages that could not be screened, only the first that is open in a conversation is
    told: while the screen is broken there is one for every message.
    """
    conversation = entry.conversation_id
    told = _told_of_another(connection, conversation, alert)
    row = {**row_of(conversation, alert), "told_at": told or alert.at}
    if not put(connection, alerts, [row]):
        return
    if alert.kind != "handoff" and not is_drill(conversation):
        category = UNSCREENED if alert.kind == UNSCREENED else alert.category or UNNAMED
        _count(connection, alert.at, entry.channel, category)
    if told is None:
        queue(connection, conversation, alert.seq, alert.kind, repeat=0, at=alert.at)


def _told_of_another(connection: Connection, conversation: str, alert: Alert) -> int | None:
    if alert.kind != UNSCREENED:
        return None
    told: int | None = connection.execute(_OPEN_LIKE_IT, {"conversation": conversation}).scalar()
    return told


def queue(
    connection: Connection, conversation: str, seq: int, kind: str, *, repeat: int, at: int
) -> int:
    """Queue a notice of an alert for every place.

    A repeat is left out where an earlier notice of the conversation still waits: a place that
    comes back is told once, not as often as it was missed.

    Returns:
        How many were queued.
    """
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    names = ["conversation_id", "seq", "kind", "repeat", "place", "queued_at", "due_at"]
    values = [literal(value) for value in (conversation, seq, kind, repeat)]
    chosen = select(*values, places.c.name, literal(at), literal(at))
    # "WHERE true" parts the SELECT from ON CONFLICT, which SQLite's grammar confuses without it.
    chosen = chosen.where(_reachable(conversation) if repeat else literal(1) == 1)
    statement = make(notices).from_select(names, chosen).on_conflict_do_nothing()
    queued: int = connection.execute(statement).rowcount
    return queued


def _reachable(conversation: str) -> exists:  # type: ignore[valid-type]
    waiting = exists().where(
        notices.c.conversation_id == conversation,
        notices.c.place == places.c.name,
        notices.c.sent_at.is_(None),
    )
    return ~waiting


def count_reading(connection: Connection, entry: Entry, reading: Reading) -> None:
    """Count the gentle line with 988, which raises no alert, as a referral, too."""
    if reading.risk_tier == _GENTLE and not is_drill(entry.conversation_id):
        _count(connection, entry.at, entry.channel, reading.risk_category or UNNAMED)


def _count(connection: Connection, at: int, channel: str, category: str) -> None:
    year = datetime.fromtimestamp(at / 1000, timezone.utc).year
    key = {"year": year, "channel": channel, "category": category}
    put(connection, referrals, [{**key, "count": 0}])
    same = and_(*(referrals.c[name] == value for name, value in key.items()))
    connection.execute(update(referrals).where(same).values(count=referrals.c.count + 1))


def acknowledge(connection: Connection, conversation: str, seq: int, *, by: str, at: int) -> int:
    """Acknowledge an alert with all older ones of its conversation, which ends their repeats.

    Args:
        connection: Where to write.
        conversation: The conversation's id.
        seq: The alert's message; later alerts stay open, since whoever acknowledges may not have
            seen them.
        by: Who does it.
        at: When, in milliseconds.

    Returns:
        How many alerts were open.
    """
    open_ones = and_(
        alerts.c.conversation_id == conversation,
        alerts.c.seq <= seq,
        alerts.c.acknowledged_at.is_(None),
    )
    done: int = connection.execute(
        update(alerts).where(open_ones).values(acknowledged_at=at, acknowledged_by=by)
    ).rowcount
    return done
