"""Brings a database to the present form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from store import errors
from store.database import look, make_private
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
    except CommandError:
        raise StoreError(errors.LATER_FORM) from None


def form_of(url: str) -> str | None:
    """Return which form a database has: the newest migration that it had; None for an empty one.

    Raises:
        StoreError: It cannot be read.
    """
    return look(url, lambda c: MigrationContext.configure(c).get_current_revision())


def present_form() -> str | None:
    """Return the form to which `migrate` brings a database."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def take_back(url: str, form: str) -> None:
    """Take back the migrations that a database had after an earlier form; in one transaction.

    What those alone have room for goes; every row of before stays, with all it then had. Nothing
    else may use the database meanwhile.

    Args:
        url: A SQLAlchemy address.
        form: As `form_of` has told it before.

    Raises:
        StoreError: It did not succeed, and the database is as it was.
    """
    try:
        command.downgrade(_config(url), form)
    except (SQLAlchemyError, OSError, CommandError, NotImplementedError) as problem:
        kind = type(getattr(problem, "orig", None) or problem).__name__
        raise StoreError(errors.NOT_TAKEN_BACK.format(form=form, kind=kind)) from None


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["url"] = url
    return config
