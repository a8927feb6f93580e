"""Named views: filters that somebody has kept, for themselves or for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select

from store import audit
from store.tables.review import searches, views

LONGEST = 80
"""Characters of a name."""
MOST = 50
"""Views that somebody may keep."""
_KEPT = 24 * 3_600_000
"""Milliseconds for which what was searched for is kept."""


@dataclass(frozen=True, slots=True)
class View:
    """Filters under a name."""

    id: int
    staff_id: str
    name: str
    shared: bool
    filters: Mapping[str, str]
    """As the list's address holds them."""
    words: str
    """What is searched for; empty for nothing."""


def keep(
    connection: Connection,
    staff_id: str,
    name: str,
    filters: Mapping[str, str],
    words: str,
    *,
    shared: bool,
    at: int,
) -> int | None:
    """Keep filters under a name; those that one had under the same name are replaced.

    Returns:
        The view's number; None when somebody has too many already.
    """
    mine = views.c.staff_id == staff_id
    connection.execute(delete(views).where(mine, views.c.name == name))
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= MOST:
        return None
    row = {"staff_id": staff_id, "name": name, "shared": int(shared), "words": words, "at": at}
    done = connection.execute(views.insert().values(**row, filters=dict(filters)))
    number: int = (done.inserted_primary_key or (0,))[0]
    if shared:
        audit.note(connection, staff_id, "view shared", str(number), at=at)
    return number


def _visible(staff_id: str) -> ColumnElement[bool]:
    return (views.c.staff_id == staff_id) | (views.c.shared == 1)


def of(connection: Connection, staff_id: str) -> list[View]:
    """Return one's own views and those that are shared, by name."""
    query = select(views).where(_visible(staff_id)).order_by(func.lower(views.c.name), views.c.id)
    return [_view(row) for row in connection.execute(query)]


def one(connection: Connection, staff_id: str, number: int) -> View | None:
    """Return a view that somebody may see, or None."""
    query = select(views).where(views.c.id == number, _visible(staff_id))
    row = connection.execute(query).first()
    return _view(row) if row else None


def remove(connection: Connection, staff_id: str, number: int, *, others: bool, at: int) -> bool:
    """Remove a view, and say whether it was there.

    Args:
        connection: Where to write.
        staff_id: Who removes it.
        number: Which.
        others: Whether they may remove what others have shared.
        at: When, in milliseconds.
    """
    whose = views.c.staff_id == staff_id
    allowed = whose | (views.c.shared == 1) if others else whose
    gone = connection.execute(delete(views).where(views.c.id == number, allowed)).rowcount
    if gone:
        audit.note(connection, staff_id, "view removed", str(number), at=at)
    return bool(gone)


def _view(row: Row[tuple[object, ...]]) -> View:
    filters = {str(name): str(value) for name, value in (row.filters or {}).items()}
    return View(row.id, row.staff_id, row.name, bool(row.shared), filters, row.words)


def remember(connection: Connection, staff_id: str, key: str, words: str, at: int) -> None:
    """Keep what somebody searches for, under a key that the address holds in its place."""
    connection.execute(delete(searches).where(searches.c.at < at - _KEPT))
    row = {"id": key, "staff_id": staff_id, "words": words, "at": at}
    connection.execute(searches.insert().values(**row))
    audit.note(connection, staff_id, "searched", at=at)


def words_of(connection: Connection, staff_id: str, key: str) -> str | None:
    """Return what somebody searches for under a key; None when it is forgotten, or another's."""
    mine = searches.c.id == key, searches.c.staff_id == staff_id
    found: str | None = connection.execute(select(searches.c.words).where(*mine)).scalar()
    return found
