"""What needs sentence vectors: computed when it is shown, kept for a while in memory alone."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from language.encoder import SIZE, Vector, encoder
from language.kept_vectors import kept_meanings
from safety.meaning import Meaning, MeaningError, is_calm, probabilities
from setup.code_print import ROOT

_ROOM = 4000
ALIKE = 0.6
"""Cosine from which two messages are about the same."""
REDUNDANT = 0.93
"""Cosine from which an example adds nothing to one that is known."""
NEAR_LIMIT = 0.4
"""From this part of the alarm's limit on a message counts as near to it."""
_FALLBACK_CATEGORY = "S2"
Array = npt.NDArray[np.float32]


class Vectors:
    """The vectors of messages that were shown lately."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: OrderedDict[bytes, Vector] = OrderedDict()

    def of(self, texts: Sequence[str]) -> Vector:
        """Return the meaning vectors of texts, shape (number of texts, 384)."""
        if not texts:
            return np.zeros((0, SIZE), dtype=np.float32)
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Vector:
        # By a hash: the words themselves stay in the log.
        key = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        if key not in self._kept:
            self._kept[key] = encoder().encode(text)
            while len(self._kept) > _ROOM:
                self._kept.popitem(last=False)
        return self._kept[key]


def meaning_layer(folder: Path) -> Meaning | None:
    """Return the meaning layer of a folder, or None when it is not there."""
    try:
        return Meaning.load(folder)
    except MeaningError:
        return None


def near_limit(layer: Meaning, texts: Sequence[str], vectors: Vector) -> list[bool]:
    """Say of each text whether it lies just below the limit of a crisis alarm."""
    if not texts:
        return []
    alarm = _alarming(layer, texts, vectors).sum(axis=1)
    limit = layer.limits.alarm
    return [bool(NEAR_LIMIT * limit <= each < limit) for each in alarm]


def category(layer: Meaning | None, text: str, vector: Vector) -> str:
    """Return the category of risk that a text is nearest to."""
    if layer is None:
        return _FALLBACK_CATEGORY
    best = int(_alarming(layer, [text], vector[None, :])[0].argmax())
    label = layer.weights.classes[best]
    return label.partition("@")[0]


def _alarming(layer: Meaning, texts: Sequence[str], vectors: Vector) -> Array:
    """Return how likely each alarming class is for each text; 0 for those that are none."""
    chances = probabilities(texts, np.asarray(vectors, dtype=np.float32), layer.weights)
    calm = np.array([is_calm(label) for label in layer.weights.classes])
    return np.asarray(np.where(calm, 0, chances), dtype=np.float32)


def groups(vectors: Vector, owners: Sequence[str]) -> list[list[int]]:
    """Put messages together that are about the same, the largest group first.

    Args:
        vectors: Theirs.
        owners: Whose each is: one person's repetitions count once.

    Returns:
        Numbers of the messages; the first of a group is the most typical one.
    """
    near = np.asarray(vectors @ vectors.T) >= ALIKE
    left = set(range(len(vectors)))
    found = []
    while left:
        best = max(left, key=lambda one: (len({owners[n] for n in left if near[one, n]}), -one))
        mates = [n for n in sorted(left) if near[best, n] and n != best]
        found.append([best, *mates])
        left -= {best, *mates}
    return found


class Known:
    """What the assistant was trained from: tells whether an example would add anything."""

    def __init__(self, vectors: Vectors, learned: Sequence[tuple[str, str]]) -> None:
        """Read data/nlu.

        Args:
            vectors: Make the vectors of what staff have taught.
            learned: Text and intent of that.
        """
        shipped = list(_shipped())
        self._texts = [*(text for text, _ in shipped), *(text for text, _ in learned)]
        self._intents = np.array([intent for _, intent in [*shipped, *learned]])
        taught = vectors.of([text for text, _ in learned]).astype(np.float16)
        self._vectors = np.concatenate([kept_meanings([text for text, _ in shipped]), taught])

    def nearest(self, intent: str, vector: Vector) -> str | None:
        """Return the known example of an intent that says the same, or None."""
        mine = np.flatnonzero(self._intents == intent)
        if not len(mine):
            return None
        near = self._vectors[mine].astype(np.float32) @ vector
        best = int(near.argmax())
        return self._texts[mine[best]] if near[best] >= REDUNDANT else None


def _shipped() -> list[tuple[str, str]]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [
        (line[2:].strip(), block["intent"])
        for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))
        for block in yaml.load(path.read_text("utf-8"), Loader=loader)["nlu"]
        if "intent" in block
        for line in block["examples"].splitlines()
    ]
