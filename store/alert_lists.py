"""What the console shows of alerts: open and acknowledged ones, places, referrals, drills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, case, func, select

from store.models import alerts, conversations, drills, notices, places, referrals


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
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What the alerts page shows."""

    open: list[Listed]
    count: int
    """How many alerts of people are open."""
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
        closed=acknowledged(connection),
        places=all_places(connection),
        referrals=all_referrals(connection),
        drill=drill,
        passed=passed,
    )


_GRAVEST_FIRST = case(
    (alerts.c.tier.is_not(None), alerts.c.tier), (alerts.c.kind == "unscreened", "T1+"), else_="T9"
)
_LISTED = select(
    *(column for column in alerts.c if column.name not in ("rule", "told_at")),
    conversations.c.channel,
    conversations.c.drill,
).join(conversations, conversations.c.id == alerts.c.conversation_id)


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


def count_open(connection: Connection) -> int:
    """Return how many alerts of people are open; drills are not counted."""
    rows = (
        select(func.count())
        .select_from(alerts)
        .join(conversations, conversations.c.id == alerts.c.conversation_id)
        .where(alerts.c.acknowledged_at.is_(None), conversations.c.drill == 0)
    )
    found: int = connection.execute(rows).scalar_one()
    return found


def _listed(connection: Connection, row: RowMapping) -> Listed:
    values = {**row, "drill": bool(row["drill"])}
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


def told(connection: Connection, conversation_id: str) -> tuple[int | None, int | None]:
    """Return when staff were first told of an alert of a conversation, and when one saw it.

    Returns:
        The moment at which a place first took a notice, and that of the first acknowledgement
        by a person; each None while it has not happened.
    """
    sent = select(func.min(notices.c.sent_at)).where(notices.c.conversation_id == conversation_id)
    seen = select(func.min(alerts.c.acknowledged_at)).where(
        alerts.c.conversation_id == conversation_id, alerts.c.acknowledged_by != "drill"
    )
    return connection.execute(sent).scalar(), connection.execute(seen).scalar()
