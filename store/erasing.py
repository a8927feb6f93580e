"""Erases persons: rows, what was learned in their words, their keys; and remembers that they are.

What a database alone cannot do (the brain's sessions, spill files, pages of the file that are still
in its log of writes) is left in the table `erasures`, and done by every desk (desk.erasure).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from store import audit, holds, learned, persons
from store.errors import StoreError
from store.spill import Erased
from store.tables.conversations import conversations
from store.tables.privacy import erasures, identities
from store.tables.privacy import persons as of_persons
from store.tables.review import searches

HELD = "A conversation of this person is held for a legal reason. Nothing was erased."


class HeldError(StoreError):
    """What is held is not erased."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A conversation of which desk and brain still have something."""

    id: int
    conversation_id: str
    at: int


def digest_of(conversation_id: str) -> str:
    """Return by what an erased conversation is known; ids are long and random, so it hides them."""
    return hashlib.sha256(conversation_id.encode("utf-8", "replace")).hexdigest()


def erase_person(connection: Connection, conversation_id: str, by: str, at: int) -> list[str]:
    """Erase all that is there of the person of a conversation.

    Args:
        connection: Where to write.
        conversation_id: One of theirs; it need not be in the database (but in a spill file).
        by: Who of staff does it.
        at: When, in milliseconds.

    Returns:
        The conversations that were erased.

    Raises:
        HeldError: One is held; nothing was erased.
    """
    ids = persons.together_with(connection, conversation_id)
    if holds.among(connection, ids):
        raise HeldError(HELD)
    for each in ids:
        audit.note(connection, by, "erased", each, at=at)
    erase(connection, ids, by=by, at=at)
    return ids


def erase(connection: Connection, ids: Sequence[str], *, by: str | None, at: int) -> None:
    """Erase conversations; the caller has looked whether they are held, and writes the audit."""
    learned.forget(connection, ids)
    mine = select(of_persons.c.person).where(of_persons.c.conversation_id.in_(ids))
    whose = set(connection.execute(mine).scalars())
    connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
    left = select(of_persons.c.person).where(of_persons.c.person.in_(whose))
    gone = whose - set(connection.execute(left).scalars())
    connection.execute(delete(identities).where(identities.c.person.in_(gone)))
    persons.destroy_keys(connection, gone)
    # What staff have searched for may be a person's words.
    connection.execute(delete(searches))
    rows = [
        {"digest": digest_of(each), "conversation_id": each, "at": at, "by": by} for each in ids
    ]
    connection.execute(erasures.insert(), rows)


def pending(connection: Connection, count: int = 100) -> list[Pending]:
    """Return what is still to be done outside the database, oldest first."""
    query = select(erasures.c.id, erasures.c.conversation_id, erasures.c.at)
    query = query.where(erasures.c.done_at.is_(None)).order_by(erasures.c.id).limit(count)
    return [Pending(*row) for row in connection.execute(query)]


def finished(connection: Connection, numbers: Iterable[int], at: int) -> None:
    """Note that nothing is left of some; their ids go, too."""
    mine = erasures.c.id.in_(list(numbers))
    connection.execute(update(erasures).where(mine).values(conversation_id=None, done_at=at))


def after(connection: Connection, number: int, count: int = 500) -> list[tuple[int, str, int]]:
    """Return number, hash and moment of what was erased after a row, in its order."""
    query = select(erasures.c.id, erasures.c.digest, erasures.c.at)
    query = query.where(erasures.c.id > number).order_by(erasures.c.id).limit(count)
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def among(connection: Connection, ids: Iterable[str]) -> Erased:
    """Return when those of some conversations were erased that were."""
    digests = {digest_of(each): each for each in ids}
    query = select(erasures.c.digest, erasures.c.at).where(erasures.c.digest.in_(list(digests)))
    found: dict[str, int] = {}
    for digest, at in connection.execute(query):
        found[digests[digest]] = max(at, found.get(digests[digest], 0))
    return found
