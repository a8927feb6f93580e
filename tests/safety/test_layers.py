"""A center's choice of layers, and what happens when one of them is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from safety.layers import current_folder, load_layers

QUIET = "i've written my letters and everything is in order. they will be fine without me"


def test_rules_alone_are_whole() -> None:
    screen, whole = load_layers("rules")
    assert whole
    assert screen.meaning is None


def test_the_trained_layer_is_that_of_the_model_in_use() -> None:
    screen, whole = load_layers("rules+meaning")
    assert whole
    assert screen.meaning is not None
    assert (current_folder() / "meaning.npz").exists()


def test_a_missing_layer_is_not_hidden(tmp_path: Path) -> None:
    screen, whole = load_layers("rules+meaning", tmp_path)
    assert not whole
    risk = screen.screen("i want to kill myself")
    assert risk is not None
    assert risk.alarm


@pytest.mark.parametrize("text", ["how much is it", "do you have evening groups", "thank you"])
def test_ordinary_questions_stay_quiet_with_both(text: str) -> None:
    screen, _ = load_layers("rules+meaning")
    assert screen.screen(text) is None


def test_what_holds_no_word_of_risk_is_found_by_one_of_them() -> None:
    screen, _ = load_layers("rules+meaning")
    risk = screen.screen(QUIET)
    assert risk is not None
    assert risk.alarm
