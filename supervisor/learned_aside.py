"""`python -m supervisor.learned_aside keep|put-back|drop`: the learned model survives a way back.

A release of other data or code puts a learned model out of use at its start, and deletes it. Comes
the way back minutes later, the former release would be without what staff have taught it. For as
long as an upgrade lasts the model's files are kept aside; no longer, for they hold persons' words.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, update

from desk.conversations import now_ms
from desk.errors import SettingsError
from desk.settings import Settings, load_settings
from setup import errors, learned_models
from store import audit, models_in_use
from store.database import Database, look
from store.errors import StoreError
from store.tables.learning import candidates
from supervisor.trial_folder import MODELS

FAILED = 3


def keep(settings: Settings) -> None:
    """Keep the files of the learned model in use, if there is one."""
    drop(settings)
    name = look(settings.database, models_in_use.current).model
    learned = learned_models.folder_of(settings.state)
    if name is not None and (learned / f"{name}.tar.gz").is_file():
        aside = settings.state / MODELS
        aside.mkdir(mode=0o700)
        _link(name, learned, aside)


def put_back(settings: Settings) -> bool:
    """Put a model that was kept in use again; say whether there was one."""
    aside = settings.state / MODELS
    name = next(iter(learned_models.names(aside)), None)
    if name is not None:
        # The choice first: files of a model that nobody has chosen are deleted within a second.
        if chosen := asyncio.run(_choose(settings, name)):
            _link(name, aside, learned_models.folder_of(settings.state))
        drop(settings)
        return chosen
    return False


def drop(settings: Settings) -> None:
    """Keep nothing any longer."""
    shutil.rmtree(settings.state / MODELS, ignore_errors=True)


def _link(name: str, source: Path, target: Path) -> None:
    """Put the files of a model into another folder, without copying; the model's own file last."""
    meaning = source / "meaning" / name
    if meaning.is_dir():
        place = target / "meaning" / name
        shutil.copytree(meaning, place, copy_function=_hard_link, dirs_exist_ok=True)
    _hard_link(str(source / f"{name}.tar.gz"), str(target / f"{name}.tar.gz"))


def _hard_link(source: str, target: str) -> None:
    if not os.path.exists(target):
        os.link(source, target)


async def _choose(settings: Settings, name: str) -> bool:
    database = Database(settings.database)
    try:
        return await database.write(lambda c: choose(c, name, now_ms()))
    finally:
        database.close()


def choose(connection: Connection, name: str, at: int) -> bool:
    """Choose a model again that a later release has put out of use.

    Returns:
        False, and nothing done, when somebody has chosen otherwise meanwhile.
    """
    now = models_in_use.current(connection)
    if now.model is not None or now.why != "changed":
        return False
    there = update(candidates).where(candidates.c.name == name).values(removed_at=None)
    connection.execute(there)
    models_in_use.switch(connection, name, None, at, "back")
    audit.note(connection, None, "back to model", name, "after an upgrade", at=at)
    return True


def main(arguments: Sequence[str]) -> int:
    """Do what is asked.

    Returns:
        0; 2 when a setting is wrong; 3 when it failed.
    """
    what = {"keep": keep, "put-back": put_back, "drop": drop}
    try:
        what[arguments[0]](load_settings((), os.environ))
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except (StoreError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
