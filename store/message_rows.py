"""Writes messages, each with what is searched and counted of it, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from store import masked_texts, persons, summaries
from store.numbering import of_desk
from store.records import Message
from store.rows import put, row_of
from store.tables.channels import contacts, deliveries
from store.tables.conversations import messages

GRACE = 30_000
"""Milliseconds that the desk which has answered has for itself to send it, from memory."""
_WEB = "web"


def write(
    connection: Connection,
    conversation_id: str,
    said: Sequence[Message],
    channel: str | None = None,
) -> int:
    """Write the messages that are not there yet, and return how many there were.

    Args:
        connection: Where to write.
        conversation_id: Whose.
        said: The messages.
        channel: Of the conversation, if it is known: on the web nothing is to be sent.
    """
    if not said:
        return 0
    rows = [row_of(conversation_id, each) for each in said]
    sealed = persons.sealer(connection, conversation_id)
    for row in rows:
        row["text"] = sealed(row["text"])
    fresh = put(connection, messages, rows)
    if fresh:
        hidden = masked_texts.keep(connection, conversation_id, said)
        if fresh == len(said):
            summaries.add(connection, conversation_id, said=said, hidden=hidden)
        else:
            # Which of them were new the databases do not say.
            summaries.renew(connection, conversation_id)
        if channel != _WEB:
            _queue(connection, conversation_id, said)
    return fresh


def _queue(connection: Connection, conversation_id: str, said: Sequence[Message]) -> None:
    """Queue what leaves the house, where there is somebody to send it to (store.deliveries).

    What the store has numbered (staff's, and lines beside a turn) is due at once; what a desk has
    numbered that desk sends by itself, and others only when it has not.
    """
    leaving = [each for each in said if each.sender != "visitor"]
    there = select(contacts.c.digest).where(contacts.c.conversation_id == conversation_id)
    if not leaving or connection.execute(there).first() is None:
        return
    rows = [
        {
            "conversation_id": conversation_id,
            "seq": each.seq,
            "state": "waiting",
            "due_at": each.at + GRACE if of_desk(each.seq) else each.at,
            "at": each.at,
        }
        for each in leaving
    ]
    put(connection, deliveries, rows)
