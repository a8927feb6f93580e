"""Alembic's entry: connects to the address that store.migrate gives."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, event, pool

from store.models import metadata

engine = create_engine(
    context.config.attributes["url"], poolclass=pool.NullPool, hide_parameters=True
)

if engine.dialect.name == "sqlite":
    # Two processes may start at once: the second waits for the first instead of failing.
    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]
        connection.execute("PRAGMA busy_timeout=10000")  # type: ignore[attr-defined]


with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
