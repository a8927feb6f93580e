"""Writes a made-up log into SQLite or PostgreSQL, in bulk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import psycopg
from sqlalchemy.engine import make_url

from benchmarks.million import AGENTS, COLUMNS, TAGS, Rows, Year, facets
from store.migrate import migrate

_JSON = frozenset({"ranking", "intents", "entities", "signals"})
_FOLDED = "folded"
_STAFF = "id name email role password created_at".split()


def fill(url: str, messages: int, end: int) -> int:
    """Make an empty database and write a year into it.

    Args:
        url: The database's address.
        messages: How many messages.
        end: When the year ends, in milliseconds since 1970.

    Returns:
        How many messages there are.
    """
    migrate(url)
    year = Year(messages, end)
    write = _sqlite if make_url(url).get_backend_name() == "sqlite" else _postgresql
    write(url, year.batches())
    return year.messages


def _staff(end: int = 1) -> list[tuple[Any, ...]]:
    return [(each, each.title(), f"{each}@example.org", "agent", "none", end) for each in AGENTS]


def _plain(table: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Return rows with their JSON as text, where the table has any."""
    places = [at for at, name in enumerate(COLUMNS[table].split()) if name in _JSON]
    if table != "readings":
        yield from rows
        return
    for row in rows:
        values = list(row)
        for at in places:
            values[at] = orjson.dumps(values[at]).decode()
        yield tuple(values)


def _sqlite(url: str, batches: Iterable[Rows]) -> None:
    path = make_url(url).database or ""
    with sqlite3.connect(path, isolation_level=None) as connection:
        # What fails here is begun anew, so that nothing needs to be safe on the disk.
        for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        _insert(connection, "staff", _STAFF, _staff())
        _insert(connection, "tags", ["id", "name"], list(enumerate(TAGS, 1)))
        _insert(connection, "facets", ["kind", "name"], facets())
        for batch in batches:
            for table, names in COLUMNS.items():
                columns = [name for name in names.split() if name != _FOLDED]
                rows = (row[: len(columns)] for row in _plain(table, batch.tables.get(table, ())))
                _insert(connection, table, columns, rows)
        connection.execute("COMMIT")
        connection.execute("INSERT INTO masked_index(masked_index) VALUES ('optimize')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _insert(connection: Any, table: str, columns: list[str], rows: Iterable[Any]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def _postgresql(url: str, batches: Iterable[Rows]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("DROP INDEX ix_masked_texts_words")
        connection.execute(
            "CREATE TEMP TABLE coming (LIKE masked_texts INCLUDING DEFAULTS, folded text)"
        )
        connection.execute("ALTER TABLE coming ALTER COLUMN id DROP NOT NULL")
        _copy(connection, "staff", _STAFF, _staff())
        _copy(connection, "tags", ["id", "name"], list(enumerate(TAGS, 1)))
        _copy(connection, "facets", ["kind", "name"], facets())
        for batch in batches:
            for table, names in COLUMNS.items():
                rows = _plain(table, batch.tables.get(table, ()))
                into = "coming" if table == "masked_texts" else table
                _copy(connection, into, names.split(), rows)
            connection.execute(_FROM_COMING)
            connection.execute("TRUNCATE coming")
        connection.execute("CREATE INDEX ix_masked_texts_words ON masked_texts USING gin (words)")
        connection.execute("SELECT setval('tags_id_seq', 100)")
        connection.execute("VACUUM ANALYZE")


_FROM_COMING = """
INSERT INTO masked_texts (conversation_id, seq, sender, hidden, text, words)
SELECT conversation_id, seq, sender, hidden, text, to_tsvector('masked_words', folded) FROM coming
"""


def _copy(connection: Any, table: str, columns: list[str], rows: Iterable[Any]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
