"""Several questions in one message: the longer it is, the surer a second one must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest

from brain.questions import CLAUSE_WEIGHT, read
from brain.recognition import Recogniser

COST, HOURS = "how much is it", "what days do you meet"
LABELS = ["cost", "session_schedule", "what_to_expect"]


class Sure:
    """Reads the clauses about money and days as surely as it is told, and the whole as neither."""

    labels = LABELS

    def __init__(self, sure: float) -> None:
        self._sure = sure

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        return np.asarray([self._row(text) for text in texts], dtype=np.float32)

    def _row(self, text: str) -> list[float]:
        rest = 1 - self._sure
        if COST in text and HOURS not in text and len(text.split()) < 8:
            return [self._sure, rest / 2, rest / 2]
        if HOURS in text and COST not in text and len(text.split()) < 8:
            return [rest / 2, self._sure, rest / 2]
        return [0.2, 0.2, 0.6]


def reads(text: str, sure: float) -> tuple[np.ndarray, list[str]]:
    whole, questions = read(text, cast(Recogniser, cast(Any, Sure(sure))))
    return whole, [question.intent for question in questions]


def with_words(count: int, asked: str) -> str:
    """Return a message of so many words that ends with what is asked."""
    told = count - len(asked.split())
    return " ".join([*["la"] * (told - 1), "la.", asked] if told > 0 else [asked])


BOTH = f"{COST}? {HOURS}?"


@pytest.mark.parametrize(
    ("words", "sure", "both"),
    [
        (9, 0.6, True),
        (12, 0.6, True),
        (13, 0.6, False),
        (13, 0.85, True),
        (29, 0.85, True),
        (30, 0.85, False),
        (30, 0.97, True),
        (9, 0.4, False),
    ],
)
def test_how_sure_two_questions_must_be(words: int, sure: float, both: bool) -> None:
    text = with_words(words, BOTH)
    assert len(text.split()) == words
    _, intents = reads(text, sure)
    assert (intents == ["cost", "session_schedule"]) is both


@pytest.mark.parametrize(("words", "counts"), [(19, False), (20, True), (40, True)])
def test_with_much_around_a_question_its_clause_counts_more(words: int, counts: bool) -> None:
    whole, intents = reads(with_words(words, f"{COST}?"), 0.9)
    together = (0.2 + CLAUSE_WEIGHT * 0.9) / (1 + CLAUSE_WEIGHT)
    assert whole[0] == pytest.approx(together if counts else 0.2)
    assert intents == ["cost" if counts else "what_to_expect"]
