"""Makes a database that was restored safe to start with: who was erased since is erased again.

The present database knows who was erased, by a hash of the conversation's id (table erasures); a
backup from before does not. What is to be done again is carried from one to the other, where need
be through a file: while that is there, a restore is not finished, and nothing may start.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, select

from store import audit, erasing
from store.tables.conversations import conversations
from store.tables.privacy import erasures
from store.tables.staff import invitations, staff_sessions

UNFINISHED = "restore.unfinished"
"""The file, in the state's folder, with what must still be erased in a restored database."""
_AT_ONCE = 500


class Erasure(NamedTuple):
    """A row of the table erasures, without its number."""

    digest: str
    conversation_id: str | None
    at: int
    by: str | None
    done_at: int | None


def known(connection: Connection) -> list[Erasure]:
    """Return what was erased, as far as a database knows, oldest first."""
    columns = [erasures.c[name] for name in Erasure._fields]
    return [Erasure(*row) for row in connection.execute(select(*columns).order_by(erasures.c.id))]


def erase_again(connection: Connection, since: Iterable[Erasure], at: int) -> int:
    """Erase what was erased since a backup was made, and remember what is not in it at all.

    Args:
        connection: A write's, in the restored database.
        since: What another database knows; what this one knows itself is passed over.
        at: Now, in milliseconds.

    Returns:
        How many conversations were erased.
    """
    mine = {(each.digest, each.at) for each in known(connection)}
    missing = [each for each in since if (each.digest, each.at) not in mine]
    there = _there(connection, {each.digest for each in missing})
    again = [each for each in missing if each.digest in there]
    for (by, moment), some in groupby(again, key=lambda each: (each.by, each.at)):
        ids = list(dict.fromkeys(there[each.digest] for each in some))
        _erase(connection, ids, by, moment, at)
    others = [each._asdict() for each in missing if each.digest not in there]
    for few in _few(others):
        connection.execute(erasures.insert(), few)
    return len(there)


def _there(connection: Connection, digests: set[str]) -> dict[str, str]:
    """Return, by their hashes, the conversations of a database that are meant by some."""
    if not digests:
        return {}
    ids = connection.execute(select(conversations.c.id)).scalars()
    return {digest: each for each in ids if (digest := erasing.digest_of(each)) in digests}


def _erase(connection: Connection, ids: list[str], by: str | None, moment: int, at: int) -> None:
    for few in _few(ids):
        erasing.erase(connection, few, by=by, at=moment)
    if by is not None:
        for each in ids:
            audit.note(connection, None, "erased", each, "again, after a restore", at=at)


def _few(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[begin : begin + _AT_ONCE] for begin in range(0, len(items), _AT_ONCE))


def sign_out(connection: Connection) -> None:
    """End what was open when the backup was made: sessions of staff, links that nobody has used."""
    connection.execute(delete(staff_sessions))
    connection.execute(delete(invitations).where(invitations.c.used_at.is_(None)))


def settle(connection: Connection, since: Iterable[Erasure], made_at: str, at: int) -> int:
    """Do all that a restored database needs before anything may start; write it down.

    Args:
        connection: A write's, in the restored database.
        since: What the database before it has known to be erased.
        made_at: When the backup was made, in words.
        at: Now, in milliseconds.

    Returns:
        How many conversations were erased again.
    """
    count = erase_again(connection, since, at)
    sign_out(connection)
    words = f"backup of {made_at}; {count} conversations erased again"
    audit.note(connection, None, "restored", detail=words, at=at)
    return count


def keep_unfinished(folder: Path, since: Iterable[Erasure]) -> None:
    """Note what must be erased in a database before anything may start with it; raises OSError."""
    fresh = folder / f"{UNFINISHED}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines(orjson.dumps(each._asdict()) + b"\n" for each in since)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / UNFINISHED)


def unfinished(folder: Path) -> list[Erasure]:
    """Return what a restore that was cut short has left to be erased."""
    try:
        lines = (folder / UNFINISHED).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [Erasure(**orjson.loads(line)) for line in lines]


def finished(folder: Path) -> None:
    """Forget what `keep_unfinished` has noted: it was done."""
    (folder / UNFINISHED).unlink(missing_ok=True)


def is_unfinished(folder: Path) -> bool:
    """Say whether a restore was cut short, so that nothing may start."""
    return (folder / UNFINISHED).exists()
