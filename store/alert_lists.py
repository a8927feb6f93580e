"""What the console shows of alerts: open and acknowledged ones, places, referrals, drills."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, case, func, select

from store.tables.alerts import alerts, drills, notices, places, referrals
from store.tables.conversations import conversations
from store.tables.staff import staff


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the newest notice of an alert at one place."""

    place: str
    sent_at: int | None
    tries: int
    trouble: str | None
    """The class of the last error, or None."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert as a line of a list."""

    conversation_id: str
    seq: int
    kind: str
    channel: str
    at: int
    category: str | None
    tier: str | None
    drill: bool
    repeats: int
    acknowledged_at: int | None
    acknowledged_by: str | None
    outcome: str | None = None
    outcome_at: int | None = None
    outcome_by: str | None = None
    given_up_at: int | None = None
    """When the last reminder had gone out and still nobody had answered; None before."""
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What the alerts page shows."""

    open: list[Listed]
    count: int
    """How many alerts of people are open."""
    no_outcome: list[Listed]
    """Crises that somebody has acknowledged, and nobody has said what came of them."""
    closed: list[Listed]
    places: list[dict[str, Any]]
    referrals: list[dict[str, Any]]
    drill: dict[str, Any] | None
    passed: int | None
    """When a drill last passed."""


def overview(connection: Connection) -> Overview:
    """Return everything of the alerts page."""
    drill, passed = last_drills(connection)
    return Overview(
        open=open_alerts(connection),
        count=count_open(connection),
        no_outcome=without_outcome(connection),
        closed=acknowledged(connection),
        places=all_places(connection),
        referrals=all_referrals(connection),
        drill=drill,
        passed=passed,
    )


# Numbers, since how texts are sorted depends on a PostgreSQL database's locale.
_GRAVEST_FIRST = case(
    (alerts.c.tier == "T0", 0),
    (alerts.c.tier == "T1", 1),
    (alerts.c.kind == "unscreened", 2),
    (alerts.c.tier.is_not(None), 3),
    else_=4,
)
_OF_RISK = ("crisis", "unscreened")
_SEEN_BY, _KNOWN_BY = staff.alias(), staff.alias()
_AS_THEY_ARE = frozenset(alerts.c) - {
    alerts.c.rule,
    alerts.c.told_at,
    alerts.c.acknowledged_by,
    alerts.c.outcome_by,
}
_LISTED = (
    select(
        *(column for column in alerts.c if column in _AS_THEY_ARE),
        # Staff by name; what no account has done stands as it was noted.
        func.coalesce(_SEEN_BY.c.name, alerts.c.acknowledged_by).label("acknowledged_by"),
        func.coalesce(_KNOWN_BY.c.name, alerts.c.outcome_by).label("outcome_by"),
        conversations.c.channel,
        conversations.c.drill,
    )
    .join(conversations, conversations.c.id == alerts.c.conversation_id)
    .outerjoin(_SEEN_BY, _SEEN_BY.c.id == alerts.c.acknowledged_by)
    .outerjoin(_KNOWN_BY, _KNOWN_BY.c.id == alerts.c.outcome_by)
)


def open_alerts(connection: Connection, size: int = 200) -> list[Listed]:
    """Return alerts that nobody has acknowledged, the gravest first, then the oldest."""
    order = _GRAVEST_FIRST, alerts.c.at
    rows = connection.execute(
        _LISTED.where(alerts.c.acknowledged_at.is_(None)).order_by(*order).limit(size)
    ).mappings()
    return [_listed(connection, row) for row in rows.all()]


def acknowledged(connection: Connection, size: int = 50) -> list[Listed]:
    """Return the alerts that were acknowledged last."""
    rows = connection.execute(
        _LISTED.where(alerts.c.acknowledged_at.is_not(None))
        .order_by(alerts.c.acknowledged_at.desc(), alerts.c.at.desc())
        .limit(size)
    ).mappings()
    return [_listed(connection, row) for row in rows.all()]


def without_outcome(connection: Connection, size: int = 200) -> list[Listed]:
    """Return crises of people that were acknowledged and have no outcome, the oldest first."""
    rows = connection.execute(
        _LISTED.where(
            alerts.c.kind == "crisis",
            alerts.c.acknowledged_at.is_not(None),
            alerts.c.outcome.is_(None),
            conversations.c.drill == 0,
        )
        .order_by(alerts.c.acknowledged_at, alerts.c.at)
        .limit(size)
    ).mappings()
    return [_listed(connection, row) for row in rows.all()]


def of_message(connection: Connection, conversation_id: str, seq: int) -> list[Listed]:
    """Return the alerts that a message has raised, the gravest first."""
    rows = connection.execute(
        _LISTED.where(alerts.c.conversation_id == conversation_id, alerts.c.seq == seq).order_by(
            _GRAVEST_FIRST, alerts.c.kind
        )
    ).mappings()
    return [_listed(connection, row) for row in rows.all()]


def count_open(connection: Connection) -> int:
    """Return how many alerts of people are open; drills and the server's own are not counted."""
    rows = (
        select(func.count())
        .select_from(alerts)
        .join(conversations, conversations.c.id == alerts.c.conversation_id)
        .where(alerts.c.acknowledged_at.is_(None), conversations.c.drill == 0)
    )
    found: int = connection.execute(rows).scalar_one()
    return found


