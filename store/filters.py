"""Filters of the list of conversations: what may be asked, and how the databases are asked it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, Text, literal, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from store.tables.conversations import conversations, ownership
from store.tables.review import flags, tagged

OWNERS = ("bot", "queue", "human")
ANY, NONE = "any", "none"
RATINGS = {"helped": 1, "not": 0}


@dataclass(frozen=True, slots=True)
class Filter:
    """What conversations must have, all of it; None asks for nothing."""

    since: int | None = None
    """Last message at this moment or later, in milliseconds since 1970."""
    until: int | None = None
    """Last message before this moment."""
    channel: str | None = None
    owner: str | None = None
    """One of OWNERS, or the id of somebody of staff."""
    intent: str | None = None
    """Understood of some message."""
    sure_to: float | None = None
    """The lowest confidence of its messages is this at most, from 0 to 1."""
    sure_from: float | None = None
    """The lowest confidence of its messages is this at least."""
    fallback: bool | None = None
    """Whether some message fitted nothing."""
    safe: bool | None = None
    """Whether some message got the safe reply, since the brain was silent."""
    tier: str | None = None
    """Of risk that was found; ANY and NONE."""
    category: str | None = None
    """Of risk that was found."""
    handoff: bool | None = None
    """Whether it ever left the assistant: waited for staff, or was with them."""
    callback: bool | None = None
    """Whether a call was asked for."""
    rating: str | None = None
    """One of RATINGS; ANY and NONE."""
    reviewed: bool | None = None
    """Whether it was reviewed, and nothing has come since."""
    flagged: bool | None = None
    """Whether it, or a message of it, is flagged."""
    tag: int | None = None
    """Number of a tag that it, or a message of it, has."""
    language: str | None = None
    """In which the person has written some message."""
    length_from: int | None = None
    """Messages of the person, at least."""
    length_to: int | None = None
    """Messages of the person, at most."""
    model: str | None = None
    """Id of a model that understood some message."""
    hidden: bool | None = None
    """Whether identifiers were hidden in some message."""

    def plain(self) -> dict[str, Any]:
        """Return what is asked for, as JSON can hold it."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, plain: Any) -> Filter:
        """Return the filter that `plain` was made of; what it does not know is left out."""
        known = {each.name for each in fields(cls)}
        values = plain if isinstance(plain, dict) else {}
        return cls(**{name: value for name, value in values.items() if name in known})


class _Holds(FunctionElement[bool]):
    """Whether a text holds another as it is written."""

    type = Boolean()
    inherit_cache = True


@compiles(_Holds)
def _instr(element: Any, compiler: Any, **more: Any) -> str:
    return f"instr({compiler.process(element.clauses, **more)}) > 0"


@compiles(_Holds, "postgresql")
def _strpos(element: Any, compiler: Any, **more: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **more)}) > 0"


def _in_set(column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    return _Holds(column, literal(f"|{value}|", Text()))


_SETS = {
    "intent": conversations.c.intents,
    "category": conversations.c.categories,
    "language": conversations.c.languages,
    "model": conversations.c.models,
}
# As the indexes say it, or SQLite would not use them.
_AT_RISK: ColumnElement[bool] = literal_column("conversations.tiers <> '|'")


def _among(query: Select[Any], wanted: bool | None = True) -> ColumnElement[bool]:
    """Return whether a conversation is among those of a query; few, or they are counted."""
    found = conversations.c.id.in_(query)
    return found if wanted else ~found


def conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """Return what the rows of `conversations` must fulfil; drills never do."""
    yield conversations.c.drill == 0
    yield from _bounds(wanted)
    for name, column in _SETS.items():
        value = getattr(wanted, name)
        if value is not None:
            yield _in_set(column, value)
    yield from _chosen(wanted)


def _bounds(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    c = conversations.c
    for value, column in (
        (wanted.since, c.last_at),
        (wanted.sure_from, c.least_sure),
        (wanted.length_from, c.heard),
    ):
        if value is not None:
            yield column >= value
    if wanted.until is not None:
        yield c.last_at < wanted.until
    for value, column in ((wanted.sure_to, c.least_sure), (wanted.length_to, c.heard)):
        if value is not None:
            yield column <= value
    for present, column in (
        (wanted.fallback, c.fallbacks),
        (wanted.safe, c.safe),
        (wanted.hidden, c.hidden),
        (wanted.handoff, c.handed),
        (wanted.callback, c.called),
    ):
        if present is not None:
            yield column > 0 if present else column == 0


def _chosen(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    c = conversations.c
    if wanted.channel is not None:
        yield c.channel == wanted.channel
    if wanted.owner is not None:
        yield _owned(wanted.owner)
    if wanted.tier == NONE:
        yield c.tiers == "|"
    elif wanted.tier is not None or wanted.category is not None:
        yield _AT_RISK
    if wanted.tier not in (None, ANY, NONE):
        yield _in_set(c.tiers, str(wanted.tier))
    if wanted.rating is not None:
        yield _rated(wanted.rating)
    if wanted.reviewed is not None:
        done = c.reviewed_to >= c.last_at
        yield done if wanted.reviewed else c.reviewed_to.is_(None) | ~done
    if wanted.flagged is not None:
        yield _among(select(flags.c.conversation_id), wanted.flagged)
    if wanted.tag is not None:
        yield _among(select(tagged.c.conversation_id).where(tagged.c.tag_id == wanted.tag))


def _owned(owner: str) -> ColumnElement[bool]:
    ids = select(ownership.c.conversation_id)
    if owner == "bot":
        # Almost all are the assistant's: it is quicker to leave out the others.
        return _among(ids.where(ownership.c.owner.in_(("queue", "human"))), False)
    if owner in OWNERS:
        return _among(ids.where(ownership.c.owner == owner))
    return _among(ids.where(ownership.c.owner == "human", ownership.c.agent == owner))


def _rated(rating: str) -> ColumnElement[bool]:
    score = conversations.c.score
    if rating in (ANY, NONE):
        return score.is_not(None) if rating == ANY else score.is_(None)
    return score == RATINGS[rating]
