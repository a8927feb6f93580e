"""What time does to conversations that staff have: snoozes end, and what is unanswered comes back.

A message that staff leave unanswered reminds whoever owns the conversation; left as long again, the
conversation goes back to the queue and everybody is alerted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from store import alarms, feed, ownership
from store.records import Alert, Entry
from store.tables.conversations import conversations, messages, transitions
from store.tables.conversations import ownership as owned

_MINUTE = 60_000
_SNOOZED = select(owned.c.conversation_id).where(
    owned.c.owner == "human", owned.c.wake_at <= bindparam("now")
)
_LAST_OF_STAFF = (
    select(func.coalesce(func.max(messages.c.seq), 0))
    .where(messages.c.conversation_id == owned.c.conversation_id, messages.c.sender == "staff")
    .correlate(owned)
    .scalar_subquery()
)
_LEFT_THE_BOT = (
    select(func.max(transitions.c.id))
    .where(
        transitions.c.conversation_id == owned.c.conversation_id, transitions.c.from_owner == "bot"
    )
    .correlate(owned)
    .scalar_subquery()
)
# Where staff came without being asked for, what the bot had answered waits for nobody.
_UNASKED = (
    select(transitions.c.at)
    .where(transitions.c.id == _LEFT_THE_BOT, transitions.c.event == "claim")
    .correlate(owned)
    .scalar_subquery()
)
_FIRST_UNANSWERED = (
    select(func.min(messages.c.seq))
    .where(
        messages.c.conversation_id == owned.c.conversation_id,
        messages.c.sender == "visitor",
        messages.c.seq > _LAST_OF_STAFF,
        messages.c.at >= func.coalesce(_UNASKED, 0),
    )
    .correlate(owned)
    .scalar_subquery()
)
_OPEN = (
    select(
        owned.c.conversation_id,
        owned.c.since,
        owned.c.reminded_at,
        conversations.c.channel,
        messages.c.seq,
        messages.c.at,
    )
    .join(conversations, conversations.c.id == owned.c.conversation_id)
    .join(
        messages,
        (messages.c.conversation_id == owned.c.conversation_id)
        & (messages.c.seq == _FIRST_UNANSWERED),
    )
    .where(owned.c.owner == "human", owned.c.wake_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """What was done about messages that were left unanswered."""

    reminded: tuple[str, ...] = ()
    """Conversations whose owner was reminded."""
    returned: tuple[str, ...] = ()
    """Conversations that went back to the queue."""


def wake_due(connection: Connection, now: int) -> list[str]:
    """End the snoozes whose moment has come, and return their conversations."""
    due = list(connection.execute(_SNOOZED, {"now": now}).scalars())
    return [each for each in due if ownership.wake(connection, each, now)]


def unanswered_due(connection: Connection, now: int, minutes: int) -> Overdue:
    """Remind owners of what they left unanswered, then put it back into the queue.

    Args:
        connection: Where to write.
        now: The present moment, in milliseconds.
        minutes: How long a message may be left until its owner is reminded, and from then on
            until it goes back. It counts from the claim where that is later.
    """
    reminded, returned = [], []
    for row in connection.execute(_OPEN).all():
        if row.reminded_at is not None:
            if now - row.reminded_at >= minutes * _MINUTE and _return(connection, row, now):
                returned.append(row.conversation_id)
        elif now - max(row.at, row.since) >= minutes * _MINUTE:
            _remind(connection, row, now)
            reminded.append(row.conversation_id)
    return Overdue(tuple(reminded), tuple(returned))


def anything_due(connection: Connection, now: int, minutes: int) -> bool:
    """Say whether the functions above have anything to do; reads only."""
    if connection.execute(_SNOOZED.limit(1), {"now": now}).first() is not None:
        return True
    rows = connection.execute(_OPEN).all()
    return any(
        now - (row.reminded_at or max(row.at, row.since)) >= minutes * _MINUTE for row in rows
    )


def _remind(connection: Connection, row: Any, now: int) -> None:
    mine = owned.c.conversation_id == row.conversation_id
    connection.execute(update(owned).where(mine).values(reminded_at=now))
    feed.publish(connection, row.conversation_id, "reminder", now, seq=row.seq)


def _return(connection: Connection, row: Any, now: int) -> bool:
    alert = Alert(row.seq, "unanswered", now)
    alarms.sound(connection, Entry(row.conversation_id, row.channel, now), alert)
    done = ownership.unanswered(connection, row.conversation_id, now)
    feed.publish(connection, row.conversation_id, "alert", now, seq=row.seq)
    return done
