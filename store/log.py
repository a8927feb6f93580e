"""What the desk does with the log; each function is one transaction's work on a connection.

Entries bear to be written twice: rows that are there stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, select, update

from store import alarms
from store.models import conversations, heartbeat, messages, ownership, readings
from store.records import Entry, Message, Owner, Standing, is_drill
from store.risks import past
from store.rows import put, row_of

_OFFERS_READ = 200
"""How many of the newest offers of a conversation can still be chosen."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that the log has already, with what it was answered."""

    message: Message
    replies: tuple[Message, ...]
    finished: bool
    """Whether its turn came to an end (a crash may have cut it short)."""


_TOUCH = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(last_at=bindparam("moment"))
)
_QUEUE = (
    update(ownership)
    .where(ownership.c.conversation_id == bindparam("conversation"), ownership.c.owner == "bot")
    .values(owner="queue", since=bindparam("moment"), reason=bindparam("why"))
)
_OWNER = select(ownership.c.owner).where(ownership.c.conversation_id == bindparam("conversation"))
_OF_CLIENT = select(messages).where(
    messages.c.conversation_id == bindparam("conversation"),
    messages.c.client_id == bindparam("client"),
)
_REPLIES = (
    select(messages)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.reply_to == bindparam("seq"),
    )
    .order_by(messages.c.seq)
)
_AFTER = (
    select(messages)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.seq > bindparam("seq"),
    )
    .order_by(messages.c.seq)
    .limit(bindparam("count"))
)


def write(connection: Connection, entry: Entry) -> None:
    """Write an entry."""
    conversation = entry.conversation_id
    if not entry.known:
        _found(connection, entry)
    _add(connection, entry, entry.messages)
    connection.execute(_TOUCH, {"conversation": conversation, "moment": entry.at})


def _add(connection: Connection, entry: Entry, said: Sequence[Message]) -> None:
    conversation, reading = entry.conversation_id, entry.reading
    if said:
        put(connection, messages, [row_of(conversation, each) for each in said])
    for alert in entry.alerts:
        alarms.sound(connection, entry, alert)
    if reading and put(connection, readings, [row_of(conversation, reading)]):
        alarms.count_reading(connection, entry, reading)
    if entry.queue:
        change = {"conversation": conversation, "moment": entry.at, "why": entry.queue}
        connection.execute(_QUEUE, change)


def take(connection: Connection, entry: Entry) -> Owner | Answered:
    """Write a visitor's message, the first of the entry, unless the log has it.

    The conversation's last moment is left to the entry with the replies, which follows at once.

    Returns:
        Who owns the conversation now; or, for an id that the log has, what was answered.
    """
    conversation, message = entry.conversation_id, entry.messages[0]
    if not entry.known:
        _found(connection, entry)
    if not put(connection, messages, [row_of(conversation, message)]):
        found = answered(connection, conversation, message.client_id or "")
        if found:
            return found
    _add(connection, entry, entry.messages[1:])
    owner: Owner = connection.execute(_OWNER, {"conversation": conversation}).scalar_one()
    return owner


def _found(connection: Connection, entry: Entry) -> None:
    at = entry.at
    row = {
        "id": entry.conversation_id,
        "channel": entry.channel,
        "created_at": at,
        "last_at": at,
        "drill": int(is_drill(entry.conversation_id)),
    }
    if put(connection, conversations, [row]):
        owned = {"owner": "bot", "agent": None, "since": at, "reason": "begun"}
        put(connection, ownership, [{"conversation_id": entry.conversation_id, **owned}])


def _message(row: RowMapping) -> Message:
    values = {key: value for key, value in row.items() if key != "conversation_id"}
    values["buttons"] = tuple(values["buttons"] or ())
    values["links"] = tuple(values["links"] or ())
    return Message(**values)


def answered(connection: Connection, conversation_id: str, client_id: str) -> Answered | None:
    """Return what a visitor's message was answered, or None when the log does not have it."""
    key = {"conversation": conversation_id}
    row = connection.execute(_OF_CLIENT, {**key, "client": client_id}).mappings().first()
    if row is None:
        return None
    message = _message(row)
    replies = connection.execute(_REPLIES, {**key, "seq": message.seq}).mappings()
    done = select(readings.c.seq).where(
        readings.c.conversation_id == conversation_id, readings.c.seq == message.seq
    )
    finished = connection.execute(done).first() is not None
    return Answered(message, tuple(map(_message, replies)), finished)


def standing(connection: Connection, conversation_id: str) -> Standing | None:
    """Return how a conversation stands, or None when the log does not have it."""
    of_it = messages.c.conversation_id == conversation_id
    head = (
        select(ownership.c.owner, ownership.c.reason, conversations.c.last_at)
        .join(conversations, conversations.c.id == ownership.c.conversation_id)
        .where(ownership.c.conversation_id == conversation_id)
    )
    row = connection.execute(head).first()
    if row is None:
        return None
    last = select(func.coalesce(func.max(messages.c.seq), 0)).where(of_it)
    offers = (
        select(messages.c.buttons)
        .where(of_it, messages.c.sender == "bot")
        .order_by(messages.c.seq.desc())
        .limit(_OFFERS_READ)
    )
    offered = frozenset(
        button["id"] for buttons in connection.execute(offers).scalars() for button in buttons or ()
    )
    return Standing(
        owner=row.owner,
        reason=row.reason,
        last_seq=connection.execute(last).scalar_one(),
        last_at=row.last_at,
        past=past(connection, conversation_id),
        offered=offered,
    )


def messages_after(
    connection: Connection, conversation_id: str, seq: int, count: int = 1000
) -> list[Message]:
    """Return a conversation's messages that follow `seq`, oldest first, `count` at most."""
    key = {"conversation": conversation_id, "seq": seq, "count": count}
    return [_message(row) for row in connection.execute(_AFTER, key).mappings()]


def beat(connection: Connection, name: str, at: int) -> None:
    """Write a row and so prove that the database takes writes."""
    changed = connection.execute(
        update(heartbeat).where(heartbeat.c.name == name).values(at=at)
    ).rowcount
    if not changed:
        put(connection, heartbeat, [{"name": name, "at": at}])


def purge(connection: Connection, before: int, count: int = 500) -> list[str]:
    """Delete conversations that have been silent since before `before`, with all they hold.

    Returns:
        The ids of those deleted, `count` at most; call again until there are none.
    """
    old = select(conversations.c.id).where(conversations.c.last_at < before).limit(count)
    ids = list(connection.execute(old).scalars())
    if ids:
        connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
    return ids
