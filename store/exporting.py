"""All that is held of one person, as one JSON-able value: what they have a right to be given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, select

from store import audit, persons
from store.sealing import opened_words
from store.tables.alerts import alerts, notices
from store.tables.callbacks import callback_forms, callbacks
from store.tables.channels import contacts, deliveries
from store.tables.conversations import (
    answer_ratings,
    conversations,
    messages,
    ownership,
    ratings,
    readings,
    return_codes,
    transitions,
)
from store.tables.learning import corrections, examples
from store.tables.privacy import holds, identities
from store.tables.privacy import persons as of_persons
from store.tables.review import flags, tagged, tags
from store.tables.staff import notes

FORM = 1
"""Number of the form of the export."""
# Every table that holds something of a conversation; codes and hashes are of use to nobody.
PARTS: dict[str, Table] = {
    "ownership": ownership,
    "messages": messages,
    "readings": readings,
    "alerts": alerts,
    "notices": notices,
    "transitions": transitions,
    "notes": notes,
    "callbacks": callbacks,
    "callback_form": callback_forms,
    "ratings": ratings,
    "answer_ratings": answer_ratings,
    "tags": tagged,
    "flags": flags,
    "corrections": corrections,
    "examples": examples,
    "holds": holds,
    "contact": contacts,
    "deliveries": deliveries,
}
NOT_EXPORTED = {
    "masked_texts": "the messages once more, without identifiers",
    "feed": "numbers of what is exported here",
    "seen": "what staff have looked at; the audit of their reads is exported",
    "return_codes": "hashes of codes",
    "staff_posts": "which messages stand in staff's channel, too",
    "arrivals": "the platforms' ids of the messages",
    "persons": "which conversations are together; exported as such",
}
"""Tables of conversations that are left out, and why."""


def export_person(
    connection: Connection, conversation_id: str, by: str, at: int
) -> dict[str, Any] | None:
    """Return all that is held of the person of a conversation; it is noted in the audit.

    Args:
        connection: Where to write.
        conversation_id: One of theirs.
        by: Who of staff exports it.
        at: When, in milliseconds.

    Returns:
        The value, or None when there is no such conversation.
    """
    ids = persons.together_with(connection, conversation_id)
    known = select(conversations.c.id).where(conversations.c.id.in_(ids))
    there = sorted(connection.execute(known).scalars())
    if not there:
        return None
    for each in there:
        audit.note(connection, by, "exported", each, "person", at=at)
    return {
        "form": FORM,
        "exported_at": at,
        "channels": _channels(connection, conversation_id),
        "conversations": [_conversation(connection, each) for each in there],
    }


def _conversation(connection: Connection, conversation_id: str) -> dict[str, Any]:
    mine = conversations.c.id == conversation_id
    row = connection.execute(select(conversations).where(mine)).mappings().one()
    parts = {name: _rows(connection, table, conversation_id) for name, table in PARTS.items()}
    codes = select(return_codes.c.made_at, return_codes.c.until, return_codes.c.used_at)
    codes = codes.where(return_codes.c.conversation_id == conversation_id)
    given = connection.execute(codes).mappings()
    parts["return_codes"] = [_plain(connection, dict(code)) for code in given]
    parts["tags"] = _tags(connection, conversation_id)
    read = audit.newest(connection, 10_000, wanted=audit.Wanted(subject=conversation_id))
    kept = ("at", "staff_id", "action", "detail")
    parts["audit"] = [{name: deed[name] for name in kept} for deed in reversed(read)]
    return {**{str(name): value for name, value in row.items()}, **parts}


def _rows(connection: Connection, table: Table, conversation_id: str) -> list[dict[str, Any]]:
    query = select(table).where(table.c.conversation_id == conversation_id)
    rows = connection.execute(query.order_by(*table.primary_key)).mappings()
    return [_plain(connection, dict(row)) for row in rows]


def _plain(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    state = row.get("state")
    if isinstance(state, dict) and "sealed" in state:
        row["state"] = opened_words(state["sealed"], connection.dialect)
    # Names of columns are strings of a kind that no writer of JSON knows.
    return {str(name): value for name, value in row.items() if name != "conversation_id"}


def _tags(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    query = (
        select(tags.c.name, tagged.c.seq, tagged.c.at)
        .join(tags, tags.c.id == tagged.c.tag_id)
        .where(tagged.c.conversation_id == conversation_id)
    )
    return [_plain(connection, dict(row)) for row in connection.execute(query).mappings()]


def _channels(connection: Connection, conversation_id: str) -> list[str]:
    query = (
        select(identities.c.channel)
        .join(of_persons, of_persons.c.person == identities.c.person)
        .where(of_persons.c.conversation_id == conversation_id)
    )
    return sorted(set(connection.execute(query).scalars()))
