"""Requests for a call as staff work through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from store import feed
from store.callbacks import CANCELLED
from store.tables.alerts import alerts
from store.tables.callbacks import callbacks
from store.tables.conversations import conversations

REACHED, NO_ANSWER, WRONG_NUMBER = "reached", "no_answer", "wrong_number"
OUTCOMES = (REACHED, NO_ANSWER, WRONG_NUMBER, CANCELLED)
MOST_ATTEMPTS = 3
"""Calls that nobody answers, after which a task is over."""


@dataclass(frozen=True, slots=True)
class Task:
    """A request for a call, without name and number: those are asked for one by one."""

    id: int
    conversation_id: str
    channel: str
    asked_at: int
    best_time: str | None
    topic: str | None
    voicemail: int
    others: str | None
    safe_time: str | None
    minor: int
    quiet: int
    start_at: int
    due_at: int
    taken_by: str | None
    attempts: int
    tried_at: int | None
    done_at: int | None
    done_by: str | None
    outcome: str | None


_TASKS = select(
    *(callbacks.c[name] for name in Task.__slots__ if name != "channel"), conversations.c.channel
).join(conversations, conversations.c.id == callbacks.c.conversation_id)


def waiting(connection: Connection, size: int = 200) -> list[Task]:
    """Return what is to be done, what is due first at the top."""
    rows = _TASKS.where(callbacks.c.done_at.is_(None)).order_by(callbacks.c.due_at, callbacks.c.id)
    return [Task(**row._mapping) for row in connection.execute(rows.limit(size))]


def done(connection: Connection, size: int = 50) -> list[Task]:
    """Return what was done last."""
    rows = _TASKS.where(callbacks.c.done_at.is_not(None)).order_by(callbacks.c.done_at.desc())
    return [Task(**row._mapping) for row in connection.execute(rows.limit(size))]


def by_id(connection: Connection, number: int) -> Task | None:
    """Return a task, or None when there is none of that number."""
    row = connection.execute(_TASKS.where(callbacks.c.id == number)).first()
    return Task(**row._mapping) if row else None


def whom(connection: Connection, number: int, staff_id: str) -> tuple[str, str] | None:
    """Return name and number of a task to whoever has taken it, and to nobody else."""
    query = select(callbacks.c.name, callbacks.c.phone).where(_mine(number, staff_id))
    row = connection.execute(query).first()
    return (row.name, row.phone) if row else None


def take(
    connection: Connection, number: int, staff_id: str, at: int, *, over: bool = False
) -> bool:
    """Give a task to somebody; staff need no longer be told of it.

    Args:
        connection: Where to write.
        number: The task's id.
        staff_id: Who takes it.
        at: When, in milliseconds.
        over: Whether to take it from whoever has it, who then sees the number no more.
    """
    free = _open(number) if over else and_(_open(number), callbacks.c.taken_by.is_(None))
    return _change(connection, number, free, at, taken_by=staff_id)


def let_go(connection: Connection, number: int, staff_id: str, at: int) -> bool:
    """Take a task back from somebody, who no longer sees the number."""
    return _change(connection, number, _mine(number, staff_id), at, taken_by=None)


def try_again(
    connection: Connection, number: int, staff_id: str, at: int, *, start_at: int, due_at: int
) -> bool:
    """Note a call that nobody answered; after the last one the task is over.

    Args:
        connection: Where to write.
        number: The task's id.
        staff_id: Who called: whoever has the task.
        at: When, in milliseconds.
        start_at: When the next call may be made.
        due_at: By when.
    """
    last = and_(_mine(number, staff_id), callbacks.c.attempts >= MOST_ATTEMPTS - 1)
    ended = {"done_at": at, "done_by": staff_id, "outcome": NO_ANSWER}
    tried: dict[str, Any] = {"attempts": callbacks.c.attempts + 1, "tried_at": at}
    if _change(connection, number, last, at, **tried, **ended):
        return True
    later = {"start_at": start_at, "due_at": due_at}
    return _change(connection, number, _mine(number, staff_id), at, **tried, **later)


def end(connection: Connection, number: int, staff_id: str, at: int, outcome: str) -> bool:
    """Note how a task ended; False unless it is open and theirs."""
    called = outcome != CANCELLED
    values: dict[str, Any] = {"done_at": at, "done_by": staff_id, "outcome": outcome}
    if called:
        values |= {"attempts": callbacks.c.attempts + 1, "tried_at": at}
    return _change(connection, number, _mine(number, staff_id), at, **values)


def _open(number: int) -> ColumnElement[bool]:
    return and_(callbacks.c.id == number, callbacks.c.done_at.is_(None))


def _mine(number: int, staff_id: str) -> ColumnElement[bool]:
    return and_(_open(number), callbacks.c.taken_by == staff_id)


def _change(
    connection: Connection, number: int, where: ColumnElement[bool], at: int, **values: Any
) -> bool:
    if not connection.execute(update(callbacks).where(where).values(**values)).rowcount:
        return False
    mine = select(callbacks.c.conversation_id, callbacks.c.seq).where(callbacks.c.id == number)
    row = connection.execute(mine).one()
    if staff_id := values.get("taken_by"):
        _seen(connection, row.conversation_id, row.seq, staff_id, at)
    feed.publish(connection, row.conversation_id, "callback", at)
    return True


def _seen(connection: Connection, conversation_id: str, seq: int, by: str, at: int) -> None:
    """Acknowledge the notice of this request, and no other alert of the conversation."""
    of_it = and_(
        alerts.c.conversation_id == conversation_id,
        alerts.c.seq == seq,
        alerts.c.kind == "callback",
        alerts.c.acknowledged_at.is_(None),
    )
    connection.execute(update(alerts).where(of_it).values(acknowledged_at=at, acknowledged_by=by))
