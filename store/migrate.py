"""Brings a database to the present form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from store.database import make_private

FOLDER = Path(__file__).resolve().parent / "migrations"


def migrate(url: str) -> None:
    """Apply every migration that the database has not had; run before anything else uses it.

    Args:
        url: A SQLAlchemy address. A SQLite file is made when it is not there.
    """
    make_private(url)
    command.upgrade(_config(url), "head")


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["url"] = url
    return config
