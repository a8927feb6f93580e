"""Corrections: what a reviewer says of how a message was understood. One for each message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from store import audit
from store.rows import put
from store.tables.conversations import messages, readings
from store.tables.learning import corrections

Kind = Literal["intent", "several", "out_of_scope", "false_alarm", "missed_crisis", "right"]
KINDS: tuple[Kind, ...] = (
    "intent",
    "several",
    "out_of_scope",
    "false_alarm",
    "missed_crisis",
    "right",
)
CRISIS, NOTHING_FITS = "safety_crisis", "out_of_scope"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a message should have been understood as."""

    conversation_id: str
    seq: int
    kind: Kind
    intents: tuple[str, ...] = ()
    """What would have been right, in the order asked."""
    category: str | None = None
    """Of a crisis that was missed."""
    by: str = ""
    at: int = 0
    settled_at: int | None = None
    """Since when it has been decided what is learned from it."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction with the message that it is about."""

    correction: Correction
    text: str
    intent: str | None
    """As it was understood."""


def correct(connection: Connection, correction: Correction) -> bool:
    """Keep a correction; the first one of a message stands until it is undone.

    Returns:
        Whether it is there now; False, and nothing kept, where the message is gone or another
        reviewer was first.
    """
    mine = _is(messages, correction.conversation_id, correction.seq)
    found = connection.execute(select(messages.c.sender).where(mine)).scalar()
    if found != "visitor":
        return False
    row = {
        "conversation_id": correction.conversation_id,
        "seq": correction.seq,
        "kind": correction.kind,
        "intents": list(correction.intents),
        "category": correction.category,
        "by": correction.by,
        "at": correction.at,
        # Nothing is learned from what was right.
        "settled_at": correction.at if correction.kind == "right" else None,
    }
    if not put(connection, corrections, [row]):
        return False
    note = (correction.by, "corrected", correction.conversation_id, correction.kind)
    audit.note(connection, *note, at=correction.at)
    return True


def undo(connection: Connection, conversation_id: str, seq: int, by: str, at: int) -> bool:
    """Take one's own correction back, unless something was learned from it already."""
    mine = _is(corrections, conversation_id, seq) & (corrections.c.by == by)
    free = corrections.c.settled_at.is_(None) | (corrections.c.kind == "right")
    gone: int = connection.execute(delete(corrections).where(mine, free)).rowcount
    if gone:
        audit.note(connection, by, "correction undone", conversation_id, at=at)
    return gone > 0


def settle(connection: Connection, conversation_id: str, seq: int, at: int) -> bool:
    """Note that it was decided what is learned from a correction; False when it was before."""
    mine = _is(corrections, conversation_id, seq) & corrections.c.settled_at.is_(None)
    done: int = connection.execute(update(corrections).where(mine).values(settled_at=at)).rowcount
    return done > 0


def learn_nothing(connection: Connection, conversation_id: str, seq: int, by: str, at: int) -> bool:
    """Settle a correction without an example; False when it was settled before."""
    done = settle(connection, conversation_id, seq, at)
    if done:
        audit.note(connection, by, "learned nothing", conversation_id, str(seq), at=at)
    return done


def one(connection: Connection, conversation_id: str, seq: int) -> Corrected | None:
    """Return the correction of a message, or None."""
    query = _with_messages().where(_is(corrections, conversation_id, seq))
    row = connection.execute(query).first()
    return _corrected(row) if row else None


def last_of(connection: Connection, by: str) -> Corrected | None:
    """Return the newest correction of a reviewer that can still be taken back, or None."""
    free = corrections.c.settled_at.is_(None) | (corrections.c.kind == "right")
    query = _with_messages().where(corrections.c.by == by, free)
    row = connection.execute(query.order_by(corrections.c.at.desc()).limit(1)).first()
    return _corrected(row) if row else None


def to_teach(connection: Connection, size: int = 50) -> list[Corrected]:
    """Return corrections of which nothing has been learned yet, oldest first."""
    query = _with_messages().where(corrections.c.settled_at.is_(None))
    rows = connection.execute(query.order_by(corrections.c.at).limit(size))
    return [_corrected(row) for row in rows]


def count_to_teach(connection: Connection) -> int:
    """Return how many corrections wait to be taught."""
    waiting = select(func.count()).where(corrections.c.settled_at.is_(None))
    return connection.execute(waiting).scalar_one()


def _with_messages() -> Select[Any]:
    return (
        select(corrections, messages.c.text, readings.c.intent)
        .join(messages, _same(messages))
        .join(readings, _same(readings), isouter=True)
    )


def _same(table: Any) -> Any:
    return (table.c.conversation_id == corrections.c.conversation_id) & (
        table.c.seq == corrections.c.seq
    )


def _is(table: Any, conversation_id: str, seq: int) -> Any:
    return (table.c.conversation_id == conversation_id) & (table.c.seq == seq)


def _corrected(row: Row[Any]) -> Corrected:
    values = {name: getattr(row, name) for name in Correction.__slots__}
    found: Sequence[str] = row.intents or ()
    return Corrected(Correction(**{**values, "intents": tuple(found)}), row.text, row.intent)
