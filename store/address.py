"""Which databases the log can live in."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


def database_address(value: str) -> str:
    """Return a database's address as the store wants it.

    Args:
        value: Such as postgresql://user:password@host/name (postgres:// means the same), or
            sqlite:////var/lib/desk/desk.db.

    Raises:
        ValueError: It is no such address; the message holds nothing of it.
    """
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError from None
    if not url.database or url.database == ":memory:":
        raise ValueError
    if url.drivername in _POSTGRESQL:
        return url.set(drivername="postgresql").render_as_string(hide_password=False)
    if url.drivername != "sqlite":
        raise ValueError
    return url.render_as_string(hide_password=False)