def _listed(connection: Connection, row: RowMapping) -> Listed:
    values = {**row, "drill": row["drill"] == 1}
    return Listed(**values, deliveries=_deliveries(connection, row))


def _deliveries(connection: Connection, row: RowMapping) -> tuple[Delivery, ...]:
    of_it = and_(
        notices.c.conversation_id == row["conversation_id"],
        notices.c.seq == row["seq"],
        notices.c.kind == row["kind"],
    )
    rows = connection.execute(select(notices).where(of_it).order_by(notices.c.repeat))
    newest = {
        each.place: Delivery(each.place, each.sent_at, each.tries, each.trouble) for each in rows
    }
    return tuple(newest[name] for name in sorted(newest))


def all_places(connection: Connection) -> list[dict[str, Any]]:
    """Return the places where staff are told, with how delivery stands and how much waits."""
    waits = (
        select(func.count())
        .where(notices.c.place == places.c.name, notices.c.sent_at.is_(None))
        .scalar_subquery()
    )
    rows = connection.execute(select(places, waits.label("waiting")).order_by(places.c.name))
    return [dict(row) for row in rows.mappings()]


def all_referrals(connection: Connection) -> list[dict[str, Any]]:
    """Return how often crisis resources were shown, by year, channel and category."""
    order = referrals.c.year.desc(), referrals.c.channel, referrals.c.category
    return [dict(row) for row in connection.execute(select(referrals).order_by(*order)).mappings()]


def last_drills(connection: Connection) -> tuple[dict[str, Any] | None, int | None]:
    """Return the last drill, and when one last passed."""
    newest = select(drills).order_by(drills.c.began_at.desc()).limit(1)
    passed = select(func.max(drills.c.ended_at)).where(drills.c.trouble.is_(None))
    row = connection.execute(newest).mappings().first()
    return (dict(row) if row else None), connection.execute(passed).scalar()


def told(
    connection: Connection, conversation_id: str, places_of: Collection[str] | None = None
) -> tuple[int | None, int | None]:
    """Return when staff were first told of a crisis in a conversation, and when one saw it.

    Args:
        connection: Where to read.
        conversation_id: The conversation's id.
        places_of: Only what these places have taken counts; None counts all.

    Returns:
        The moment at which a place first took a notice, and that of the first acknowledgement
        by a person; each None while it has not happened.
    """
    sent = select(func.min(notices.c.sent_at)).where(
        notices.c.conversation_id == conversation_id, notices.c.kind.in_(_OF_RISK)
    )
    if places_of is not None:
        sent = sent.where(notices.c.place.in_(sorted(places_of)))
    seen = select(func.min(alerts.c.acknowledged_at)).where(
        alerts.c.conversation_id == conversation_id,
        alerts.c.kind.in_(_OF_RISK),
        alerts.c.acknowledged_by != "drill",
    )
    return connection.execute(sent).scalar(), connection.execute(seen).scalar()
