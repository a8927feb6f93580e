"""The outbox of notices to staff: who delivers what, what became of it, what is due again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, func, select, update

from store.records import is_drill
from store.tables.alerts import alerts, notices, places
from store.tables.conversations import conversations

_SERIOUS = {"T0": 0, "T1": 1, "T2": 2}
_OTHERS = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """What one place is to be told of one alert; holds no words of the person."""

    conversation_id: str
    seq: int
    kind: str
    repeat: int
    channel: str
    at: int
    category: str | None = None
    tier: str | None = None
    row: int | None = None
    """Its row in the outbox; None while the database does not take it."""
    tries: int = 0
    """How often it was tried before."""

    @property
    def id(self) -> str:
        """The alert's id, the same in every notice of it."""
        return f"{self.conversation_id}.{self.seq}.{self.kind}"

    @property
    def drill(self) -> bool:
        """Whether it is a drill."""
        return is_drill(self.conversation_id)


def _waits(place: str, now: int) -> list[object]:
    return [
        notices.c.sent_at.is_(None),
        notices.c.place == place,
        notices.c.due_at <= now,
        notices.c.claimed_until <= now,
    ]


def waiting(connection: Connection, place: str, now: int) -> bool:
    """Say whether a place has notices that nobody delivers; reads only."""
    row = select(notices.c.id).where(*_waits(place, now)).limit(1)  # type: ignore[arg-type]
    return connection.execute(row).first() is not None


def claim(connection: Connection, place: str, now: int, *, until: int, count: int) -> list[Notice]:
    """Take notices of a place to deliver them; nobody else gets them meanwhile.

    Args:
        connection: Where to write.
        place: The place's name.
        now: The present moment, in milliseconds.
        until: When others may take them, should this process die.
        count: How many at most.

    Returns:
        The oldest ones, the gravest first.
    """
    free = (
        select(notices.c.id)
        .where(*_waits(place, now))  # type: ignore[arg-type]
        .order_by(notices.c.due_at, notices.c.id)
        .limit(count)
    )
    ids = list(connection.execute(free).scalars())
    if not ids:
        return []
    connection.execute(update(notices).where(notices.c.id.in_(ids)).values(claimed_until=until))
    return sorted(_read(connection, ids), key=lambda one: (rank(one.tier), one.at))


def _read(connection: Connection, ids: Sequence[int]) -> list[Notice]:
    same = and_(
        alerts.c.conversation_id == notices.c.conversation_id,
        alerts.c.seq == notices.c.seq,
        alerts.c.kind == notices.c.kind,
    )
    rows = connection.execute(
        select(
            notices.c.id,
            notices.c.conversation_id,
            notices.c.seq,
            notices.c.kind,
            notices.c.repeat,
            notices.c.tries,
            alerts.c.at,
            alerts.c.category,
            alerts.c.tier,
            conversations.c.channel,
        )
        .join(alerts, same)
        .join(conversations, conversations.c.id == notices.c.conversation_id)
        .where(notices.c.id.in_(ids))
    )
    return [
        Notice(
            conversation_id=row.conversation_id,
            seq=row.seq,
            kind=row.kind,
            repeat=row.repeat,
            channel=row.channel,
            at=row.at,
            category=row.category,
            tier=row.tier,
            row=row.id,
            tries=row.tries,
        )
        for row in rows
    ]


def sent(
    connection: Connection, notice: Notice, place: str, at: int, trouble: str | None = None
) -> None:
    """Note that a place has taken a notice; what else waits for it is due at once.

    Of an alert's notices that it took before, only the first is kept.

    Args:
        connection: Where to write.
        notice: What was told.
        place: The place's name.
        at: When, in milliseconds.
        trouble: The class of a lesser error, such as one recipient of two being refused.
    """
    here = notices.c.place == place, notices.c.sent_at.is_(None)
    connection.execute(
        update(notices)
        .where(notices.c.id == notice.row)
        .values(sent_at=at, trouble=trouble, tries=notice.tries + 1)
    )
    connection.execute(update(notices).where(*here, notices.c.due_at > at).values(due_at=at))
    connection.execute(
        delete(notices).where(
            notices.c.conversation_id == notice.conversation_id,
            notices.c.seq == notice.seq,
            notices.c.kind == notice.kind,
            notices.c.place == place,
            notices.c.repeat.between(1, notice.repeat - 1),
            notices.c.sent_at.is_not(None),
        )
    )
    values = {"sent_at": at, "trouble": trouble, "failing_since": None}
    connection.execute(update(places).where(places.c.name == place).values(values))


def failed(
    connection: Connection, notice: Notice, place: str, at: int, *, again: int, trouble: str
) -> None:
    """Note that a place did not take a notice, which is tried again at a moment."""
    connection.execute(
        update(notices)
        .where(notices.c.id == notice.row)
        .values(tries=notice.tries + 1, due_at=again, claimed_until=0, trouble=trouble)
    )
    since = func.coalesce(places.c.failing_since, at)
    values = {"failing_since": since, "trouble": trouble}
    connection.execute(update(places).where(places.c.name == place).values(values))


def rank(tier: str | None) -> int:
    """Return a tier's place in the order of gravity; the gravest is 0."""
    return _SERIOUS.get(tier or "", _OTHERS)
