"""Which model answers from the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.settings import Settings
from setup import learned_models
from setup.train import current_model, made_from
from supervisor.learning import at_start
from tests.supervisor.test_learned_aside import NAME, do, settings

__all__ = ["settings"]


@pytest.mark.parametrize("of_this_release", [True, False])
def test_a_learned_model_answers_if_it_was_made_for_this_release(
    settings: Settings,
    of_this_release: bool,
) -> None:
    prints = made_from() if of_this_release else "old"
    change = f"update candidates set made_from = '{prints}'"
    do(settings, lambda c: c.exec_driver_sql(change) and None)
    learned = learned_models.folder_of(settings.state) / f"{NAME}.tar.gz"
    assert at_start(settings) == (learned if of_this_release else current_model())


def test_without_a_database_the_trained_model_answers(tmp_path: Path) -> None:
    assert at_start(Settings(state=tmp_path)) == current_model()
