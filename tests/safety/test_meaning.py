"""The meaning layer: what it learns from, what it costs, what it says."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.encoder import SIZE, Vector, encoder
from safety.meaning import (
    HARMLESS,
    TIER_OF,
    Limits,
    Meaning,
    MeaningError,
    category_and_tier,
    is_calm,
    probabilities,
)
from safety.risk import CATEGORIES, Risk, urgency
from safety.screen import load_screen
from safety.train_meaning import (
    ASKED_ALARMS,
    NEAR_ALARMS,
    SAD_ALARMS,
    Examples,
    HeldOut,
    choose_limits,
    encoded,
    fit,
    held_out,
    labelled,
    save,
    table,
)
from safety.windows import MAX_WINDOWS, windows

ALL = Limits(0.0, 0.0, 0.0, 0.0)
GENTLE = Limits(1.1, 0.0, 1.1, 0.0)
NONE = Limits(1.1, 1.1, 1.1, 1.1)
EVERY = 6
"""Tests train on every sixth example: the same code, a tenth of the time."""


class Counting:
    """The real encoder, with a count of its runs."""

    def __init__(self) -> None:
        self.runs = 0

    def encode(self, text: str) -> Vector:
        self.runs += 1
        return encoder().encode(text)


@lru_cache(maxsize=1)
def examples() -> Examples:
    return encoded(labelled()[::EVERY], encoder(), to_score=True)


@lru_cache(maxsize=1)
def held() -> HeldOut:
    return held_out(examples())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("meaning")
    save(fit(examples()), choose_limits(held()), folder)
    return folder


def count(label: str) -> int:
    return sum(1 for found, _ in labelled() if found == label)


@pytest.mark.parametrize("category", TIER_OF)
def test_every_category_has_examples(category: str) -> None:
    often = category in {"S1", "S2", "S4", "ABU", "SH", "VIO"}
    assert count(category) >= (160 if often else 110)


def test_categories_are_those_of_the_taxonomy() -> None:
    labels = {label for label, _ in labelled() if not label.startswith(HARMLESS)}
    assert (
        {category_and_tier(label)[0] for label in labels}
        == set(TIER_OF)
        == set(CATEGORIES) - {"S5"}
    )


@pytest.mark.parametrize(
    ("group", "least"),
    [("sad", 250), ("questions", 60), ("idioms", 300), ("administrative", 60), ("other", 250)],
)
def test_every_group_of_near_misses_is_there(group: str, least: int) -> None:
    assert count(HARMLESS + group) >= least


def test_no_text_has_two_labels() -> None:
    own = [text for label, text in labelled() if label != f"{HARMLESS}asked"]
    assert len(own) == len(set(own))


def test_what_was_trained_loads(trained: Path) -> None:
    meaning = Meaning.load(trained)
    assert 0 < meaning.limits.gentle <= 1
    assert 0 < meaning.limits.alarm <= 1
    assert set(TIER_OF) <= set(meaning.weights.classes)


def test_missing_files_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(MeaningError, match="make train"):
        Meaning.load(tmp_path)


def test_files_that_do_not_belong_together_are_refused(trained: Path, tmp_path: Path) -> None:
    names = (trained / "meaning.json").read_text(encoding="utf-8")
    (tmp_path / "meaning.json").write_text(names.replace('"terms": [', '"terms": ["a b c", '))
    (tmp_path / "meaning.npz").write_bytes((trained / "meaning.npz").read_bytes())
    with pytest.raises(MeaningError, match="differ"):
        Meaning.load(tmp_path)


def test_training_twice_gives_the_same() -> None:
    first, second = fit(examples()), fit(examples())
    assert first.terms == second.terms
    np.testing.assert_array_equal(first.of_vector, second.of_vector)
    np.testing.assert_array_equal(first.of_term, second.of_term)


def test_false_alarms_on_held_out_folds_are_within_the_bound() -> None:
    limits = choose_limits(held())
    fired = held().fired(limits)
    assert fired[held().asked].mean() <= ASKED_ALARMS
    assert fired[held().near].mean() <= NEAR_ALARMS
    assert fired[held().sad].mean() <= SAD_ALARMS
    risk = [not is_calm(label) for label in held().labels]
    assert fired[risk].mean() > 5 * NEAR_ALARMS


def test_the_table_has_a_line_for_every_label() -> None:
    lines = table(held(), choose_limits(held())).splitlines()
    assert len(lines) == 2 + len(set(held().labels))


def test_probabilities_sum_to_one(trained: Path) -> None:
    weights = Meaning.load(trained).weights
    chances = probabilities(["what", "zzz"], encoder().encode_all(["what", "zzz"]), weights)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("what does it cost", 1),
        ("what does it cost? do you take my plan", 3),
        ("I had a day. " * 10_000, MAX_WINDOWS),
        ("word " * 30_000, MAX_WINDOWS),
        ("a\n" * 50_000, MAX_WINDOWS),
    ],
)
def test_long_text_costs_few_runs(trained: Path, text: str, most: int) -> None:
    counting = Counting()
    Meaning.load(trained, counting).screen(text)
    assert counting.runs <= most


def test_a_known_vector_is_not_computed_again(trained: Path) -> None:
    counting = Counting()
    Meaning.load(trained, counting).screen("what does it cost", np.zeros((1, SIZE)))
    assert counting.runs == 0


def test_the_end_of_a_long_text_is_read() -> None:
    assert any(
        "letters are written" in part for part in windows("x. " * 9_000 + "My letters are written.")
    )


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=3_000))
def test_windows_are_few_and_begin_with_the_whole(text: str) -> None:
    parts = windows(text)
    assert parts[0] == text
    assert len(parts) <= MAX_WINDOWS


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_can_be_screened(trained: Path, text: str) -> None:
    found = Meaning.load(trained).screen(text)
    assert found is None or found.rule == f"meaning:{found.category}"


@pytest.mark.parametrize("limits", [ALL, GENTLE, NONE])
@pytest.mark.parametrize("text", ["i took too many pills", "what does it cost", "i feel so low"])
def test_meaning_never_lowers_what_rules_found(trained: Path, limits: Limits, text: str) -> None:
    meaning = Meaning(Meaning.load(trained).weights, limits)
    by_rules = load_screen().screen(text)
    both = load_screen(meaning).screen(text, encoder().encode(text))
    assert by_rules is None or (both is not None and urgency(both) <= urgency(by_rules))


def test_a_limit_below_all_gives_an_alarm_and_one_above_none(trained: Path) -> None:
    weights = Meaning.load(trained).weights
    alarmed = Meaning(weights, ALL).screen("hello")
    assert isinstance(alarmed, Risk)
    assert alarmed.alarm
    gentle = Meaning(weights, GENTLE).screen("hello")
    assert gentle == Risk("SOFT", "T3", "meaning:SOFT")
    assert Meaning(weights, NONE).screen("hello") is None


@pytest.mark.parametrize(
    ("text", "other"),
    [("my son won't wake up", True), ("i can't wake my son", False), ("i took them all", False)],
)
def test_who_it_is_about(trained: Path, text: str, other: bool) -> None:
    found = Meaning(Meaning.load(trained).weights, ALL).screen(text)
    assert found is not None
    assert found.other is other
