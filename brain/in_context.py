"""Reads a message in its conversation: moves, follow-ups, corrections."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from brain.given import is_given, vectors_of
from brain.memory import NO_TOPIC, Memory
from brain.moves import Move, move_of, names_somebody
from brain.questions import Question, read
from brain.recognition import Recogniser
from language.context import leans_back, meant, refers_back, together

ON_THE_LAST_ANSWER = frozenset({Move.WHY, Move.SOURCE, Move.REPEAT, Move.MORE})
OFFERS_A_PERSON = frozenset({"second_miss", "asked_again", "clarify"})
PERSON, MISSED, DENY = "speak_to_human", "out_of_scope", "deny"
_SAYS_NO = re.compile(r"\W*(?:no|nope|nah)\b", re.IGNORECASE)
MONEY = frozenset({"cost", "insurance_coverage", "financial_aid"})
MINOR = "adolescents_teens"
OF_A_MINOR = frozenset({"work_school_family", "family_involvement"})
"""School, and parents in sessions, stay with the minor (docs/intents.md, "Rule order")."""
SURE = 0.85
"""How sure a "thanks" or a "yes" must be, to be no follow-up."""
CLEAR = 0.9
"""How sure a follow-up without "it" or "that" must be to be what it says by itself."""
TOPIC_STAYS = 1.0
"""How much likelier (in logarithms) a follow-up stays with the topic."""
OWN_WORDS = 1.3
"""What a follow-up's own words count beside the two messages read together."""
_FLOOR = 1e-4


@dataclass(frozen=True)
class Understood:
    """How a message was understood."""

    sure: np.ndarray
    """How sure each label is, shape (labels,)."""
    questions: list[Question]
    move: Move | None = None
    topic: str | None = None
    """The topic that a move goes on with."""


def understand(text: str, recogniser: Recogniser, memory: Memory) -> Understood:
    """Read a message beside what was said before.

    Args:
        text: A cleaned message.
        recogniser: The trained classifier.
        memory: The turns before it.
    """
    move, topic = move_of(text), memory.topic
    if move in ON_THE_LAST_ANSWER and topic:
        return _about(topic, text, recogniser, move)
    if move is Move.OPEN and topic and len(text.split()) > 1 and names_somebody(text):
        # "It's for my daughter" says more about what was asked.
        return _about(topic, text, recogniser)
    if move is Move.WRONG:
        # "No, that's not it" says no before it says more.
        return _about(DENY if _SAYS_NO.match(text) else MISSED, text, recogniser, move)
    sure, questions = read(text, recogniser)
    if move in (Move.MORE, Move.OPEN):
        return Understood(sure, questions, Move.OPEN)
    last = memory.last
    if last is None or len(questions) > 1:
        return Understood(sure, questions)
    if questions[0].intent == "affirm" and OFFERS_A_PERSON.intersection(last.answers):
        return _about(PERSON, text, recogniser)
    best = _corrected(text, sure, recogniser)
    if not last.missed and topic and topic == last.intent:
        best = _followed(text, best, topic, last.text, recogniser)
    return Understood(best, [_question(text, best, recogniser)])


def _about(intent: str, text: str, recogniser: Recogniser, move: Move | None = None) -> Understood:
    certain = np.asarray([label == intent for label in recogniser.labels], dtype=np.float32)
    return Understood(certain, [Question(intent, 1.0, text)], move, intent if move else None)


def _question(text: str, sure: np.ndarray, recogniser: Recogniser) -> Question:
    best = int(sure.argmax())
    return Question(recogniser.labels[best], float(sure[best]), text)


def _read(text: str, recogniser: Recogniser) -> np.ndarray:
    return recogniser.probabilities([text], vectors_of([text]))[0]


def _can_read(text: str, further: str) -> bool:
    """Say whether a further text costs no encoder: the desk sent it, or sent none at all."""
    return is_given(further) or not is_given(text)


def _corrected(text: str, sure: np.ndarray, recogniser: Recogniser) -> np.ndarray:
    """Return the reading of what a correction meant, where that is the clearer one."""
    rest = meant(text)
    if rest is None or not _can_read(text, rest):
        return sure
    other = _read(rest, recogniser)
    clearer = other.max() > sure.max() and recogniser.labels[int(other.argmax())] not in NO_TOPIC
    return other if clearer else sure


def _followed(
    text: str, own: np.ndarray, topic: str, before: str, recogniser: Recogniser
) -> np.ndarray:
    """Return the reading of a follow-up together with the message before it."""
    label = recogniser.labels[int(own.argmax())]
    if not leans_back(text) or (label in NO_TOPIC - {MISSED} and own.max() >= SURE):
        return own
    place = recogniser.labels.index(topic)
    if (topic in MONEY and label == MINOR) or (topic == MINOR and label in OF_A_MINOR):
        # A minor's price is a question of price (docs/intents.md, "Rule order").
        return np.eye(len(own), dtype=own.dtype)[place] * own.max()
    both = together(before, text)
    if (own.max() >= CLEAR and not refers_back(text)) or not _can_read(text, both):
        return own
    votes = OWN_WORDS * np.log(own + _FLOOR) + np.log(_read(both, recogniser) + _FLOOR)
    votes[place] += TOPIC_STAYS
    likely = np.exp((votes - votes.max()) / 2)
    return np.asarray(likely / likely.sum())
