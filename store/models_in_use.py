"""Which model answers: every switch is kept, the newest one counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select, update

from store import audit
from store.tables.learning import candidates, model_switches

Why = Literal["accepted", "back", "erased", "changed"]


@dataclass(frozen=True, slots=True)
class InUse:
    """The model that is to answer."""

    model: str | None = None
    """Its id; None is the model that `make train` made."""
    before: str | None = None
    """What one goes back to."""
    at: int | None = None
    by: str | None = None
    why: Why | None = None
    """None while there was no switch."""
    id: int = 0
    done_at: int | None = None
    """When the brain had taken it; None while it is still loading."""
    trouble: str | None = None


def current(connection: Connection) -> InUse:
    """Return which model is to answer now."""
    query = select(model_switches).order_by(model_switches.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return InUse(**{name: getattr(row, name) for name in InUse.__slots__}) if row else InUse()


def switch(connection: Connection, model: str | None, by: str | None, at: int, why: Why) -> None:
    """Put a model in use; store.candidates says which ones may be."""
    before = None if why == "changed" else current(connection).model
    if why == "erased":
        # What is replaced holds words that were erased: nobody goes back to it.
        before = None
    _add(connection, model, before, by, at, why)


def back(connection: Connection, by: str | None, at: int, why: Why = "back") -> bool:
    """Go back to the model before, or with "erased" to the one of `make train`.

    Returns:
        False, and nothing done, when there is none to go back to.
    """
    now = current(connection)
    if now.model is None:
        return False
    to = None if why == "erased" else way_back(connection)
    _add(connection, to, _before(connection, to), by, at, why)
    audit.note(connection, by, "back to model", to or "shipped", f"from {now.model}", at=at)
    return True


def way_back(connection: Connection) -> str | None:
    """Return to which model one would go back; None is the one of `make train`."""
    before = current(connection).before
    return before if _is_there(connection, before) else None


def done(connection: Connection, number: int, at: int, trouble: str | None = None) -> None:
    """Note that the brain has taken the model of a switch, or what kept it from that."""
    values = {"done_at": None if trouble else at, "trouble": trouble}
    connection.execute(update(model_switches).where(model_switches.c.id == number).values(**values))


def _add(
    connection: Connection, model: str | None, before: str | None, by: str | None, at: int, why: Why
) -> None:
    row = {"model": model, "before": before, "by": by, "at": at, "why": why}
    connection.execute(model_switches.insert().values(**row))


def _is_there(connection: Connection, name: str | None) -> bool:
    query = select(candidates.c.name).where(
        candidates.c.name == name, candidates.c.removed_at.is_(None)
    )
    return name is not None and connection.execute(query).first() is not None


def _before(connection: Connection, model: str | None) -> str | None:
    """Return what a model had replaced when it was put in use."""
    query = select(model_switches.c.before).where(
        model_switches.c.model == model, model_switches.c.why.in_(("accepted", "erased"))
    )
    found = connection.execute(query.order_by(model_switches.c.id.desc()).limit(1)).scalar()
    return found if model is not None and _is_there(connection, found) else None
