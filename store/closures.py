"""When the center is closed although it would be open by its hours."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from store import audit, publications
from store.places import Place
from store.tables.publishing import closures


@dataclass(frozen=True, slots=True)
class Closure:
    """A row of `closures`; moments in milliseconds since 1970."""

    id: int
    from_at: int
    until_at: int
    at: int
    by: str
    ended_at: int | None
    ended_by: str | None


def coming(connection: Connection, now: int) -> list[Closure]:
    """Return those that are under way or to come, the first one first."""
    wanted = closures.c.ended_at.is_(None), closures.c.until_at > now
    rows = connection.execute(select(closures).where(*wanted).order_by(closures.c.from_at))
    return [Closure(*row) for row in rows]


def close(connection: Connection, from_at: int, until_at: int, by: str, at: int) -> int | None:
    """Say that the center is closed for a time.

    Returns:
        The notice's number; None, and nothing done, when it would be over already or end before it
        begins.
    """
    if until_at <= max(from_at, at):
        return None
    row = {"from_at": from_at, "until_at": until_at, "by": by, "at": at}
    insert = closures.insert().values(**row).returning(closures.c.id)
    number: int = connection.execute(insert).scalar_one()
    _told(connection, number, "closure announced", by, at)
    return number


def end(connection: Connection, number: int, by: str, at: int) -> bool:
    """Take a notice back; False when there is none that lasts."""
    lasting = closures.c.ended_at.is_(None), closures.c.until_at > at
    change = update(closures).where(closures.c.id == number, *lasting)
    done = connection.execute(change.values(ended_at=at, ended_by=by)).rowcount > 0
    if done:
        _told(connection, number, "closure ended", by, at)
    return done


def _told(connection: Connection, number: int, deed: str, by: str, at: int) -> None:
    # Desks look for a new publication alone.
    publications.add(connection, Place("closure", str(number)), None, by, at)
    audit.note(connection, by, deed, str(number), at=at)
