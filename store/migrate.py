"""Brings a database to the present form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from store import errors
from store.database import make_private
from store.errors import StoreError

FOLDER = Path(__file__).resolve().parent / "migrations"


def migrate(url: str) -> None:
    """Apply every migration that the database has not had; run before anything else uses it.

    Args:
        url: A SQLAlchemy address. A SQLite file is made when it is not there.

    Raises:
        StoreError: The database cannot be reached, or does not take the tables.
    """
    try:
        make_private(url)
        command.upgrade(_config(url), "head")
    except (SQLAlchemyError, OSError) as problem:
        # Without its cause, which may hold the address with its password.
        kind = type(getattr(problem, "orig", None) or problem).__name__
        raise StoreError(errors.NO_TABLES.format(kind=kind)) from None


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["url"] = url
    return config
