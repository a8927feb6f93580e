"""Writes rows that may be there already."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


@lru_cache(maxsize=16)
def insert_new(table: Table, dialect: str) -> Insert:
    """Return an insert that leaves rows alone which are there."""
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Insert = make(table).on_conflict_do_nothing()
    # Without it SQLAlchemy does not ask psycopg how many rows an insert has written.
    return statement.execution_options(preserve_rowcount=True)


def put(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Write the rows that are not there yet, and return how many there were."""
    written: int = connection.execute(insert_new(table, connection.dialect.name), rows).rowcount
    return written


def row_of(conversation_id: str, value: Any) -> dict[str, Any]:
    """Return a record of the log as a row; not by dataclasses.asdict, which copies every value."""
    row = {name: getattr(value, name) for name in value.__slots__}
    row["conversation_id"] = conversation_id
    return row
