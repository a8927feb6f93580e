"""The messages that are most worth a person's time: found by what was understood of them.

What needs the words themselves (nearness to a crisis limit, topics that come again) is added by
the console when it shows them, and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, literal, select, text

from store.corrections import one as corrected
from store.tables.conversations import (
    DOUBTFUL,
    answer_ratings,
    conversations,
    messages,
    ratings,
    readings,
)
from store.tables.learning import corrections

CLOSE = 0.15
"""By how much the first intent must lead, lest the message count as understood in doubt."""
UNSURE = 0.6
_CRISIS, _NOTHING = "safety_crisis", "out_of_scope"
_MEANING = "meaning:"
_RECENT_CONVERSATIONS = 60
_LOOKED_AT = 1000
"""Doubtful messages that are looked at, corrected ones among them."""
Which = tuple[ColumnElement[bool], ...]
"""What a message must be."""
_OUTCOMES = ("brain", "read", "fixed")


@dataclass(frozen=True, slots=True)
class Item:
    """A message of a visitor and what was understood of it."""

    conversation_id: str
    seq: int
    text: str
    at: int
    channel: str
    intent: str | None
    confidence: float | None
    ranking: tuple[dict[str, Any], ...]
    intents: tuple[str, ...]
    model: str | None
    risk_category: str | None
    risk_tier: str | None
    risk_rule: str | None
    thumbs_down: bool = False
    reasons: tuple[str, ...] = field(default=())
    """Of fallback, close, layers and thumbs_down those that hold."""


def doubtful(connection: Connection, size: int = 300) -> list[Item]:
    """Return the newest messages that nobody has corrected yet and that give reason to look."""
    newest = (
        select(readings.c.conversation_id, readings.c.seq)
        .where(DOUBTFUL)
        .order_by(readings.c.seq.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    query = _unreviewed().join(newest, _same(newest)).order_by(readings.c.seq.desc()).limit(size)
    found = {(row.conversation_id, row.seq): _item(row) for row in connection.execute(query)}
    down = {(each.conversation_id, each.seq): each for each in thumbs_down(connection)}
    return [each for each in {**found, **down}.values() if each.reasons]


def thumbs_down(connection: Connection, size: int = 50) -> list[Item]:
    """Return messages that did not get what they were for, in the person's own judgement.

    These are the ones whose answer did not help, then the last ones before somebody said that
    staff did not help.

    Args:
        connection: Where to read.
        size: How many of either at most.
    """
    found: dict[tuple[str, int], Item] = {}
    # One by one: joined, a planner without statistics reads every message there is.
    for which in (*_answered(connection, size), *_before_ratings(connection, size)):
        query = _read(down=True).where(*which).order_by(readings.c.seq.desc()).limit(1)
        row = connection.execute(query).first()
        if row is not None and corrected(connection, row.conversation_id, row.seq) is None:
            found[row.conversation_id, row.seq] = _item(row)
    return list(found.values())


def _answered(connection: Connection, size: int) -> list[Which]:
    """Return which messages got the newest answers that did not help."""
    rated = answer_ratings.c
    newest = (
        select(rated.conversation_id, rated.seq)
        .where(text("score = 0"))
        .order_by(rated.at.desc())
        .limit(size)
    )
    found: list[Which] = []
    for conversation_id, seq in connection.execute(newest).all():
        in_it = messages.c.conversation_id == conversation_id
        query = select(messages.c.reply_to).where(in_it, messages.c.seq == seq)
        asked = connection.execute(query).scalar()
        found.append((in_it, messages.c.seq == asked))
    return found


def _before_ratings(connection: Connection, size: int) -> list[Which]:
    """Return which messages came before the newest low ratings of staff."""
    rated = ratings.c
    newest = select(rated.conversation_id, rated.at).where(rated.score == 0)
    rows = connection.execute(newest.order_by(rated.at.desc()).limit(size)).all()
    return [(messages.c.conversation_id == row[0], messages.c.at <= row.at) for row in rows]


def recent(connection: Connection, size: int = 200) -> list[Item]:
    """Return messages of the newest conversations that nobody has corrected, whatever they are."""
    newest = (
        select(conversations.c.id)
        .where(conversations.c.drill == 0)
        .order_by(conversations.c.last_at.desc())
        .limit(_RECENT_CONVERSATIONS)
    )
    query = _unreviewed().where(readings.c.conversation_id.in_(newest))
    rows = connection.execute(query.order_by(readings.c.seq.desc()).limit(size))
    return [_item(row) for row in rows]


def past(connection: Connection, size: int = 1000) -> list[Item]:
    """Return the newest messages that the brain has answered, to be put to a candidate."""
    query = _read().where(readings.c.outcome == "brain").order_by(readings.c.seq.desc())
    return [_item(row) for row in connection.execute(query.limit(size))]


def some(connection: Connection, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Item]:
    """Return messages by conversation and number; those that are gone are left out."""
    found: dict[tuple[str, int], Item] = {}
    for conversation_id, seq in places:
        mine = (readings.c.conversation_id == conversation_id) & (readings.c.seq == seq)
        row = connection.execute(_read().where(mine)).first()
        if row is not None:
            found[conversation_id, seq] = _item(row)
    return found


def _read(*, down: bool = False) -> Select[Any]:
    columns = (readings.c[name] for name in _OF_READINGS)
    return (
        select(
            *columns,
            messages.c.text,
            messages.c.at,
            conversations.c.channel,
            literal(down).label("thumbs_down"),
        )
        .join(messages, _same(messages))
        .join(conversations, conversations.c.id == readings.c.conversation_id)
        .where(messages.c.button.is_(None), conversations.c.drill == 0)
    )


def _same(table: Any) -> Any:
    return and_(
        table.c.conversation_id == readings.c.conversation_id, table.c.seq == readings.c.seq
    )


def _unreviewed(*, down: bool = False) -> Select[Any]:
    done = select(corrections.c.seq).where(_same(corrections)).exists()
    return _read(down=down).where(~done, readings.c.outcome.in_(_OUTCOMES))


_OF_READINGS = (
    "conversation_id",
    "seq",
    "intent",
    "confidence",
    "ranking",
    "intents",
    "model",
    "risk_category",
    "risk_tier",
    "risk_rule",
)


def _item(row: Row[Any]) -> Item:
    values = {name: getattr(row, name) for name in Item.__slots__ if name != "reasons"}
    values["ranking"] = tuple(row.ranking or ())
    values["intents"] = tuple(row.intents or ())
    values["thumbs_down"] = bool(row.thumbs_down)
    return Item(**values, reasons=tuple(_reasons(row, values["ranking"])))


def _reasons(row: Row[Any], ranking: Sequence[dict[str, Any]]) -> list[str]:
    sure = [each["confidence"] for each in ranking]
    # The fallback itself is no candidate, so that the first in the ranking may be second.
    close = len(sure) > 1 and sure[0] - sure[1] < CLOSE and sure[0] < UNSURE
    by_meaning = (row.risk_rule or "").startswith(_MEANING)
    # Rules and meaning, or screen and recognition, do not agree.
    layers = by_meaning or (row.intent == _CRISIS and row.risk_tier is None)
    return [
        name
        for name, holds in (
            ("layers", layers),
            ("thumbs_down", row.thumbs_down),
            ("fallback", row.intent == _NOTHING),
            ("close", close),
        )
        if holds
    ]
