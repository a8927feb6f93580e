"""Candidate models: asked for, trained and compared by the supervisor, accepted or refused.

What may be accepted is decided here, inside the transaction that puts a model in use, whoever
asks: a candidate that loses a single crisis is never put in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from store import audit, learned, models_in_use
from store.rows import put
from store.tables.learning import candidates

State = Literal[
    "asked", "training", "comparing", "ready", "failed", "accepted", "refused", "outdated"
]
WORKING: tuple[State, ...] = ("asked", "training", "comparing")
Why = Literal["asked", "erased", "changed"]
Refusal = Literal["gone", "not_ready", "crisis_lost", "other_model", "erased", "new_crises"]
"""Why a candidate cannot be accepted."""
LEASE_MILLISECONDS = 60_000
"""After so long without a sign of life whoever trains a candidate counts as dead."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of `candidates`."""

    name: str
    state: State
    why: Why
    asked_at: int
    asked_by: str | None
    busy_until: int | None
    made_from: str | None
    against: str | None
    examples: Sequence[int] | None
    crises: Sequence[int] | None
    crises_lost: int | None
    figures: Mapping[str, Any] | None
    changes: Sequence[Mapping[str, Any]] | None
    trouble: str | None
    finished_at: int | None
    decided_at: int | None
    decided_by: str | None
    removed_at: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a candidate does otherwise than the model in use."""

    against: str | None
    """The model that it was compared with."""
    crises: tuple[int, ...]
    """Ids of the confirmed crises that both were tried on."""
    crises_lost: int
    """How many crises the other one finds and the candidate does not."""
    figures: Mapping[str, Any]
    changes: tuple[Mapping[str, Any], ...]


def name_of(at: int) -> str:
    """Return the id of a candidate that is asked for at a moment."""
    moment = datetime.fromtimestamp(at / 1000, timezone.utc)
    return f"c{moment:%Y%m%d-%H%M%S}-{at % 1000:03}"


def ask(connection: Connection, by: str | None, at: int, why: Why = "asked") -> str | None:
    """Ask for a candidate; None, and nothing done, while one is being made."""
    if any(each.state in WORKING for each in newest(connection)):
        return None
    name = name_of(at)
    row = {"name": name, "state": "asked", "why": why, "asked_at": at, "asked_by": by}
    if not put(connection, candidates, [row]):
        return None
    audit.note(connection, by, "candidate asked", name, why, at=at)
    return name


def waits(connection: Connection, at: int) -> bool:
    """Say whether there is something for `claim` to do."""
    given_up = candidates.c.state.in_(("training", "comparing")) & (candidates.c.busy_until < at)
    query = select(candidates.c.name).where((candidates.c.state == "asked") | given_up)
    return connection.execute(query.limit(1)).first() is not None


def claim(connection: Connection, at: int) -> Candidate | None:
    """Take the next candidate that is asked for, to train it; fail those given up half made."""
    _fail_the_dead(connection, at)
    query = select(candidates.c.name).where(candidates.c.state == "asked")
    name = connection.execute(query.order_by(candidates.c.asked_at).limit(1)).scalar()
    if name is None:
        return None
    _set(connection, name, state="training", busy_until=at + LEASE_MILLISECONDS)
    return one(connection, name)


def _fail_the_dead(connection: Connection, at: int) -> None:
    dead = candidates.c.state.in_(("training", "comparing")) & (candidates.c.busy_until < at)
    values = {"state": "failed", "trouble": "cut off", "finished_at": at}
    connection.execute(update(candidates).where(dead).values(**values))


def alive(connection: Connection, name: str, at: int) -> None:
    """Say that a candidate is still being made."""
    _set(connection, name, busy_until=at + LEASE_MILLISECONDS)


def trained(
    connection: Connection, name: str, made_from: str, examples: Sequence[int], at: int
) -> None:
    """Note that a candidate was trained, and from what; it is to be compared now."""
    values = {"made_from": made_from, "examples": list(examples)}
    _set(connection, name, state="comparing", busy_until=at + LEASE_MILLISECONDS, **values)


def compared(connection: Connection, name: str, found: Comparison, at: int) -> None:
    """Keep what a comparison has found."""
    _set(
        connection,
        name,
        state="ready",
        against=found.against,
        crises=list(found.crises),
        crises_lost=found.crises_lost,
        figures=dict(found.figures),
        changes=[dict(each) for each in found.changes],
        finished_at=at,
    )


def failed(connection: Connection, name: str, trouble: str, at: int) -> None:
    """Note that a candidate could not be made; `trouble` is in our own words."""
    mine = (candidates.c.name == name) & candidates.c.state.in_(WORKING)
    values = {"state": "failed", "trouble": trouble, "finished_at": at}
    connection.execute(update(candidates).where(mine).values(**values))


def refusal(connection: Connection, found: Candidate | None) -> Refusal | None:
    """Return why a candidate cannot be accepted at this moment, or None when it can."""
    if found is None or found.removed_at is not None:
        return "gone"
    if found.state != "ready" or found.examples is None or found.crises_lost is None:
        return "not_ready"
    if found.crises_lost > 0:
        return "crisis_lost"
    if found.against != models_in_use.current(connection).model:
        return "other_model"
    if not learned.ids(connection).issuperset(found.examples):
        return "erased"
    if {each.id for each in learned.crises(connection)} - set(found.crises or ()):
        return "new_crises"
    return None


def accept(connection: Connection, name: str, by: str | None, at: int) -> Refusal | None:
    """Put a candidate in use, unless something speaks against it.

    Returns:
        None when it is in use now; else why not, and nothing was changed.
    """
    found = one(connection, name)
    against = refusal(connection, found)
    if found is None or against is not None:
        audit.note(connection, by, "candidate not accepted", name, against, at=at)
        return against
    why: models_in_use.Why = "erased" if found.why == "erased" else "accepted"
    models_in_use.switch(connection, name, by, at, why)
    _set(connection, name, state="accepted", decided_at=at, decided_by=by)
    audit.note(connection, by, "candidate accepted", name, at=at)
    return None


def refuse(connection: Connection, name: str, by: str, at: int) -> bool:
    """Put a candidate aside for good; False when it is not one to decide on."""
    mine = (candidates.c.name == name) & candidates.c.state.in_(("ready", "outdated"))
    values = {"state": "refused", "decided_at": at, "decided_by": by}
    done: int = connection.execute(update(candidates).where(mine).values(**values)).rowcount
    if done:
        audit.note(connection, by, "candidate refused", name, at=at)
    return done > 0


def haunted(connection: Connection, name: str | None) -> bool:
    """Say whether a model was trained from an example that was erased or removed since."""
    found = one(connection, name) if name else None
    return found is not None and not learned.ids(connection).issuperset(found.examples or ())


def is_needed(connection: Connection, name: str) -> bool:
    """Say whether the files of a model are needed."""
    found, now = one(connection, name), models_in_use.current(connection)
    if found is None or name == now.model:
        return found is not None
    if found.state in WORKING:
        return True
    kept = found.state == "ready" or name == now.before
    return kept and not haunted(connection, name)


def outdate(connection: Connection, made_from: str, at: int) -> bool:
    """Put aside what was trained from other data, configuration or code than there is now.

    A model of them that is in use makes room for the one of `make train`.

    Returns:
        Whether one in use did: ask for a new candidate then.
    """
    other = candidates.c.made_from != made_from
    ready = (candidates.c.state == "ready") & other
    connection.execute(update(candidates).where(ready).values(state="outdated"))
    model = models_in_use.current(connection).model
    found = one(connection, model) if model else None
    if found is None or found.made_from == made_from:
        return False
    models_in_use.switch(connection, None, None, at, "changed")
    return True


def removed(connection: Connection, name: str, at: int) -> None:
    """Note that a model's files are gone."""
    _set(connection, name, removed_at=at)


def one(connection: Connection, name: str) -> Candidate | None:
    """Return a candidate, or None."""
    row = connection.execute(select(candidates).where(candidates.c.name == name)).first()
    return _candidate(row) if row else None


def newest(connection: Connection, size: int = 20) -> list[Candidate]:
    """Return the newest candidates, the newest first."""
    order = candidates.c.asked_at.desc(), candidates.c.name.desc()
    return [
        _candidate(row)
        for row in connection.execute(select(candidates).order_by(*order).limit(size))
    ]


def _set(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(candidates).where(candidates.c.name == name).values(**values))


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(**{name: getattr(row, name) for name in Candidate.__slots__})
