"""Conversations for export, some at a time: by when they began, which never changes.

So nothing that goes on meanwhile is left out or comes twice, and memory holds one batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, text, tuple_

from store import flags, tags
from store.filters import Filter, conditions
from store.masking import masked
from store.search import Query
from store.tables.conversations import conversations, messages, ownership, readings
from store.tables.review import masked_texts

Place = tuple[int, str]
"""Moment of the beginning, and id, of the last conversation of a batch."""
SIZE = 300


@dataclass(frozen=True, slots=True)
class Poured:
    """A conversation with its messages, as an export has it."""

    row: Row[Any]
    tags: Sequence[str]
    flagged: bool
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where the next batch goes on."""
        return self.row.created_at, self.row.id


_MESSAGE = (
    messages.c.conversation_id,
    messages.c.seq,
    messages.c.sender,
    messages.c.kind,
    messages.c.text,
    messages.c.at,
    messages.c.answer_id,
    messages.c.answer_version,
    messages.c.variables,
    messages.c.language,
    readings.c.outcome,
    readings.c.intent,
    readings.c.confidence,
    readings.c.risk_category,
    readings.c.risk_tier,
    readings.c.model,
)


def _wanted(
    connection: Connection, wanted: Filter, query: Query | None
) -> list[ColumnElement[bool]]:
    found = list(conditions(wanted))
    if query is not None:
        found.append(conversations.c.id.in_(_with_words(connection, query)))
    return found


def _with_words(connection: Connection, query: Query) -> Any:
    ids = select(masked_texts.c.conversation_id)
    if connection.dialect.name == "postgresql":
        return ids.where(masked_texts.c.words.op("@@")(query.tsquery))
    match = text("masked_texts.id IN (SELECT rowid FROM masked_index WHERE masked_index MATCH :w)")
    return ids.where(match.bindparams(w=query.fts5))


def count(connection: Connection, wanted: Filter, query: Query | None = None) -> int:
    """Return how many conversations fulfil a filter, and hold what is searched for."""
    every = select(func.count()).select_from(conversations)
    found: int = connection.execute(every.where(*_wanted(connection, wanted, query))).scalar_one()
    return found


def batch(
    connection: Connection,
    wanted: Filter,
    query: Query | None = None,
    *,
    after: Place | None = None,
    unmasked: bool = False,
    size: int = SIZE,
) -> list[Poured]:
    """Return the next conversations, the oldest first, with all their messages.

    Args:
        connection: Where to read.
        wanted: What they must have.
        query: What must be found in them.
        after: The place of the last one of the batch before.
        unmasked: Whether words stay as they were written.
        size: How many at most; an empty list is the end.
    """
    c = conversations.c
    rows = (
        select(conversations, ownership.c.owner, ownership.c.agent)
        .join(ownership, ownership.c.conversation_id == c.id)
        .where(*_wanted(connection, wanted, query))
        .order_by(c.created_at, c.id)
        .limit(size)
    )
    if after is not None:
        rows = rows.where(tuple_(c.created_at, c.id) > after)
    found = connection.execute(rows).all()
    ids = [row.id for row in found]
    named, up = tags.names_of(connection, ids), flags.flagged(connection, ids)
    poured = {row.id: Poured(row, named.get(row.id, ()), row.id in up) for row in found}
    for message in connection.execute(_messages(ids)).mappings() if ids else ():
        poured[message["conversation_id"]].messages.append(_shown(message, unmasked=unmasked))
    return list(poured.values())


def _messages(ids: Sequence[str]) -> Any:
    m, r = messages.c, readings.c
    same = and_(r.conversation_id == m.conversation_id, r.seq == m.seq)
    query = select(*_MESSAGE).join_from(messages, readings, same, isouter=True)
    return query.where(m.conversation_id.in_(ids)).order_by(m.conversation_id, m.seq)


def _shown(message: Any, *, unmasked: bool) -> dict[str, Any]:
    shown = {name: message[name] for name in message if name not in ("variables",)}
    # What the assistant says is the catalogue's, unless something was put into it.
    plain = message["sender"] in ("bot", "system") and not message["variables"]
    if not (unmasked or plain):
        shown["text"] = masked(message["text"], names=message["sender"] == "visitor")
    return shown
