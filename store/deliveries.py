"""Deliveries: what is sent to people who have no page open, and what became of it.

A row is written with the message, in one transaction (store.message_rows): what was once said is
delivered, or shown as undelivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, literal, select, update

from store import contacts, feed, log, staff_messages
from store.contacts import Contact
from store.feed import FeedRow
from store.records import Message
from store.rows import put
from store.tables.channels import deliveries
from store.tables.conversations import messages

State = Literal["waiting", "sent", "delivered", "undelivered", "failed", "withheld"]
QUIET_HOURS = "quiet hours"
"""Why a delivery waits that nothing is wrong with."""
_ENDS = frozenset({"delivered", "undelivered", "failed", "withheld"})
_ARRIVED = frozenset({"sent", "delivered"})


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent."""

    contact: Contact
    message: Message
    tries: int
    at: int
    """When it was written, in milliseconds."""


def waiting(connection: Connection, now: int) -> bool:
    """Say whether something is due that nobody has claimed; reads only."""
    return connection.execute(select(literal(1)).where(*_free(now)).limit(1)).first() is not None


def _free(now: int) -> tuple[Any, ...]:
    return (
        deliveries.c.state == "waiting",
        deliveries.c.due_at <= now,
        deliveries.c.claimed_until <= now,
    )


def claim(connection: Connection, now: int, *, until: int, count: int = 50) -> list[Due]:
    """Take what is due, in the order in which it was said; nobody else gets it meanwhile."""
    query = select(deliveries).where(*_free(now)).order_by(deliveries.c.seq).limit(count)
    found = []
    for row in connection.execute(query).all():
        mine = _one(row.conversation_id, row.seq)
        connection.execute(update(deliveries).where(*mine).values(claimed_until=until))
        contact = contacts.find(connection, row.conversation_id)
        message = log.message(connection, row.conversation_id, row.seq)
        if contact is not None and message is not None:
            found.append(Due(contact, message, row.tries, row.at))
    return found


def _one(conversation_id: str, seq: int) -> tuple[Any, ...]:
    return deliveries.c.conversation_id == conversation_id, deliveries.c.seq == seq


def mark(
    connection: Connection,
    conversation_id: str,
    seq: int,
    state: State,
    at: int,
    *,
    provider_id: str | None = None,
    trouble: str | None = None,
    tries: int = 0,
) -> None:
    """Note what became of a message; of staff's, also that it has reached the person's phone.

    Args:
        connection: Where to write; the message may not be in the log yet.
        conversation_id: Whose.
        seq: Which.
        state: What it is now.
        at: When, in milliseconds.
        provider_id: The platform's id of it.
        trouble: A platform's code, or the class of an error.
        tries: How often it was tried.
    """
    values = {"state": state, "at": at, "trouble": trouble, "tries": tries, "claimed_until": 0}
    if provider_id:
        values["provider_id"] = provider_id
    changed = connection.execute(
        update(deliveries).where(*_one(conversation_id, seq)).values(**values)
    ).rowcount
    if not changed and contacts.find(connection, conversation_id) is not None:
        row = {"conversation_id": conversation_id, "seq": seq, "due_at": at, **values}
        put(connection, deliveries, [row])
    _tell(connection, conversation_id, seq, state, at)


def _tell(connection: Connection, conversation_id: str, seq: int, state: str, at: int) -> None:
    if state in _ARRIVED and staff_messages.delivered(connection, conversation_id, [seq], at):
        return
    feed.publish_all(connection, [FeedRow(conversation_id, "delivery", at, seq, "bot")])


def again(
    connection: Connection,
    conversation_id: str,
    seq: int,
    at: int,
    *,
    due: int,
    tries: int,
    trouble: str | None,
) -> None:
    """Note that a message was not taken, and is tried again at a moment."""
    values = {"state": "waiting", "due_at": due, "tries": tries, "trouble": trouble, "at": at}
    changed = connection.execute(
        update(deliveries).where(*_one(conversation_id, seq)).values(**values, claimed_until=0)
    ).rowcount
    if not changed and contacts.find(connection, conversation_id) is not None:
        put(connection, deliveries, [{"conversation_id": conversation_id, "seq": seq, **values}])
    _tell(connection, conversation_id, seq, "waiting", at)


@dataclass(frozen=True, slots=True)
class Report:
    """A message of which the platform says what became of it."""

    contact: Contact
    message: Message
    tries: int
    changed: bool
    """Whether it was news."""


def report(
    connection: Connection, provider_id: str, state: State, at: int, trouble: str | None
) -> Report | None:
    """Note what the platform says of a message that it has taken; None if it is none of ours.

    Reports come in any order: what has been delivered stays so.
    """
    query = select(deliveries).where(deliveries.c.provider_id == provider_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    changed = row.state not in _ENDS and row.state != state
    if changed:
        mark(connection, row.conversation_id, row.seq, state, at, trouble=trouble, tries=row.tries)
    contact = contacts.find(connection, row.conversation_id)
    message = log.message(connection, row.conversation_id, row.seq)
    if contact is None or message is None:
        return None
    return Report(contact, message, row.tries, changed)


def of_conversation(connection: Connection, conversation_id: str) -> dict[int, dict[str, Any]]:
    """Return what became of a conversation's messages, by number."""
    query = select(deliveries).where(deliveries.c.conversation_id == conversation_id)
    return {row["seq"]: dict(row) for row in connection.execute(query).mappings()}


def known_ids(connection: Connection, conversation_id: str) -> frozenset[str]:
    """Return the platform's ids of the messages of a conversation that it has taken."""
    mine = deliveries.c.conversation_id == conversation_id
    query = select(deliveries.c.provider_id).where(mine, deliveries.c.provider_id.is_not(None))
    return frozenset(connection.execute(query).scalars())


def last_heard(connection: Connection, conversation_id: str) -> int:
    """Return when a person last wrote, in milliseconds; 0 if never."""
    mine = messages.c.conversation_id == conversation_id, messages.c.sender == "visitor"
    query = select(messages.c.at).where(*mine).order_by(messages.c.seq.desc()).limit(1)
    return connection.execute(query).scalar() or 0
