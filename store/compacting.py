"""Overwrites what was deleted: rows that are gone must not be readable in the files."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from store.database import Database
from store.errors import StoreError
from store.tables import metadata

_PAGES = 200
"""Pages of the search index that are merged in one turn: the log's writer must not wait long."""
_TURNS = 10_000
STILL_READ = "The log of writes is being read; what was deleted is overwritten at the next try."


async def compact(database: Database, tables: Sequence[str] | None = None) -> None:
    """Merge the search index, and empty SQLite's log of writes; vacuum PostgreSQL's tables.

    SQLite overwrites what is deleted (store.database), but its index of words notes deletions
    beside the words until it is merged, and its log of writes holds pages from before.

    Args:
        database: Which.
        tables: What rows were deleted from; None stands for all that hold something of a person.

    Raises:
        StoreError: Something stood in the way; try again.
    """
    if database.url.get_backend_name() != "sqlite":
        names = _tables() if tables is None else tables
        await database.maintain([f"VACUUM {name}" for name in names])
        return
    await database.write(lambda c: _merge(c, -_PAGES))
    for _ in range(_TURNS):
        if not await database.write(lambda c: _merge(c, _PAGES)):
            break
    ((busy, *_),) = await database.maintain(["PRAGMA wal_checkpoint(TRUNCATE)"])
    if busy:
        raise StoreError(STILL_READ)


def _merge(connection: Connection, pages: int) -> bool:
    """Merge some pages of the index, and say whether there is more to do."""
    changes = text("SELECT total_changes()")
    before = connection.execute(changes).scalar_one()
    connection.execute(
        text("INSERT INTO masked_index(masked_index, rank) VALUES ('merge', :pages)"),
        {"pages": pages},
    )
    # One change is the statement's own.
    more: bool = connection.execute(changes).scalar_one() - before > 1
    return more


def _tables() -> list[str]:
    """Return the tables that hold something of a person."""
    # Candidates name the conversations in which they would answer otherwise.
    own = {"conversations", "person_keys", "identities", "searches", "erasures", "candidates"}
    return sorted(
        own | {name for name, table in metadata.tables.items() if "conversation_id" in table.c}
    )
