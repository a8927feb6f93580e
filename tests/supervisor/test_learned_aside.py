"""What staff have taught is in use again after a way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from desk.settings import Settings
from setup import learned_models
from store import candidates, models_in_use
from store.database import Database, look
from store.migrate import migrate
from store.tables.learning import candidates as table
from supervisor import learned_aside
from supervisor.trial_folder import MODELS

NAME = "c20261130-101500-000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A server whose learned model is in use."""
    made = Settings(state=tmp_path)
    migrate(made.database)
    learned = learned_models.folder_of(tmp_path)
    (learned / "meaning" / NAME).mkdir(parents=True)
    (learned / "meaning" / NAME / "weights.npz").write_text("weights")
    (learned / f"{NAME}.tar.gz").write_text("model")
    row = {"name": NAME, "state": "accepted", "why": "asked", "asked_at": 1, "made_from": "old"}
    do(made, lambda c: c.execute(table.insert().values(**row, examples=[])) and None)
    do(made, lambda c: models_in_use.switch(c, NAME, None, 2, "accepted"))
    return made


def do(settings: Settings, work: Callable[[Connection], Any]) -> None:
    async def run() -> None:
        database = Database(settings.database)
        try:
            await database.write(work)
        finally:
            database.close()

    asyncio.run(run())


def other_release(settings: Settings) -> None:
    """Do what a release of other data does at its start (supervisor.learning)."""
    do(settings, lambda c: candidates.outdate(c, "new", 3))
    learned_models.remove(NAME, learned_models.folder_of(settings.state))
    do(settings, lambda c: candidates.removed(c, NAME, 4))


def test_the_learned_model_is_in_use_again(settings: Settings) -> None:
    learned_aside.keep(settings)
    assert (settings.state / MODELS).stat().st_mode & 0o777 == 0o700
    other_release(settings)
    assert learned_aside.put_back(settings)
    now = look(settings.database, models_in_use.current)
    assert (now.model, now.why, now.done_at) == (NAME, "back", None)
    assert look(settings.database, lambda c: candidates.is_needed(c, NAME))
    found = look(settings.database, lambda c: candidates.one(c, NAME))
    assert found is not None
    assert found.removed_at is None
    learned = learned_models.folder_of(settings.state)
    assert learned_models.file_of(NAME, learned) == learned / f"{NAME}.tar.gz"
    assert (learned / "meaning" / NAME / "weights.npz").read_text() == "weights"
    assert not (settings.state / MODELS).exists()


def test_what_somebody_has_chosen_meanwhile_stays(settings: Settings) -> None:
    learned_aside.keep(settings)
    do(settings, lambda c: models_in_use.back(c, None, 3))
    assert not learned_aside.put_back(settings)
    assert look(settings.database, models_in_use.current).model is None
    assert not (settings.state / MODELS).exists()


def test_a_release_of_the_same_data_leaves_it_in_use(settings: Settings) -> None:
    learned_aside.keep(settings)
    do(settings, lambda c: candidates.outdate(c, "old", 3))
    assert not learned_aside.put_back(settings)
    assert look(settings.database, models_in_use.current).model == NAME


def test_without_a_learned_model_there_is_nothing_to_keep(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    migrate(settings.database)
    learned_aside.keep(settings)
    assert not (tmp_path / MODELS).exists()
    assert not learned_aside.put_back(settings)


def test_nothing_is_kept_after_an_upgrade(settings: Settings) -> None:
    learned_aside.keep(settings)
    learned_aside.drop(settings)
    assert not (settings.state / MODELS).exists()
    assert (learned_models.folder_of(settings.state) / f"{NAME}.tar.gz").exists()
