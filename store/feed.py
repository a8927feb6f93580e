"""What happened, in order: how desk and console hear of each other's writes.

Writers take turns (store.database), on PostgreSQL too: numbers come to be seen in their order, and
followers miss none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection, delete, func, select

from store.tables.conversations import feed

Kind = Literal[
    "message",  # a message was written
    "owner",  # the owner changed, or what belongs to it (team, wake time, block)
    "alert",  # an alert was raised, acknowledged or got an outcome
    "reading",  # a message of which staff have the answer was understood
    "note",  # staff wrote a private note
    "review",  # a tag, a flag or the mark "reviewed" came or went
    "helped",  # the person said of an answer whether it helped
    "callback",  # a callback was asked for or changed
    "delivery",  # a message of staff reached the person's page
    "typing",  # somebody types; holds for a few seconds
    "here",  # the person's page is open
    "gone",  # the person's last page was closed
    "reminder",  # the owner is reminded of a message left unanswered
]
_COUNT = 500


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One thing that happened; holds no words."""

    conversation_id: str
    kind: Kind
    at: int
    seq: int | None = None
    """The message's number, where it is about one; of "owner", that of the line on the change."""
    sender: str | None = None
    """Of that message; or who types, "visitor" or "staff"."""
    id: int = field(default=0, compare=False)
    """Its place in the order; 0 before it is published."""


def publish(
    connection: Connection,
    conversation_id: str,
    kind: Kind,
    at: int,
    seq: int | None = None,
    sender: str | None = None,
) -> None:
    """Publish one row; see FeedRow."""
    publish_all(connection, [FeedRow(conversation_id, kind, at, seq, sender)])


def publish_all(connection: Connection, rows: Sequence[FeedRow]) -> None:
    """Publish rows in their order."""
    if not rows:
        return
    names = [name for name in FeedRow.__slots__ if name != "id"]
    connection.execute(
        feed.insert(), [{name: getattr(row, name) for name in names} for row in rows]
    )


def after(connection: Connection, last_id: int, count: int = _COUNT) -> list[FeedRow]:
    """Return what was published after a row, oldest first, `count` rows at most."""
    return _read(connection, feed.c.id > last_id, count)


def owner_changes(
    connection: Connection, since: int, last_id: int = 0, count: int = _COUNT
) -> list[FeedRow]:
    """Return the "owner" rows from a moment on that follow a row, oldest first."""
    wanted = (feed.c.at >= since) & (feed.c.id > last_id) & (feed.c.kind == "owner")
    return _read(connection, wanted, count)


def _read(connection: Connection, wanted: object, count: int) -> list[FeedRow]:
    query = select(feed).where(wanted).order_by(feed.c.id).limit(count)  # type: ignore[arg-type]
    return [FeedRow(**row) for row in connection.execute(query).mappings()]


def newest(connection: Connection) -> int:
    """Return the id of the last row; 0 when there is none."""
    return connection.execute(select(func.max(feed.c.id))).scalar() or 0


def before(connection: Connection, at: int) -> int:
    """Return the id of the last row from before a moment; 0 when there is none."""
    return connection.execute(select(func.max(feed.c.id)).where(feed.c.at < at)).scalar() or 0


def present(connection: Connection, conversation_id: str) -> int | None:
    """Return since when the person's page has been open; None when it is not, or nobody knows."""
    query = (
        select(feed.c.kind, feed.c.at)
        .where(feed.c.conversation_id == conversation_id, feed.c.kind.in_(("here", "gone")))
        .order_by(feed.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return row.at if row is not None and row.kind == "here" else None


def open_pages(connection: Connection) -> list[str]:
    """Return the conversations of which the feed last said that the person's page is open."""
    said = feed.c.kind.in_(("here", "gone"))
    last = select(func.max(feed.c.id)).where(said).group_by(feed.c.conversation_id)
    query = select(feed.c.conversation_id).where(feed.c.id.in_(last), feed.c.kind == "here")
    return list(connection.execute(query).scalars())


def forget(connection: Connection, before: int) -> int:
    """Delete rows from before a moment, and return how many."""
    done: int = connection.execute(delete(feed).where(feed.c.at < before)).rowcount
    return done
