"""Chooses among an intent's answers: the one whose own question is nearest to what was asked.

Besides its main answer an intent may have answers to narrower questions (`about:` in answers/).
One of them is spoken when it is near, and clearly nearer than the others and than the intent's
general question (its title and its name); otherwise the main one.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from answers.catalogue import Answer, load_catalogue
from brain.named_answers import ONLY_FOR_TEENS
from language.encoder import SIZE, Vector, encoder

FILE = Path(__file__).resolve().parent.parent / "models" / "passages.npz"
NEAR, CLEARLY = 0.57, 0.12
"""Cosine from which a narrower answer may be chosen, and by how much it must lead.

Chosen on training examples, read by a person: docs/decisions.md, "Narrower answers".
"""


def _key(about: str) -> str:
    return hashlib.sha256(about.encode()).hexdigest()[:24]


def _narrower() -> list[Answer]:
    return [
        answer
        for answer in load_catalogue().answers.values()
        if answer.intent and answer.about and answer.id not in ONLY_FOR_TEENS
    ]


def _general(intent: str) -> tuple[str, str]:
    """Return the general question of an intent in two short forms."""
    return load_catalogue().titles.get(intent, intent), intent.replace("_", " ")


def _texts() -> set[str]:
    narrower = _narrower()
    intents = {str(answer.intent) for answer in narrower}
    general = {text for intent in intents for text in _general(intent)}
    return general | {answer.about for answer in narrower}


OFFERED = 0.6
"""Cosine from which an answer is offered ("This may help") to a message of no sure intent."""


@dataclass(frozen=True)
class Passages:
    """The narrower answers of each intent with the vectors of their questions."""

    by_intent: dict[str, tuple[list[str], Vector, Vector]]
    """Ids, the vectors of their questions, and those of the general question."""

    def best(self, intent: str, vector: Vector) -> str | None:
        """Return the id of the narrower answer that fits a message, or None for the main one."""
        if intent not in self.by_intent:
            return None
        ids, vectors, general = self.by_intent[intent]
        near, meaning = vectors @ vector[:SIZE], vector[:SIZE]
        order = near.argsort()[::-1]
        best, second = near[order[0]], near[order[1]] if len(order) > 1 else 0.0
        if best < NEAR or best - second < CLEARLY or best <= (general @ meaning).max():
            return None
        return ids[order[0]]

    def nearest(self, vector: Vector) -> str | None:
        """Return the id of the nearest narrower answer of all intents, if it is near enough."""
        best, cosine = None, OFFERED
        for ids, vectors, _ in self.by_intent.values():
            near = vectors @ vector[:SIZE]
            place = int(near.argmax())
            if near[place] >= cosine:
                best, cosine = ids[place], float(near[place])
        return best


def _vectors(abouts: Iterable[str]) -> dict[str, Vector]:
    known: dict[str, Vector] = {}
    if FILE.exists():
        with np.load(FILE) as read:
            known = {name: read[name] for name in read.files}
    # An answer added since the last training costs the brain its own encoder, once.
    return {a: known[_key(a)] if _key(a) in known else encoder().encode(a) for a in abouts}


@lru_cache(maxsize=1)
def passages() -> Passages:
    """Return the narrower answers of the catalogue."""
    narrower = _narrower()
    vectors = _vectors(_texts())
    by_intent: dict[str, tuple[list[str], Vector, Vector]] = {}
    for intent in {str(answer.intent) for answer in narrower}:
        chosen = [answer for answer in narrower if answer.intent == intent]
        stacked = np.stack([vectors[answer.about] for answer in chosen])
        general = np.stack([vectors[text] for text in _general(intent)])
        by_intent[intent] = ([answer.id for answer in chosen], stacked, general)
    return Passages(by_intent)


def main() -> None:
    """Write the vectors of all questions to models/passages.npz (part of `make train`)."""
    texts = sorted(_texts())
    FILE.parent.mkdir(exist_ok=True)
    np.savez(FILE, **{_key(text): encoder().encode(text) for text in texts})
    sys.stdout.write(f"{len(_narrower())} narrower answers\n")


if __name__ == "__main__":
    main()
