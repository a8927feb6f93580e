"""Several questions in one message are found and answered; a story around one stays one."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from setup.code_print import ROOT
from tests.system.conftest import Asked

HELDOUT = ROOT / "tests" / "heldout"


def rows(name: str) -> list[dict[str, str]]:
    with (HELDOUT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def compound(ask: Asked) -> list[tuple[set[str], dict[str, Any]]]:
    messages = rows("compound.csv")
    answers = ask([row["text"] for row in messages])
    wanted = [set(row["intents"].split("+")) for row in messages]
    return list(zip(wanted, answers, strict=True))


def test_the_exact_questions_are_found(compound: list[tuple[set[str], dict[str, Any]]]) -> None:
    exact = sum(set(answer["intents"]) == wanted for wanted, answer in compound)
    assert exact / len(compound) >= 0.80


def test_at_least_one_question_is_found(compound: list[tuple[set[str], dict[str, Any]]]) -> None:
    some = sum(bool(set(answer["intents"]) & wanted) for wanted, answer in compound)
    assert some / len(compound) >= 0.98


def test_each_question_has_its_answer(compound: list[tuple[set[str], dict[str, Any]]]) -> None:
    short = [a["text"] for _, a in compound if len(a["replies"]) < len(a["intents"])]
    assert short == []


def test_a_story_around_one_question_is_not_split(ask: Asked) -> None:
    answers = ask([row["text"] for row in rows("single.csv")])
    # A crisis intent beside the question is the screen's doing, not a second question.
    asked = [set(answer["intents"]) - {"safety_crisis"} for answer in answers]
    split = [each for each in asked if len(each) > 1]
    assert len(split) / len(answers) <= 0.03
