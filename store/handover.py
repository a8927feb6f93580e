"""Notes from one shift to the next; each is sealed under a key of its own, which goes with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from store import audit, persons
from store.tables.staff import handover_notes

LONGEST = 2000
"""Characters of a note."""


@dataclass(frozen=True, slots=True)
class Handover:
    """A note."""

    id: int
    at: int
    staff_id: str
    text: str


def write(connection: Connection, staff_id: str, text: str, at: int) -> None:
    """Leave a note to whoever comes next.

    Args:
        connection: Where to write.
        staff_id: Who leaves it.
        text: Their words, LONGEST at most.
        at: When, in milliseconds.
    """
    key_of = persons.new_person(connection)
    words = persons.sealer_of(connection, key_of)(text)
    row = {"at": at, "staff_id": staff_id, "key_of": key_of, "text": words}
    connection.execute(handover_notes.insert().values(**row))
    audit.note(connection, staff_id, "hand-over note", at=at)


def newest(connection: Connection, size: int = 10) -> list[Handover]:
    """Return the newest notes, the newest first."""
    columns = (handover_notes.c[name] for name in Handover.__slots__)
    query = select(*columns).order_by(handover_notes.c.id.desc()).limit(size)
    return [Handover(*row) for row in connection.execute(query)]


def forget(connection: Connection, before: int) -> int:
    """Delete notes from before a moment with their keys, and return how many."""
    old = handover_notes.c.at < before
    keys = list(connection.execute(select(handover_notes.c.key_of).where(old)).scalars())
    if keys:
        persons.destroy_keys(connection, keys)
        connection.execute(delete(handover_notes).where(old))
    return len(keys)
