"""`make audit`: goes along the chain of what staff did; says which row was changed or is missing.

Needs no running assistant, and does not disturb one.
"""

from __future__ import annotations

import asyncio
import os
import sys

from desk.errors import SettingsError
from desk.guarding import ANCHORS
from desk.settings import load_settings
from setup import errors
from store.audit_chain import Anchors, Chain, told, verify
from store.database import Database
from store.errors import StoreError
from store.migrate import migrate

CHANGED, UNREADABLE = 1, 3


async def check(url: str, anchors: Anchors) -> Chain:
    """Return what the chain of a database comes to."""
    database = Database(url, read_only=True)
    try:
        return await database.read(lambda c: verify(c, anchors.read()))
    finally:
        database.close()


def main() -> int:
    """Print what was found.

    Returns:
        0 when the audit is whole; 1 when a row was changed or is missing; 2 when a setting is
        wrong; 3 when the database cannot be read.
    """
    try:
        settings = load_settings((), os.environ)
        migrate(settings.database)
        found = asyncio.run(check(settings.database, Anchors(settings.state / ANCHORS)))
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except StoreError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return UNREADABLE
    sys.stdout.write("\n".join(told(found)) + "\n")
    return CHANGED if found.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
