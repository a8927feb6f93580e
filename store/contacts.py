"""Contacts: where a person of a channel is reached, and what their last answer has offered.

A number or a user's id is stored encrypted, and found by a keyed hash (store.persons.identity_of).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from store import persons
from store.rows import put
from store.tables.channels import contacts, opt_outs


@dataclass(frozen=True, slots=True)
class Contact:
    """One person of a channel, and the conversation with them."""

    conversation_id: str
    channel: str
    digest: str
    """Keyed hash of the address: by it they are known in the list of those who opted out."""
    address: Mapping[str, str] = field(repr=False)
    """As the channel needs it, such as the two numbers of a text message."""
    told: bool = False
    """Whether they were sent the first messages' notice."""
    menu: Mapping[str, str] = field(default_factory=dict)
    """Ids of the buttons of the last answer, by the number to reply with."""
    rest: str | None = None
    """What of the last answer waits for "MORE"."""
    opted_out: bool = False
    """Whether they want no more messages."""
    out_by: str | None = None
    """How that is known; see `opt_out`."""


def meet(connection: Connection, contact: Contact, at: int) -> Contact:
    """Note a person who writes, and return what is known of them.

    Args:
        connection: Where to write; the conversation is there already.
        contact: Who, with the address as it is now: an answer leaves from the number that was
            written to.
        at: When, in milliseconds.
    """
    key = contact.conversation_id
    words = orjson.dumps(dict(contact.address)).decode()
    known = find(connection, key)
    if known is not None and known.address == contact.address:
        return known
    sealed = persons.seal(connection, key, words)
    row = {
        "conversation_id": key,
        "channel": contact.channel,
        "digest": contact.digest,
        "address": sealed,
        "at": at,
    }
    if not put(connection, contacts, [row]):
        connection.execute(
            update(contacts).where(contacts.c.conversation_id == key).values(address=sealed)
        )
    return find(connection, key) or contact


def find(connection: Connection, conversation_id: str) -> Contact | None:
    """Return the contact of a conversation; None on the web."""
    out = opt_outs.c.digest == contacts.c.digest
    query = (
        select(contacts, opt_outs.c.how, opt_outs.c.ended_at)
        .outerjoin(opt_outs, out)
        .where(contacts.c.conversation_id == conversation_id)
    )
    row = connection.execute(query).first()
    return _contact(row) if row else None


def _contact(row: Any) -> Contact:
    return Contact(
        conversation_id=row.conversation_id,
        channel=row.channel,
        digest=row.digest,
        address=orjson.loads(row.address) if row.address.startswith("{") else {},
        told=row.told_at is not None,
        menu=dict(row.menu or {}),
        rest=row.rest,
        opted_out=row.how is not None and row.ended_at is None,
        out_by=row.how if row.ended_at is None else None,
    )


def offer(
    connection: Connection, conversation_id: str, menu: Mapping[str, str], rest: str | None
) -> None:
    """Note what an answer offers: a menu by number, and what waits for "MORE"."""
    sealed = persons.seal(connection, conversation_id, rest) if rest else None
    connection.execute(
        update(contacts)
        .where(contacts.c.conversation_id == conversation_id)
        .values(menu=dict(menu) or None, rest=sealed)
    )


def told(connection: Connection, conversation_id: str, at: int) -> None:
    """Note that they were sent the first messages' notice."""
    mine = contacts.c.conversation_id == conversation_id
    connection.execute(update(contacts).where(mine).values(told_at=at))


def opt_out(connection: Connection, contact: Contact, at: int, how: str) -> None:
    """Note that they want no more messages.

    Args:
        connection: Where to write.
        contact: Who.
        at: When, in milliseconds.
        how: "keyword", "words" (in their own) or "provider" (which refused a message to them).
    """
    row = {"digest": contact.digest, "channel": contact.channel, "at": at, "how": how}
    if not put(connection, opt_outs, [row]):
        mine = opt_outs.c.digest == contact.digest
        connection.execute(update(opt_outs).where(mine).values(at=at, how=how, ended_at=None))


def opt_in(connection: Connection, contact: Contact, at: int) -> None:
    """Note that they want messages again."""
    mine = opt_outs.c.digest == contact.digest
    connection.execute(update(opt_outs).where(mine).values(ended_at=at))


def is_out(connection: Connection, digest: str) -> bool:
    """Say whether somebody wants no messages, also where no conversation is left of them."""
    query = select(opt_outs.c.digest).where(
        opt_outs.c.digest == digest, opt_outs.c.ended_at.is_(None)
    )
    return connection.execute(query).first() is not None
