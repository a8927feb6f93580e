"""What pages and streams read of the store, each in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from store import feed, flags, inbox, notes, review, reviewed, tags
from store import staff as accounts
from store.feed import FeedRow
from store.inbox import Waiting
from store.reviewed import Reviewed
from store.staff import Account
from store.tags import Tag

NEWEST = 50
"""Messages of an open conversation that are looked at for changes."""
_UNLISTED = frozenset(
    {"typing", "here", "gone", "delivery", "reading", "note", "callback", "review", "helped"}
)
"""What happens without changing a row of the inbox."""


Messages = list[dict[str, Any]]


@dataclass(frozen=True)
class Detail:
    """One conversation as its page shows it."""

    row: Waiting
    messages: Messages
    notes: list[dict[str, Any]]
    people: list[Account]
    """Open accounts."""
    names: Mapping[str, str]
    """Of every account ever opened, by id."""
    reviewed: Reviewed
    tags: list[Tag]
    """Of the conversation as a whole."""
    flagged: bool
    """Whether the conversation as a whole is."""
    here_since: int | None
    """Since when the person's page is open; None when it is not, or nobody knows."""


@dataclass(frozen=True)
class Batch:
    """What has happened since the last one."""

    rows: list[FeedRow]
    touched: frozenset[str]
    """Conversations whose row may have changed."""
    listed: Mapping[str, Waiting]
    """Those of them that are in the inbox now."""
    details: Mapping[str, Detail]
    """Conversations on somebody's screen that have changed."""
    names: Mapping[str, str]


def detail(
    connection: Connection, conversation_id: str, *, before: int | None = None, size: int = NEWEST
) -> Detail | None:
    """Return a conversation, or None when there is none of that id.

    Args:
        connection: Where to read.
        conversation_id: Which.
        before: Show the messages before this one; None shows the newest.
        size: How many messages at most.
    """
    row = inbox.one(connection, conversation_id)
    if row is None:
        return None
    everyone = accounts.everyone(connection)
    messages = review.tail(connection, conversation_id, before=before, size=size)
    on_it = tags.of(connection, conversation_id)
    return Detail(
        row=row,
        messages=review.marked(connection, conversation_id, messages),
        notes=notes.of(connection, conversation_id),
        people=[account for account in everyone if account.closed_at is None],
        names={account.id: account.name for account in everyone},
        reviewed=reviewed.of(connection, conversation_id) or Reviewed(row.last_at),
        tags=[tag for tag in on_it if tag.seq == tags.WHOLE],
        flagged=tags.WHOLE in flags.of(connection, conversation_id),
        here_since=feed.present(connection, conversation_id),
    )


def since(
    connection: Connection, conversation_id: str, seq: int, size: int
) -> list[dict[str, Any]]:
    """Return messages after a number, and in any case the newest, oldest first."""
    newest = review.tail(connection, conversation_id, size=NEWEST)
    if not newest or newest[0]["seq"] <= seq:
        return review.marked(connection, conversation_id, newest)
    missed = review.transcript(connection, conversation_id, after=seq, size=size)
    return review.marked(connection, conversation_id, missed)


def batch(connection: Connection, last: int, watched: Collection[str]) -> Batch:
    """Return what was published after a row of the feed, with what it has changed."""
    rows = feed.after(connection, last)
    touched = frozenset(row.conversation_id for row in rows if row.kind not in _UNLISTED)
    listed = inbox.listed(connection, touched) if touched else []
    seen = {row.conversation_id for row in rows if row.kind != "typing"} & set(watched)
    details = {each: found for each in seen if (found := detail(connection, each))}
    names = accounts.names(connection) if touched else {}
    return Batch(rows, touched, {row.id: row for row in listed}, details, names)
