"""Writes messages, each with what is searched and counted of it, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from store import masked_texts, persons, summaries
from store.models import messages
from store.records import Message
from store.rows import put, row_of


def write(connection: Connection, conversation_id: str, said: Sequence[Message]) -> int:
    """Write the messages that are not there yet, and return how many there were."""
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
    return fresh
