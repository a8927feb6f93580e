"""What the list of conversations filters by: sums of their rows, kept in the same transaction.

Counting anew gives the same as counting on (`renew`): messages may be logged twice, or late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from store.records import Alert, Message, Reading
from store.rows import put
from store.tables.alerts import alerts
from store.tables.conversations import conversations, messages, readings
from store.tables.review import facets, masked_texts

FALLBACK = "out_of_scope"
"""The intent of a message that fits nothing: the assistant has said that it does not know."""
UNSCREENED = "unscreened"
FACETS = ("languages", "intents", "models")
"""Sets whose values are kept, to choose from."""
_OF_RISK = frozenset({"crisis", UNSCREENED})


def written(values: Iterable[str]) -> str:
    """Return a set as the columns hold it: "|one|two|"."""
    return "|" + "".join(f"{each}|" for each in sorted(set(values)))


def read(value: str) -> tuple[str, ...]:
    """Return the set that a column holds."""
    return tuple(filter(None, value.split("|")))


@dataclass(slots=True)
class Sums:
    """What a conversation's rows come to; fields are columns of `conversations`."""

    heard: int = 0
    hidden: int = 0
    fallbacks: int = 0
    safe: int = 0
    least_sure: float | None = None
    languages: set[str] = field(default_factory=set)
    intents: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    tiers: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, row: RowMapping) -> Sums:
        """Return what the columns hold."""
        values: dict[str, Any] = dict(row)
        for name, value in values.items():
            values[name] = set(read(value)) if isinstance(value, str) else value
        return cls(**values)

    def hear(self, language: str | None, *, hidden: bool) -> None:
        """Count a message of the person."""
        self.heard += 1
        self.hidden += hidden
        self.languages.add(language or "en")

    def understand(self, row: Reading | Any) -> None:
        """Count a reading."""
        self.intents.update(row.intents or (), [row.intent] if row.intent else ())
        if row.confidence is not None:
            known = [] if self.least_sure is None else [self.least_sure]
            self.least_sure = min([row.confidence, *known])
        self.fallbacks += row.intent == FALLBACK
        self.safe += row.outcome == "safe"
        self.models.update([row.model] if row.model else ())
        self._risk(row.risk_tier, row.risk_category)

    def alarm(self, row: Alert | Any) -> None:
        """Count an alert."""
        if row.kind in _OF_RISK:
            self._risk(UNSCREENED if row.kind == UNSCREENED else row.tier, row.category)

    def _risk(self, tier: str | None, category: str | None) -> None:
        self.tiers.update([tier] if tier else ())
        self.categories.update([category] if category else ())

    def row(self) -> dict[str, Any]:
        """Return the columns."""
        values = {name: getattr(self, name) for name in _COLUMNS}
        return {n: written(v) if isinstance(v, set) else v for n, v in values.items()}


_COLUMNS = tuple(each.name for each in fields(Sums))
_NOW = select(*(conversations.c[name] for name in _COLUMNS)).where(
    conversations.c.id == bindparam("conversation")
)
_CHANGE = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values({name: bindparam(name) for name in _COLUMNS})
)


def add(
    connection: Connection,
    conversation_id: str,
    *,
    said: Iterable[Message] = (),
    hidden: Mapping[int, bool] | None = None,
    reading: Reading | None = None,
    raised: Iterable[Alert] = (),
) -> None:
    """Count rows that were written just now.

    Args:
        connection: The transaction that wrote them.
        conversation_id: Whose.
        said: New messages.
        hidden: By number, in which of them an identifier was hidden.
        reading: A new reading.
        raised: Alerts; those that were there before change nothing.
    """
    heard = [each for each in said if each.sender == "visitor"]
    if not (heard or reading or raised):
        return
    row = connection.execute(_NOW, {"conversation": conversation_id}).mappings().first()
    if row is None:
        return
    sums = Sums.of(row)
    for message in heard:
        sums.hear(message.language, hidden=(hidden or {}).get(message.seq, False))
    if reading:
        sums.understand(reading)
    for alert in raised:
        sums.alarm(alert)
    _write(connection, conversation_id, row, sums)


def handed_over(connection: Connection, conversation_id: str) -> None:
    """Note that a conversation has left the assistant: waits for staff, or is with them."""
    _set(connection, conversation_id, "handed", 1)


def called(connection: Connection, conversation_id: str) -> None:
    """Note that a call was asked for."""
    _set(connection, conversation_id, "called", 1)


def rated(connection: Connection, conversation_id: str, score: int) -> None:
    """Note the latest rating."""
    _set(connection, conversation_id, "score", score)


def _set(connection: Connection, conversation_id: str, column: str, value: int) -> None:
    mine = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(mine).values({column: value}))


def values_of(connection: Connection, kind: str, most: int = 200) -> list[str]:
    """Return the values of one of FACETS that some conversation has had, in order."""
    query = select(facets.c.name).where(facets.c.kind == kind).order_by(facets.c.name)
    return list(connection.execute(query.limit(most)).scalars())


def renew(connection: Connection, conversation_id: str) -> None:
    """Count all rows of a conversation anew."""
    row = connection.execute(_NOW, {"conversation": conversation_id}).mappings().first()
    if row is not None:
        _write(connection, conversation_id, row, _counted(connection, conversation_id))


def _write(connection: Connection, conversation_id: str, before: RowMapping, now: Sums) -> None:
    values = now.row()
    if values == dict(before):
        return
    connection.execute(_CHANGE, {"conversation": conversation_id, **values})
    known = Sums.of(before)
    fresh = [
        {"kind": kind, "name": name}
        for kind in FACETS
        for name in sorted(getattr(now, kind) - getattr(known, kind))
    ]
    if fresh:
        put(connection, facets, fresh)


def _counted(connection: Connection, conversation_id: str) -> Sums:
    sums = Sums()
    same = (masked_texts.c.conversation_id == messages.c.conversation_id) & (
        masked_texts.c.seq == messages.c.seq
    )
    heard = (
        select(messages.c.language, masked_texts.c.hidden)
        .outerjoin(masked_texts, same)
        .where(messages.c.conversation_id == conversation_id, messages.c.sender == "visitor")
    )
    for language, hidden in connection.execute(heard):
        sums.hear(language, hidden=bool(hidden))
    for row in connection.execute(
        select(readings).where(readings.c.conversation_id == conversation_id)
    ):
        sums.understand(row)
    for row in connection.execute(
        select(alerts).where(alerts.c.conversation_id == conversation_id)
    ):
        sums.alarm(row)
    return sums
