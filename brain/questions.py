"""Finds every question of a message: its clauses are read one by one, and all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from answers.priority import rank
from brain.given import vectors_of
from brain.recognition import Recogniser
from language.clauses import Clause, clauses

SURE, SURE_IN_A_STORY = 0.5, 0.95
"""How sure a clause must be to count as a question of its own; a story needs a clearer one."""
STORY_WORDS = 30
"""From this length on a message tells a story around what it asks."""
CLAUSE_WEIGHT = 0.5
"""What the clause that asks counts beside the whole message, in a story with one question."""
NEVER_BESIDE = frozenset(
    "greet goodbye thanks affirm deny bot_challenge out_of_scope safety_crisis".split()
)
"""Intents that are no question beside another one."""


@dataclass(frozen=True)
class Question:
    """One question of a message."""

    intent: str
    confidence: float
    text: str
    """The clause that asks it, or the whole message."""


def _clear_questions(
    found: list[tuple[Clause, np.ndarray]], labels: list[str], sure: float
) -> list[Question]:
    questions: dict[str, Question] = {}
    for clause, probabilities in found:
        intent = labels[int(probabilities.argmax())]
        confidence = float(probabilities.max())
        if confidence >= sure and intent not in NEVER_BESIDE and intent not in questions:
            questions[intent] = Question(intent, confidence, clause.text)
    return list(questions.values())


def read(text: str, recogniser: Recogniser) -> tuple[np.ndarray, list[Question]]:
    """Read a message.

    Args:
        text: A cleaned message.
        recogniser: The trained classifier.

    Returns:
        How sure each label of the recogniser is for the message's first question, and the
        questions in the order asked; two or more only when each of them is clear by itself.
    """
    parts = clauses(text)
    asking = [clause for clause in parts if clause.asks] if len(parts) > 1 else []
    texts = [text, *(clause.text for clause in asking)]
    whole, *each = recogniser.probabilities(texts, vectors_of(texts))
    if not asking:
        return whole, [_only(text, whole, recogniser)]
    story = len(text.split()) >= STORY_WORDS
    clear = _clear_questions(
        list(zip(asking, each, strict=True)),
        recogniser.labels,
        SURE_IN_A_STORY if story else SURE,
    )
    if len(clear) > 1:
        return whole, clear
    if story:
        whole = (whole + CLAUSE_WEIGHT * np.max(each, axis=0)) / (1 + CLAUSE_WEIGHT)
    return whole, [_only(text, whole, recogniser)]


def _only(text: str, probabilities: np.ndarray, recogniser: Recogniser) -> Question:
    best = int(probabilities.argmax())
    return Question(recogniser.labels[best], float(probabilities[best]), text)


def first(questions: list[Question]) -> Question:
    """Return the question that decides a message's intent."""
    return min(questions, key=lambda question: rank(question.intent))
