"""What the desk does with the log; each function is one transaction's work on a connection.

Entries bear to be written twice: rows that are there stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, RowMapping, bindparam, func, select, update

from store import (
    alarms,
    callbacks,
    erasing,
    errors,
    feed,
    languages,
    message_rows,
    ownership,
    summaries,
)
from store.errors import StoreError
from store.feed import FeedRow
from store.records import Entry, Message, Ownership, Standing, is_drill
from store.risks import past
from store.rows import put, row_of
from store.tables.conversations import conversations, heartbeat, messages, readings
from store.tables.conversations import ownership as owned

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
_SPEAKS = frozenset({"bot", "system"})
"""Who offers buttons."""
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
MANY_CHARACTERS = 1_000_000
"""Of messages that are read at once."""
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
        found(connection, conversation, entry.channel, entry.at)
    connection.execute(_TOUCH, {"conversation": conversation, "moment": entry.at})
    _tell(connection, entry, _add(connection, entry, entry.messages))


def finish(
    connection: Connection, entry: Entry, unless_owned: frozenset[int] = frozenset()
) -> tuple[Ownership, Entry]:
    """Write how a turn ended.

    Args:
        connection: Where to write.
        entry: What the turn has come to.
        unless_owned: Numbers of the messages that are neither written nor to be said when staff
            have taken the conversation since the turn began, or have blocked it: the bot is
            silent from that moment on, and nobody is called to a person whom staff have.

    Returns:
        Who owns the conversation now, and the entry as it was written.

    Raises:
        StoreError: The conversation has been deleted meanwhile.
    """
    before = ownership.state(connection, entry.conversation_id)
    if before is not None and (before.owner == "human" or before.blocked):
        said = tuple(each for each in entry.messages if each.seq not in unless_owned)
        wanted = tuple(each for each in entry.alerts if each.kind != "handoff")
        entry = replace(entry, messages=said, alerts=wanted)
    write(connection, entry)
    # Only what puts it into the queue changes the owner at a turn's end.
    again = before is None or entry.queue
    now = ownership.state(connection, entry.conversation_id) if again else before
    if now is None:
        raise StoreError(errors.UNKNOWN)
    return now, entry


def _add(connection: Connection, entry: Entry, said: Sequence[Message]) -> list[Message]:
    """Write what an entry holds, and return the messages if the log did not have them."""
    conversation, reading = entry.conversation_id, entry.reading
    fresh = message_rows.write(connection, conversation, said, entry.channel)
    for alert in entry.alerts:
        alarms.sound(connection, entry, alert)
    understood = reading and put(connection, readings, [row_of(conversation, reading)])
    if reading and understood:
        alarms.count_reading(connection, entry, reading)
    summaries.add(
        connection,
        conversation,
        reading=reading if understood else None,
        raised=entry.alerts,
    )
    callbacks.keep(connection, entry)
    return list(said) if fresh else []


def _tell(connection: Connection, entry: Entry, said: Sequence[Message]) -> None:
    """Publish what an entry has brought; the last thing in its transaction.

    A message of the person wakes a conversation that staff have put off.
    """
    conversation = entry.conversation_id
    if entry.queue:
        ownership.ask(connection, conversation, entry.queue, entry.at)
    rows = [FeedRow(conversation, "message", entry.at, each.seq, each.sender) for each in said]
    rows += [FeedRow(conversation, "alert", entry.at, alert.seq) for alert in entry.alerts]
    if entry.callback or entry.withdrawn:
        rows.append(FeedRow(conversation, "callback", entry.at))
    if entry.reading and not said:
        # Where staff answer, a turn ends with what was understood and nothing else.
        rows.append(FeedRow(conversation, "reading", entry.at, entry.reading.seq))
    feed.publish_all(connection, rows)
    if any(each.sender == "visitor" for each in said):
        ownership.wake(connection, conversation, entry.at, by=ownership.VISITOR)


def take(connection: Connection, entry: Entry) -> Ownership | Answered:
    """Write a visitor's message, the first of the entry, unless the log has it.

    The conversation's last moment is left to the entry with the replies, which follows at once.

    Returns:
        Who owns the conversation now; or, for an id that the log has, what was answered.
    """
    conversation, message = entry.conversation_id, entry.messages[0]
    if not entry.known:
        found(connection, conversation, entry.channel, entry.at)
    fresh = message_rows.write(connection, conversation, [message], entry.channel)
    if not fresh:
        before = answered(connection, conversation, message.client_id or "")
        if before:
            return before
    said = [message] if fresh else []
    said += _add(connection, entry, entry.messages[1:])
    _tell(connection, entry, said)
    owner = ownership.state(connection, conversation)
    if owner is None:
        raise StoreError(errors.UNKNOWN)
    return owner


def found(connection: Connection, conversation_id: str, channel: str, at: int) -> bool:
    """Begin a conversation unless it is there, and say whether it was begun."""
    row = {
        "id": conversation_id,
        "channel": channel,
        "created_at": at,
        "last_at": at,
        "drill": int(is_drill(conversation_id)),
    }
    if not put(connection, conversations, [row]):
        return False
    row = {"owner": "bot", "agent": None, "since": at, "reason": "begun"}
    put(connection, owned, [{"conversation_id": conversation_id, **row}])
    return True


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
    owner = ownership.state(connection, conversation_id)
    if owner is None:
        return None
    moment = select(conversations.c.last_at).where(conversations.c.id == conversation_id)
    last = select(func.coalesce(func.max(messages.c.seq), 0)).where(of_it)
    offers = (
        select(messages.c.buttons)
        .where(of_it, messages.c.sender.in_(sorted(_SPEAKS)))
        .order_by(messages.c.seq.desc())
        .limit(_OFFERS_READ)
    )
    offered = frozenset(
        button["id"] for buttons in connection.execute(offers).scalars() for button in buttons or ()
    )
    form = callbacks.form_of(connection, conversation_id)
    return Standing(
        owned=owner,
        last_seq=connection.execute(last).scalar_one(),
        last_at=connection.execute(moment).scalar_one(),
        past=past(connection, conversation_id),
        offered=offered,
        form=form,
        staff_spoke=form is not None
        and callbacks.staff_spoke_after(connection, conversation_id, form.seq),
        language=languages.language_of(connection, conversation_id),
    )


def message(connection: Connection, conversation_id: str, seq: int) -> Message | None:
    """Return one message, or None."""
    mine = messages.c.conversation_id == conversation_id, messages.c.seq == seq
    row = connection.execute(select(messages).where(*mine)).mappings().first()
    return _message(row) if row else None


def numbered_late(
    connection: Connection, conversation_id: str, seq: int, within: int
) -> list[Message]:
    """Return what the store has numbered up to `within` below `seq`.

    Console and desk give their numbers side by side, so that such a message may have come after
    one with a higher number: whoever goes on from that one may lack it.
    """
    mine = messages.c.conversation_id == conversation_id
    near = messages.c.seq.between(seq - within, seq) & (messages.c.seq % 2 == 1)
    rows = connection.execute(select(messages).where(mine, near).order_by(messages.c.seq))
    return [_message(row) for row in rows.mappings()]


def messages_after(
    connection: Connection, conversation_id: str, seq: int, count: int = 1000
) -> list[Message]:
    """Return a conversation's messages that follow `seq`, oldest first.

    At most `count` of them, and no more once they hold MANY_CHARACTERS: somebody may have written
    a thousand messages of 100,000 characters.
    """
    key = {"conversation": conversation_id, "seq": seq, "count": count}
    found, characters = [], 0
    with connection.execute(_AFTER, key) as rows:
        for row in rows.mappings():
            found.append(_message(row))
            characters += len(found[-1].text)
            if characters >= MANY_CHARACTERS:
                break
    return found


def beat(connection: Connection, name: str, at: int) -> None:
    """Write a row and so prove that the database takes writes."""
    changed = connection.execute(
        update(heartbeat).where(heartbeat.c.name == name).values(at=at)
    ).rowcount
    if not changed:
        put(connection, heartbeat, [{"name": name, "at": at}])


def replay(connection: Connection, entry: Entry) -> None:
    """Write an entry from the spill file, unless its conversation was erased since."""
    erased = erasing.among(connection, [entry.conversation_id])
    if entry.at > erased.get(entry.conversation_id, -1):
        write(connection, entry)
