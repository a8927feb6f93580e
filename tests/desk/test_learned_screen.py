"""The desk screens with the meaning layer of the model in use, and never with half of one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from desk.learned_screen import LearnedScreen
from desk.screening import Screener
from safety.layers import RULES_AND_MEANING, current_folder, load_layers
from setup.learned_models import folder_of
from store import models_in_use
from store.database import Database

MODEL = "c20261129-120000-000"


def wary(folder: Path) -> None:
    """Have a meaning layer find risk in all that it reads."""
    file = folder / "meaning.json"
    names = json.loads(file.read_text("utf-8"))
    names["limits"] = dict.fromkeys(names["limits"], 0.0)
    file.write_text(json.dumps(names), "utf-8")


async def use(database: Database, model: str | None) -> None:
    await database.write(lambda c: models_in_use.switch(c, model, None, 1, "accepted"))


async def test_it_follows_the_model_in_use_and_goes_back(
    tmp_path: Path, database: Database
) -> None:
    screen, whole = load_layers(RULES_AND_MEANING)
    screener = Screener(screen, whole=whole)
    folder = folder_of(tmp_path)
    following = LearnedScreen(screener, database, folder, RULES_AND_MEANING)
    assert await following.follow() == 0
    shutil.copytree(current_folder(), folder / "meaning" / MODEL)
    wary(folder / "meaning" / MODEL)
    await use(database, MODEL)
    assert await following.follow() == 1
    assert await following.follow() == 0
    assert (await screener.screen("how much is it")).crisis
    await use(database, None)
    assert await following.follow() == 1
    assert (await screener.screen("i want to kill myself")).crisis
    assert not (await screener.screen("how much is it")).crisis
    screener.close()


async def test_what_is_not_there_changes_nothing(
    tmp_path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    screen, whole = load_layers(RULES_AND_MEANING)
    screener = Screener(screen, whole=whole)
    following = LearnedScreen(screener, database, folder_of(tmp_path), RULES_AND_MEANING)
    await use(database, MODEL)
    for _ in range(2):
        assert await following.follow() == 0
    assert caplog.text.count("is not there") == 1
    assert screener._screen is screen
    assert not (await screener.screen("how much is it")).failed
    screener.close()
