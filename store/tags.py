"""Tags of conversations and of messages: short names that staff give, in small letters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, select

from store import audit, feed
from store.rows import put
from store.tables.conversations import conversations, messages
from store.tables.review import tagged, tags

WHOLE = 0
"""The number that stands for the conversation as a whole, in place of a message's."""
LONGEST = 40
"""Characters of a tag."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag on something."""

    id: int
    name: str
    seq: int
    """The message; WHOLE for the conversation."""
    staff_id: str
    at: int


def add(
    connection: Connection, conversation_id: str, seq: int, name: str, *, by: str, at: int
) -> bool:
    """Put a tag on a conversation or on a message of it.

    Args:
        connection: Where to write.
        conversation_id: Which conversation.
        seq: The message; WHOLE for the conversation.
        name: The tag, cleaned; LONGEST characters at most.
        by: Who of staff.
        at: When, in milliseconds.

    Returns:
        Whether it is there now; False where there is no such message.
    """
    if not is_there(connection, conversation_id, seq):
        return False
    put(connection, tags, [{"name": name.lower()}])
    tag_id = connection.execute(select(tags.c.id).where(tags.c.name == name.lower())).scalar_one()
    key = {"conversation_id": conversation_id, "seq": seq, "tag_id": tag_id}
    if put(connection, tagged, [{**key, "staff_id": by, "at": at}]):
        audit.note(connection, by, "tagged", conversation_id, at=at)
        feed.publish(connection, conversation_id, "review", at, seq=seq or None)
    return True


def remove(
    connection: Connection, conversation_id: str, seq: int, tag_id: int, *, by: str, at: int
) -> bool:
    """Take a tag away, and say whether it was there; one that nothing has any more is forgotten."""
    mine = (
        tagged.c.conversation_id == conversation_id,
        tagged.c.seq == seq,
        tagged.c.tag_id == tag_id,
    )
    if not connection.execute(delete(tagged).where(*mine)).rowcount:
        return False
    used = exists().where(tagged.c.tag_id == tag_id)
    connection.execute(delete(tags).where(tags.c.id == tag_id, ~used))
    audit.note(connection, by, "untagged", conversation_id, at=at)
    feed.publish(connection, conversation_id, "review", at, seq=seq or None)
    return True


def is_there(connection: Connection, conversation_id: str, seq: int) -> bool:
    """Say whether there is such a conversation, and such a message in it."""
    found = exists().where(conversations.c.id == conversation_id)
    if seq != WHOLE:
        mine = messages.c.conversation_id == conversation_id, messages.c.seq == seq
        found = exists().where(*mine)
    return bool(connection.execute(select(found)).scalar())


def of(connection: Connection, conversation_id: str) -> list[Tag]:
    """Return the tags of a conversation and of its messages, by name."""
    query = (
        select(tags.c.id, tags.c.name, tagged.c.seq, tagged.c.staff_id, tagged.c.at)
        .join(tagged, tagged.c.tag_id == tags.c.id)
        .where(tagged.c.conversation_id == conversation_id)
        .order_by(tags.c.name, tagged.c.seq)
    )
    return [Tag(*row) for row in connection.execute(query)]


def names_of(connection: Connection, ids: Collection[str]) -> dict[str, list[str]]:
    """Return the names of the tags of conversations and of their messages, by conversation."""
    query = (
        select(tagged.c.conversation_id, tags.c.name)
        .join(tags, tags.c.id == tagged.c.tag_id)
        .where(tagged.c.conversation_id.in_(ids))
        .distinct()
        .order_by(tags.c.name)
    )
    found: dict[str, list[str]] = {}
    for conversation, name in connection.execute(query):
        found.setdefault(conversation, []).append(name)
    return found


def everything(connection: Connection, most: int = 500) -> dict[int, str]:
    """Return the names of all tags that something has, by number, in order; `most` at most."""
    query = select(tags.c.id, tags.c.name).order_by(tags.c.name).limit(most)
    return {row.id: row.name for row in connection.execute(query)}
