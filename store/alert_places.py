"""The places where staff are told: which there are, of what, and who is responsible now.

The desk keeps them as its alerts.yml and the center's rota say; whoever logs an alert finds here
whom to tell of it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from store.rows import put
from store.tables.alerts import notices, places

_MINUTE = 60_000
_EVERYBODY = frozenset({"unanswered"})
"""Kinds that all who are responsible are told of at once: staff had it, and left it."""
_LIKE = {"unreachable": "crisis"}
"""Kinds that whoever is told of another one is told of, too."""
DRILL_KIND = "drill"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told of what at a moment."""

    places: tuple[tuple[str, frozenset[str] | None, int | None], ...]
    """Name, kinds of alerts (None: all), minutes without an answer (None: not now)."""

    def of(self, kind: str, *, age: int = 0, drill: bool = False) -> frozenset[str]:
        """Return the names of the places that are to be told of an alert.

        Args:
            kind: The alert's kind.
            age: Milliseconds since it was raised.
            drill: Whether it is a drill, which has to reach whoever takes drills, on duty or not.
        """
        if drill:
            return frozenset(name for name, of, _ in self.places if of is None or DRILL_KIND in of)
        return frozenset(
            name
            for name, of, after in self.places
            if (of is None or kind in of or _LIKE.get(kind) in of)
            and after is not None
            and (kind in _EVERYBODY or after * _MINUTE <= age)
        )


def audience(connection: Connection) -> Audience:
    """Return who is told of what now."""
    rows = connection.execute(select(places.c.name, places.c.told_of, places.c.told_after))
    return Audience(tuple((name, _kinds(told_of), after) for name, told_of, after in rows))


def _kinds(told_of: str | None) -> frozenset[str] | None:
    return None if told_of is None else frozenset(told_of.split())


def set_places(
    connection: Connection,
    named: Mapping[str, str],
    told_of: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Make these the places of every alert from now on.

    Args:
        connection: Where to write.
        named: Kind ("email", "webhook", "apprise") by name. What waits for places that are gone
            is dropped.
        told_of: Kinds of alerts by name, for places that are not told of all.
    """
    gone = places.c.name.not_in(list(named))
    connection.execute(
        delete(notices).where(notices.c.place.not_in(list(named)), notices.c.sent_at.is_(None))
    )
    connection.execute(delete(places).where(gone))
    if named:
        put(connection, places, [{"name": name, "kind": kind} for name, kind in named.items()])
    for name, kind in named.items():
        kinds = (told_of or {}).get(name)
        values = {"kind": kind, "told_of": None if kinds is None else " ".join(kinds)}
        connection.execute(update(places).where(places.c.name == name).values(values))


def duty(connection: Connection) -> dict[str, int | None]:
    """Return by name after how many minutes a place is told at present; None is not now."""
    rows = connection.execute(select(places.c.name, places.c.told_after))
    return {row.name: row.told_after for row in rows}


def set_duty(connection: Connection, after: Mapping[str, int]) -> None:
    """Make these the places that are told at present, each after so many minutes."""
    for name in duty(connection):
        minutes = after.get(name)
        connection.execute(update(places).where(places.c.name == name).values(told_after=minutes))
