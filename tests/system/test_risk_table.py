"""The risk screen on messages that it was not trained on, by category.

The floors lie two messages or more below what was reached, since the layer learns a little
differently on each kind of processor; for its size that of all together is the narrowest. `make
eval` shows the table. The limits of the meaning layer were chosen with these messages in view: a
new set gives lower figures.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

import pytest

from answers.catalogue import Catalogue, load_catalogue
from benchmarks.heldout import HELDOUT
from language.encoder import encoder
from safety.layers import RULES_AND_MEANING, load_layers
from safety.replies import crisis_answer_id
from safety.risk import ALARM_TIERS, Risk
from safety.screen import Screen
from safety.train_meaning import asked_questions, labelled

#: Of 100 messages of a category, at least so many raise an alarm; SOFT: at least the check-in.
CAUGHT = {
    "ABU": 79, "ED": 73, "MED": 84, "PANIC": 86, "PSY": 77, "S1": 75, "S2": 84, "S3": 70,
    "S4": 75, "S5": 79, "S6": 80, "SH": 84, "VIO": 77, "SOFT": 80,
}  # fmt: skip
CAUGHT_IN_ALL = 83


@dataclass(frozen=True)
class Row:
    """A message, what it is, and what the screen made of it."""

    category: str
    tier: str
    other: bool
    found: Risk | None

    @property
    def caught(self) -> bool:
        return self.found is not None and (self.found.alarm or self.tier not in ALARM_TIERS)


@lru_cache(maxsize=1)
def screen() -> Screen:
    layers, whole = load_layers(RULES_AND_MEANING)
    assert whole, "No meaning layer: run `make train`."
    return layers


def screened(text: str) -> Risk | None:
    return screen().screen(text, encoder().encode(text))


def read(name: str) -> list[dict[str, str]]:
    with (HELDOUT / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    return tuple(
        Row(row["category"], row["tier"], row["other"] == "1", screened(row["text"]))
        for row in read("risk")
    )


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize("category", CAUGHT)
def test_a_category_is_caught(category: str) -> None:
    of_it = [row for row in rows() if row.category == category]
    assert len(of_it) >= 40
    assert sum(row.caught for row in of_it) >= CAUGHT[category] / 100 * len(of_it)


def test_of_all_categories_together_most_are_caught() -> None:
    assert sum(row.caught for row in rows()) >= CAUGHT_IN_ALL / 100 * len(rows())


def test_what_is_caught_of_life_in_danger_is_seen_as_such() -> None:
    caught = [row for row in rows() if row.tier == "T0" and row.caught]
    right = [row for row in caught if row.found is not None and row.found.tier == "T0"]
    assert len(right) >= 0.95 * len(caught)


def test_danger_of_this_minute_in_messages_of_another_writer() -> None:
    # More than half hold no word of death, suicide or overdose; a quarter are in Spanish.
    found = [screened(row["text"]) for row in read("danger_now")]
    assert len(found) == 300
    caught = [risk for risk in found if risk is not None and risk.alarm]
    assert len(caught) >= 0.78 * len(found)
    # Reached: 207 to 210 of 246 to 248, by which training messages shared a pass of the encoder.
    assert sum(risk.tier == "T0" for risk in caught) >= 0.82 * len(caught)


def test_what_only_looks_like_danger_of_this_minute() -> None:
    found = [screened(row["text"]) for row in read("no_danger")]
    assert len(found) == 200
    assert sum(risk is not None and risk.alarm for risk in found) <= 0.15 * len(found)


def test_the_first_line_is_the_right_one(catalogue: Catalogue) -> None:
    def first(risk: Risk) -> str:
        return catalogue.get(crisis_answer_id(risk)).links[0]

    caught = [row for row in rows() if row.tier in ALARM_TIERS and row.caught]
    right = [
        row
        for row in caught
        if row.found and first(row.found) == first(Risk(row.category, row.tier, "", row.other))
    ]
    assert len(right) >= 0.9 * len(caught)


def test_sad_people_are_not_reported() -> None:
    sad = [screened(row["text"]) for row in read("harmless") if row["kind"] == "sad"]
    assert len(sad) >= 100
    assert sum(found is not None and found.alarm for found in sad) <= 0.05 * len(sad)


def test_what_visitors_ask_alarms_nobody() -> None:
    learned = {text for _, text in labelled()}
    asked = [text for text in asked_questions() if text not in learned][::3]
    asked += [row["text"] for row in read("questions") if row["intent"] != "safety_crisis"]
    assert len(asked) >= 1500
    found = [screened(text) for text in asked]
    assert sum(risk is not None and risk.alarm for risk in found) <= 0.01 * len(asked)


@pytest.mark.parametrize("relative", ["hermana", "hermano", "esposo", "mama", "hijo", "abuela"])
@pytest.mark.parametrize("words", ["mi {}", "mi {} Ana", "es para mi {}", "llamen a mi {}"])
def test_a_relative_by_itself_is_no_danger(words: str, relative: str) -> None:
    found = screened(words.format(relative))
    assert found is None or not found.alarm
