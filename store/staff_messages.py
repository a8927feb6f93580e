"""Messages that staff write to a person: sending one is also the claim."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from store import audit, errors, feed, message_rows, ownership
from store.errors import StoreError
from store.numbering import store_number
from store.records import Message
from store.tables.conversations import conversations, messages
from store.tables.conversations import ownership as owned
from store.tables.staff import staff

UNNAMED = "Staff"
"""Shown where an account has no name."""
# No person's own id can hold a colon, so that theirs and staff's cannot be mistaken.
_CLIENT = "staff:"


class UnknownConversationError(StoreError):
    """There is no such conversation."""


class BlockedError(StoreError):
    """The person is blocked, so that nobody writes to them."""


def send(
    connection: Connection, conversation_id: str, agent: str, text: str, at: int, client_id: str
) -> int:
    """Write a message of staff and claim the conversation; the desk delivers it.

    Args:
        connection: Where to write.
        conversation_id: To whom.
        agent: The id of whoever writes.
        text: Their words.
        at: When, in milliseconds.
        client_id: An id of the console's own, 50 letters at most: sent twice, it is written once.

    Returns:
        The message's number.

    Raises:
        UnknownConversationError: There is no such conversation.
        BlockedError: The person is blocked.
    """
    before = _sent(connection, conversation_id, client_id)
    if before is not None:
        return before
    found = ownership.state(connection, conversation_id)
    if found is None:
        raise UnknownConversationError(errors.UNKNOWN)
    if not ownership.claim(connection, conversation_id, agent, at, by=agent):
        raise BlockedError(errors.BLOCKED)
    message = Message(
        seq=store_number(connection, conversation_id, at),
        sender="staff",
        kind="text",
        text=text,
        at=at,
        client_id=_CLIENT + client_id,
        variables={"name": _name(connection, agent), "staff": agent},
    )
    message_rows.write(connection, conversation_id, [message])
    _touch(connection, conversation_id, at)
    audit.note(connection, agent, "replied", conversation_id, at=at)
    feed.publish(connection, conversation_id, "message", at, seq=message.seq, sender="staff")
    return message.seq


def _sent(connection: Connection, conversation_id: str, client_id: str) -> int | None:
    found: int | None = connection.execute(
        select(messages.c.seq).where(
            messages.c.conversation_id == conversation_id,
            messages.c.client_id == _CLIENT + client_id,
        )
    ).scalar()
    return found


def _name(connection: Connection, agent: str) -> str:
    return connection.execute(select(staff.c.name).where(staff.c.id == agent)).scalar() or UNNAMED


def _touch(connection: Connection, conversation_id: str, at: int) -> None:
    mine = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(mine).values(last_at=at))
    # Whoever has answered need not be reminded.
    mine = owned.c.conversation_id == conversation_id
    connection.execute(update(owned).where(mine).values(reminded_at=None))


def delivered(
    connection: Connection, conversation_id: str, seqs: Sequence[int], at: int
) -> list[int]:
    """Note that the person's page was sent messages of staff.

    Returns:
        The numbers of those of which that was not known.
    """
    waiting = (
        messages.c.conversation_id == conversation_id,
        messages.c.seq.in_(seqs),
        messages.c.sender == "staff",
        messages.c.delivered_at.is_(None),
    )
    fresh = list(connection.execute(select(messages.c.seq).where(*waiting)).scalars())
    if fresh:
        connection.execute(update(messages).where(*waiting).values(delivered_at=at))
        rows = [feed.FeedRow(conversation_id, "delivery", at, seq, "staff") for seq in fresh]
        feed.publish_all(connection, rows)
    return fresh


def unread(connection: Connection, conversation_id: str) -> int:
    """Return how many messages of staff wait for the person to come back."""
    query = select(messages.c.seq).where(
        messages.c.conversation_id == conversation_id,
        messages.c.sender == "staff",
        messages.c.delivered_at.is_(None),
    )
    return len(list(connection.execute(query).scalars()))
