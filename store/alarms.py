"""Alerts as they are logged: each is queued for whom it concerns, in the same transaction.

Everything here bears to be done twice, as the log's entries must.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timezone

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from store.alert_places import audience
from store.records import Alert, Entry, Reading, is_drill
from store.rows import put, row_of
from store.tables.alerts import alerts, notices, referrals

UNNAMED = "unnamed"
"""Category of a referral where only the brain saw a crisis."""
UNSCREENED, UNREACHABLE, _LEFT = "unscreened", "unreachable", "unanswered"
_GENTLE = "T3"
_REFERRALS = frozenset({"crisis", UNSCREENED})
"""Kinds with which crisis resources were shown."""
SUBJECTS = {"crisis": "risk", "unscreened": "risk", "handoff": "waits", "unanswered": "waits"}
"""What kinds are about; alerts of a conversation about the same are told in turns."""
UNTIL_SEEN = _REFERRALS | {"callback", UNREACHABLE}
"""Kinds that end when somebody acknowledges them; the others end when somebody takes over."""

_OPEN_LIKE_IT = select(func.max(alerts.c.told_at)).where(
    alerts.c.conversation_id == bindparam("conversation"),
    alerts.c.kind == UNSCREENED,
    alerts.c.acknowledged_at.is_(None),
)


def sound(connection: Connection, entry: Entry, alert: Alert) -> None:
    """Log an alert, queue a notice of it for whom it concerns now, and count the referral.

    Of messages that could not be screened, only the first that is open in a conversation is
    told: while the screen is broken there is one for every message.
    """
    conversation = entry.conversation_id
    told = _told_of_another(connection, conversation, alert)
    row = {**row_of(conversation, alert), "told_at": told or alert.at}
    if not put(connection, alerts, [row]):
        return _sound_again(connection, conversation, alert)
    drill = is_drill(conversation)
    if alert.kind in _REFERRALS and not drill:
        category = UNSCREENED if alert.kind == UNSCREENED else alert.category or UNNAMED
        _count(connection, alert.at, entry.channel, category)
    if told is None:
        names = audience(connection).of(alert.kind, drill=drill)
        queue(connection, conversation, alert.seq, alert.kind, names, repeat=0, at=alert.at)
    return None


def _sound_again(connection: Connection, conversation: str, alert: Alert) -> None:
    """Open an alert once more: staff left a message again, or it failed to arrive again."""
    if alert.kind not in (_LEFT, UNREACHABLE):
        return
    kind = alert.kind
    same = and_(*_up_to(alerts, conversation, alert.seq, {kind}), alerts.c.seq == alert.seq)
    ended = same, alerts.c.acknowledged_at.is_not(None)
    number = connection.execute(select(alerts.c.repeats).where(*ended)).scalar()
    if number is None:
        return
    blank = dict.fromkeys(("acknowledged_at", "acknowledged_by", "given_up_at"))
    opened = {**blank, "at": alert.at, "told_at": alert.at, "repeats": 0}
    connection.execute(update(alerts).where(same).values(**opened))
    names = audience(connection).of(kind)
    queue(connection, conversation, alert.seq, kind, names, repeat=number + 1, at=alert.at)


def _told_of_another(connection: Connection, conversation: str, alert: Alert) -> int | None:
    if alert.kind != UNSCREENED:
        return None
    told: int | None = connection.execute(_OPEN_LIKE_IT, {"conversation": conversation}).scalar()
    return told


def queue(
    connection: Connection,
    conversation: str,
    seq: int,
    kind: str,
    names: Collection[str],
    *,
    repeat: int,
    at: int,
) -> int:
    """Queue a notice of an alert for places.

    A repeat is left out where an earlier notice of the conversation about the same still waits: a
    place that comes back is told once, not as often as it was missed.

    Args:
        connection: Where to write.
        conversation: The conversation's id.
        seq: The alert's message.
        kind: The alert's kind.
        names: The places.
        repeat: How often it was told before. The notices get a higher number where a place had
            this one when the alert was open the last time.
        at: When, in milliseconds.

    Returns:
        How many were queued.
    """
    key = {"conversation_id": conversation, "seq": seq, "kind": kind}
    repeat = max(repeat, _highest(connection, key, names) + 1)
    left_out = _waiting(connection, conversation, kind) if repeat else frozenset()
    when = {"repeat": repeat, "queued_at": at, "due_at": at}
    rows = [{**key, **when, "place": name} for name in sorted(names) if name not in left_out]
    return put(connection, notices, rows) if rows else 0


def _highest(connection: Connection, key: Mapping[str, object], names: Collection[str]) -> int:
    """Return the highest number of an alert's notices at some places; -1 when there is none."""
    same = (notices.c[name] == value for name, value in key.items())
    query = select(func.max(notices.c.repeat)).where(*same, notices.c.place.in_(sorted(names)))
    found: int | None = connection.execute(query).scalar()
    return -1 if found is None else found


def _waiting(connection: Connection, conversation: str, kind: str) -> frozenset[str]:
    rows = connection.execute(
        select(notices.c.place, notices.c.kind).where(
            notices.c.conversation_id == conversation, notices.c.sent_at.is_(None)
        )
    )
    return frozenset(place for place, other in rows if subject(other) == subject(kind))


def subject(kind: str) -> str:
    """Return what alerts of a kind are about."""
    return SUBJECTS.get(kind, kind)


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


def acknowledge(
    connection: Connection,
    conversation: str,
    seq: int,
    *,
    by: str,
    at: int,
    kind: str = "crisis",
) -> int:
    """Acknowledge an alert with older ones of its conversation about the same: no more repeats.

    Alerts of somebody who waits for a person stay open: those end when somebody takes over.

    Args:
        connection: Where to write.
        conversation: The conversation's id.
        seq: The alert's message; later alerts stay open, since whoever acknowledges may not have
            seen them.
        by: Who does it.
        at: When, in milliseconds.
        kind: The alert's kind. Whoever has seen a request for a call has seen no crisis.

    Returns:
        How many alerts were open.
    """
    same = {each for each in UNTIL_SEEN if subject(each) == subject(kind)}
    return close(connection, conversation, seq, same, by=by, at=at)


def close(
    connection: Connection, conversation: str, seq: int, kinds: Iterable[str], *, by: str, at: int
) -> int:
    """Close open alerts of some kinds up to a message, and take back reminders not yet sent.

    Returns:
        How many were open.
    """
    done: int = connection.execute(
        update(alerts)
        .where(*_up_to(alerts, conversation, seq, kinds), alerts.c.acknowledged_at.is_(None))
        .values(acknowledged_at=at, acknowledged_by=by)
    ).rowcount
    # A first notice is delivered all the same: it says what has happened.
    connection.execute(
        delete(notices).where(
            *_up_to(notices, conversation, seq, kinds),
            notices.c.repeat > 0,
            notices.c.sent_at.is_(None),
        )
    )
    return done


def _up_to(
    table: Table, conversation: str, seq: int, kinds: Iterable[str]
) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.conversation_id == conversation,
        table.c.seq <= seq,
        table.c.kind.in_(sorted(kinds)),
    )
