"""`make rotate-keys`: a new master key; persons' keys are encrypted anew under it.

The assistant may run meanwhile. Words themselves are not encrypted anew: their keys stay what they
are, and a copy of the old file of keys opens no new copy of the database.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from desk.errors import SettingsError
from desk.settings import Settings, load_settings
from setup import errors
from store import backup_file, key_file, persons, sealing, spill
from store.database import Database
from store.errors import StoreError
from store.migrate import migrate
from supervisor.backup import FOLDER

FAILED = 3


STAY = (
    "Old keys that stay: {count}. Words that wait in a spill file, or backups, are under them: "
    "change the key again when none waits, and old backups are gone.\n"
)


async def rotate(settings: Settings) -> tuple[int, int, int]:
    """Make a key, use it, and drop the old ones that nothing is under.

    Returns:
        How many persons' keys are under it, how many old keys were dropped, and how many stay.
    """
    keys = sealing.use(settings.state / key_file.NAME, settings.database)
    database, done = Database(settings.database), 0
    try:
        keys.add()
        while count := await database.write(persons.rewrap):
            done += count
        dropped = await database.write(
            lambda c: persons.drop_old_masters(c, _needed(settings.state))
        )
    finally:
        database.close()
    return done, dropped, len(keys.read()) - 1


def _needed(state: Path) -> frozenset[str]:
    """Return the ids of keys that something else than the database is under."""
    return spill.keys_named(state) | backup_file.keys_named(state / FOLDER)


def main() -> int:
    """Change the master key.

    Returns:
        0; 2 when a setting is wrong; 3 when the database or the file of keys cannot be used.
    """
    try:
        settings = load_settings((), os.environ)
        migrate(settings.database)
        done, dropped, stay = asyncio.run(rotate(settings))
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except (StoreError, OSError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return FAILED
    sys.stdout.write(
        f"A new master key is in {settings.state / key_file.NAME}: {done} persons' keys are under "
        f"it, {dropped} old master keys are gone. Copy the file to where you keep copies of keys.\n"
    )
    if stay:
        sys.stdout.write(STAY.format(count=stay))
    return 0


if __name__ == "__main__":
    sys.exit(main())
