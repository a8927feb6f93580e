"""A change of owner as the person is told of it, and lines that the desk writes by itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from store import feed, message_rows
from store.numbering import store_number
from store.owner_rules import CRISIS
from store.ratings import may_ask
from store.records import Message, Owner
from store.tables.conversations import conversations, messages, ownership, transitions
from store.tables.staff import staff


@dataclass(frozen=True, slots=True)
class Change:
    """One transition, with names."""

    channel: str
    seq: int
    """Number that is kept for the line on it."""
    at: int
    event: str
    from_owner: Owner
    to_owner: Owner
    name: str | None
    """Of whoever has it now."""
    name_before: str | None
    """Of whoever had it before."""
    waited_for: str | None
    """Why it waited in the queue, if it did."""
    blocked: bool
    told: bool
    """Whether the line is in the log already."""
    may_ask: bool
    """Whether the person may be asked how it was."""


def change_of(connection: Connection, conversation_id: str, seq: int) -> Change | None:
    """Return the transition whose line has a number, or None when there is none."""
    mine = transitions.c.conversation_id == conversation_id
    row = connection.execute(
        select(transitions, conversations.c.channel, conversations.c.blocked)
        .join(conversations, conversations.c.id == transitions.c.conversation_id)
        .where(mine, transitions.c.seq == seq)
    ).first()
    if row is None:
        return None
    before = connection.execute(
        select(transitions.c.agent, transitions.c.reason, transitions.c.to_owner)
        .where(mine, transitions.c.id < row.id)
        .order_by(transitions.c.id.desc())
        .limit(1)
    ).first()
    line = exists().where(messages.c.conversation_id == conversation_id, messages.c.seq == seq)
    return Change(
        channel=row.channel,
        seq=seq,
        at=row.at,
        event=row.event,
        from_owner=row.from_owner,
        to_owner=row.to_owner,
        name=_name(connection, row.agent),
        name_before=_name(connection, before.agent) if before else None,
        waited_for=before.reason if before and before.to_owner == "queue" else None,
        blocked=bool(row.blocked),
        told=bool(connection.execute(select(line)).scalar()),
        may_ask=may_ask(connection, conversation_id),
    )


def _name(connection: Connection, staff_id: str | None) -> str | None:
    if staff_id is None:
        return None
    return connection.execute(select(staff.c.name).where(staff.c.id == staff_id)).scalar()


def add_line(connection: Connection, conversation_id: str, message: Message) -> bool:
    """Write a line of the desk's own beside any turn, and say whether it is new.

    Such a line does not keep a conversation from being deleted in time.
    """
    if not message_rows.write(connection, conversation_id, [message]):
        return False
    feed.publish(
        connection, conversation_id, "message", message.at, seq=message.seq, sender=message.sender
    )
    return True


def next_number(connection: Connection, conversation_id: str, at: int) -> int:
    """Return a number for such a line; see store.numbering."""
    return store_number(connection, conversation_id, at)


def waits_too_long(connection: Connection, before: int, line: str) -> list[tuple[str, str]]:
    """Return the people who have waited since before a moment and were not told that it is long.

    Args:
        connection: Where to read.
        before: The moment, in milliseconds.
        line: The id of the text that tells them; once for every wait.

    Returns:
        Conversation and channel. People whom a crisis alone has put into the queue are left out:
        they have not asked for anybody.
    """
    told = exists().where(
        messages.c.conversation_id == ownership.c.conversation_id,
        messages.c.answer_id == line,
        messages.c.at >= ownership.c.since,
    )
    rows = connection.execute(
        select(ownership.c.conversation_id, conversations.c.channel)
        .join(conversations, conversations.c.id == ownership.c.conversation_id)
        .where(
            ownership.c.owner == "queue",
            ownership.c.since <= before,
            ownership.c.reason != CRISIS,
            conversations.c.blocked == 0,
            ~told,
        )
    )
    return [(row.conversation_id, row.channel) for row in rows]
