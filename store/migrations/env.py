"""Alembic's entry: connects to the address that store.migrate gives."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, event, make_url, pool

from store.database import DRIVER
from store.tables import metadata

_AT_ONCE = 4_207_849_485
"""Key of the lock under which PostgreSQL's tables are brought to the present form."""
url = make_url(context.config.attributes["url"])
if url.get_backend_name() == "postgresql":
    url = url.set(drivername=DRIVER)
engine = create_engine(url, poolclass=pool.NullPool, hide_parameters=True)

if engine.dialect.name == "sqlite":

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own transactions would leave out what changes tables.
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("PRAGMA journal_mode=WAL")


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    # Of two processes that start at once the second waits, and finds nothing left to do.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_AT_ONCE})")


with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
