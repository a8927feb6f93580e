"""Arrivals: what a platform has handed over, kept until it is handled.

The platform is answered at once; a crash loses nothing, and a retry is known by the platform's id.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select, update

from store import contacts, log, persons
from store.contacts import Contact
from store.rows import put
from store.tables.channels import arrivals


@dataclass(frozen=True, slots=True)
class Kept:
    """An arrival that is to be handled."""

    id: int
    contact: Contact
    platform_id: str
    content: Mapping[str, Any]


def take(
    connection: Connection,
    contact: Contact,
    sender: str,
    platform_id: str,
    content: Mapping[str, Any],
    *,
    at: int,
    until: int,
    media: Sequence[str] = (),
) -> Kept | None:
    """Keep what came, claimed by whoever takes it.

    Args:
        connection: Where to write.
        contact: From whom; the conversation is begun where there is none.
        sender: Their id in the channel, such as a phone number.
        platform_id: The platform's id.
        content: What it was.
        at: When it came, in milliseconds.
        until: Until when nobody else handles it.
        media: Ids of what is to be deleted at the provider.

    Returns:
        What is to be handled, with what is known of the person; None if it came before.
    """
    conversation = contact.conversation_id
    fresh = log.found(connection, conversation, contact.channel, at)
    known = contacts.meet(connection, contact, at)
    if fresh:
        persons.know(connection, conversation, contact.channel, sender)
    row = {
        "conversation_id": conversation,
        "channel": contact.channel,
        "platform_id": platform_id,
        "content": persons.seal(connection, conversation, orjson.dumps(dict(content)).decode()),
        "at": at,
        "claimed_until": until,
        "media": list(media) or None,
    }
    if not put(connection, arrivals, [row]):
        return None
    mine = arrivals.c.channel == contact.channel, arrivals.c.platform_id == platform_id
    number: int = connection.execute(select(arrivals.c.id).where(*mine)).scalar_one()
    return Kept(number, known, platform_id, content)


def claim(connection: Connection, now: int, *, until: int, count: int = 50) -> list[Kept]:
    """Take what nobody handles any more, oldest first: the process that had it has ended."""
    free = arrivals.c.handled_at.is_(None), arrivals.c.claimed_until <= now
    query = select(arrivals).where(*free).order_by(arrivals.c.id).limit(count)
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    connection.execute(update(arrivals).where(arrivals.c.id.in_(ids)).values(claimed_until=until))
    found = []
    for row in rows:
        contact = contacts.find(connection, row.conversation_id)
        if contact is not None and row.content:
            found.append(Kept(row.id, contact, row.platform_id, orjson.loads(row.content)))
    return found


def waiting(connection: Connection, now: int) -> bool:
    """Say whether there is something for `claim`; reads only."""
    free = arrivals.c.handled_at.is_(None), arrivals.c.claimed_until <= now
    return connection.execute(select(arrivals.c.id).where(*free).limit(1)).first() is not None


def hold(connection: Connection, ids: Collection[int], until: int) -> None:
    """Claim for longer what is still being handled."""
    mine = arrivals.c.id.in_(list(ids))
    connection.execute(update(arrivals).where(mine).values(claimed_until=until))


def handled(connection: Connection, number: int, at: int) -> None:
    """Note that one was handled; its words are in the log now, and nowhere else."""
    mine = arrivals.c.id == number
    connection.execute(update(arrivals).where(mine).values(handled_at=at, content=None))


def media(connection: Connection, channel: str, count: int = 20) -> list[tuple[int, list[str]]]:
    """Return what is still to be deleted at a channel's provider."""
    mine = arrivals.c.channel == channel, arrivals.c.media.is_not(None)
    query = select(arrivals.c.id, arrivals.c.media).where(*mine).order_by(arrivals.c.id)
    rows = connection.execute(query.limit(count)).all()
    return [(row.id, list(row.media)) for row in rows if row.media]


def media_gone(connection: Connection, number: int) -> None:
    """Note that nothing of an arrival is left at the provider."""
    mine = arrivals.c.id == number
    connection.execute(update(arrivals).where(mine).values(media=None))


def forget(connection: Connection, before: int) -> int:
    """Delete ids of what was handled before a moment; platforms retry no longer than a day."""
    old = arrivals.c.handled_at < before, arrivals.c.media.is_(None)
    gone: int = connection.execute(delete(arrivals).where(*old)).rowcount
    return gone
