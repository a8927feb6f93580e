"""Finds every question of a message: its clauses are read one by one, and all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from answers.priority import rank
from brain.given import vectors_of
from brain.recognition import Recogniser
from language.clauses import Clause, clauses

SURE = ((30, 0.95), (13, 0.8), (0, 0.5))
"""From how many words on, and how sure a clause must then be to count as a question of its own: the
longer a message, the likelier its second question is part of a story around the first."""
AROUND_WORDS = 20
"""From this length on there is so much around a question that the clause which asks counts more."""
CLAUSE_WEIGHT = 0.5
"""What that clause counts beside the whole message, where there is one question."""
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
    words = len(text.split())
    clear = _clear_questions(
        list(zip(asking, each, strict=True)),
        recogniser.labels,
        next(sure for length, sure in SURE if words >= length),
    )
    if len(clear) > 1:
        return whole, clear
    if words >= AROUND_WORDS:
        whole = (whole + CLAUSE_WEIGHT * np.max(each, axis=0)) / (1 + CLAUSE_WEIGHT)
    return whole, [_only(text, whole, recogniser)]


def _only(text: str, probabilities: np.ndarray, recogniser: Recogniser) -> Question:
    best = int(probabilities.argmax())
    return Question(recogniser.labels[best], float(probabilities[best]), text)


def first(questions: list[Question]) -> Question:
    """Return the question that decides a message's intent."""
    return min(questions, key=lambda question: rank(question.intent))
