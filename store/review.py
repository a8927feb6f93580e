"""What the console reads: the list of conversations and one of them with what was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, select, tuple_

from store import answer_ratings, deliveries, flags, search, tags
from store.filters import Filter, conditions
from store.search import Hit, Query
from store.summaries import read
from store.tables.conversations import conversations, messages, ownership, readings

Place = tuple[int, str]
"""Where a page of the list begins: moment and id of the last conversation of the one before."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation as a line of the list."""

    id: str
    channel: str
    created_at: int
    last_at: int
    owner: str
    agent: str | None
    messages: int
    """Of the person."""
    tiers: tuple[str, ...]
    """Tiers of the risk that was found; "unscreened" where the screen could not read a message."""
    safe: int
    """How many messages got the fixed safe reply."""
    fallbacks: int
    """How many messages fitted nothing."""
    hidden: int
    """In how many messages identifiers were hidden."""
    intents: tuple[str, ...]
    languages: tuple[str, ...]
    reviewed: bool
    """Whether it was reviewed, and nothing has come since."""
    tags: tuple[str, ...] = ()
    flagged: bool = False
    hits: list[Hit] = field(default_factory=list)
    """What was found in it, the newest first."""


_LINES = select(conversations, ownership.c.owner, ownership.c.agent).join(
    ownership, ownership.c.conversation_id == conversations.c.id
)
_ORDER = conversations.c.last_at.desc(), conversations.c.id.desc()


def page(
    connection: Connection,
    wanted: Filter | None = None,
    *,
    before: Place | None = None,
    size: int = 50,
) -> list[Summary]:
    """Return conversations, newest first.

    Args:
        connection: Where to read.
        wanted: What they must have.
        before: Moment and id of the last conversation of the page before, or None.
        size: How many at most.
    """
    ids = _ids(wanted or Filter(), before, size).subquery("listed")
    return _lines(connection, _LINES.join(ids, ids.c.id == conversations.c.id).order_by(*_ORDER))


def _ids(wanted: Filter, after: Place | None, size: int) -> Select[Any]:
    """Return the ids of a page: these alone SQLite finds in its index of the list."""
    query = select(conversations.c.id).where(*conditions(wanted))
    if after:
        query = query.where(_place() < after)
    return query.order_by(*_ORDER).limit(size)


def _place() -> Any:
    return tuple_(conversations.c.last_at, conversations.c.id)


def _lines(connection: Connection, query: Select[Any]) -> list[Summary]:
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    tagged, flagged = tags.names_of(connection, ids), flags.flagged(connection, ids)
    return [
        Summary(
            id=row.id,
            channel=row.channel,
            created_at=row.created_at,
            last_at=row.last_at,
            owner=row.owner,
            agent=row.agent,
            messages=row.heard,
            tiers=read(row.tiers),
            safe=row.safe,
            fallbacks=row.fallbacks,
            hidden=row.hidden,
            intents=read(row.intents),
            languages=read(row.languages),
            reviewed=row.reviewed_to is not None and row.reviewed_to >= row.last_at,
            tags=tuple(tagged.get(row.id, ())),
            flagged=row.id in flagged,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was searched for."""

    lines: list[Summary]
    """Conversations in which something was found; the newest message first."""
    older: int | None
    """Where the next page begins; None when there is nothing more."""
    looked_through: bool
    """Whether the page is full, or all was looked through; else the next page looks on."""


def found(
    connection: Connection,
    query: Query,
    wanted: Filter | None = None,
    *,
    before: int | None = None,
    size: int = 50,
) -> Found:
    """Return conversations in which something was found.

    Args:
        connection: Where to read.
        query: What is searched for.
        wanted: What the conversations must have.
        before: Found.older of the page before, or None.
        size: How many messages a page has at most.
    """
    hits, older, through = search.hits(connection, query, wanted, before=before, size=size)
    by_conversation: dict[str, list[Hit]] = {}
    for hit in hits:
        by_conversation.setdefault(hit.conversation_id, []).append(hit)
    lines = _of(connection, list(by_conversation))
    for conversation, of_it in by_conversation.items():
        lines[conversation].hits.extend(of_it)
    return Found([lines[each] for each in by_conversation], older, through)


def _of(connection: Connection, ids: Sequence[str]) -> dict[str, Summary]:
    if not ids:
        return {}
    rows = _lines(connection, _LINES.where(conversations.c.id.in_(ids)))
    return {row.id: row for row in rows}


def place_of(connection: Connection, conversation_id: str) -> Place | None:
    """Return where a conversation stands in the list, or None when there is none of that id."""
    query = select(conversations.c.last_at, conversations.c.id)
    row = connection.execute(query.where(conversations.c.id == conversation_id)).first()
    return (row[0], row[1]) if row else None


def following(connection: Connection, wanted: Filter, after: Place | None) -> str | None:
    """Return the first conversation of the list after a place, or None when there is none."""
    return connection.execute(_ids(wanted, after, 1)).scalar()


def head(connection: Connection, conversation_id: str) -> dict[str, Any] | None:
    """Return a conversation's own facts and who owns it, or None when there is none of that id."""
    row = connection.execute(
        select(conversations, ownership.c.owner, ownership.c.since, ownership.c.reason)
        .join(ownership, ownership.c.conversation_id == conversations.c.id)
        .where(conversations.c.id == conversation_id)
    ).first()
    return dict(row._mapping) if row else None


def transcript(
    connection: Connection, conversation_id: str, *, after: int = 0, size: int = 200
) -> list[dict[str, Any]]:
    """Return messages, oldest first, each with the reading of the visitor's ones."""
    rows = connection.execute(
        _read_messages(conversation_id)
        .where(messages.c.seq > after)
        .order_by(messages.c.seq)
        .limit(size)
    )
    return [dict(row) for row in rows.mappings()]


def tail(
    connection: Connection, conversation_id: str, *, before: int | None = None, size: int = 200
) -> list[dict[str, Any]]:
    """Return the newest messages, or the newest before one, oldest first; see `transcript`."""
    query = _read_messages(conversation_id).order_by(messages.c.seq.desc()).limit(size)
    if before is not None:
        query = query.where(messages.c.seq < before)
    return [dict(row) for row in connection.execute(query).mappings()][::-1]


def marked(
    connection: Connection, conversation_id: str, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return messages of a transcript with what staff put on them and what became of them."""
    if not rows:
        return []
    sent = deliveries.of_conversation(connection, conversation_id)
    put_on, up = tags.of(connection, conversation_id), flags.of(connection, conversation_id)
    helped = answer_ratings.of(connection, conversation_id)
    by_message: dict[int, list[tags.Tag]] = {}
    for tag in put_on:
        by_message.setdefault(tag.seq, []).append(tag)
    return [
        {
            **row,
            "tags": by_message.get(row["seq"], []),
            "flagged": row["seq"] in up,
            "helped": helped.get(row["seq"]),
            "sent": sent.get(row["seq"]),
        }
        for row in rows
    ]


def _read_messages(conversation_id: str) -> Select[Any]:
    same = and_(
        readings.c.conversation_id == messages.c.conversation_id,
        readings.c.seq == messages.c.seq,
    )
    understood = [column for column in readings.c if column.name not in messages.c]
    return (
        select(messages, *understood)
        .join(readings, same, isouter=True)
        .where(messages.c.conversation_id == conversation_id)
    )
