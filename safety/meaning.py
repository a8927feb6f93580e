"""Finds risk by meaning: what holds no word of risk but is like messages that hold risk."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from language.encoder import SIZE, encoder
from safety.risk import Risk
from safety.windows import windows

Array = npt.NDArray[np.float32]

#: Where `python -m safety.train_meaning` leaves the trained arrays.
FOLDER = Path(__file__).resolve().parent.parent / "models" / "meaning"
#: Tier of action for each category found by meaning (facts of the taxonomy; a rule may know more).
TIER_OF: Mapping[str, str] = {
    **dict.fromkeys(("S1", "S2", "SH", "PANIC", "ED"), "T2"),
    **dict.fromkeys(("S3", "S4", "S6", "VIO", "ABU", "PSY"), "T1"),
    "MED": "T0",
    "SOFT": "T3",
}
#: Labels of harmless groups begin so; every other label is a category, or one with its tier:
#: "SH" for the urge and the act, "SH@T0" for a wound that does not stop bleeding.
HARMLESS = "-"

_TOKEN = re.compile(r"[a-z0-9']+|[?!]")
_KIN = re.compile(
    r"\b(?:son|daughter|kid|brother|sister|mom|mother|mum|dad|father|wife|husband|partner|"
    r"boyfriend|girlfriend|friend|roommate|cousin|niece|nephew|uncle|aunt|grand\w+|teen|"
    r"student|coworker|neighbor|client|patient|he|she|they)\b"
)
_SELF = re.compile(r"\b(?:i|i'm|im|me|myself|i've|ive|i'll|i'd)\b")


class MeaningError(ValueError):
    """The trained arrays cannot be used; the text says why and what to run."""


class Encodes(Protocol):
    """What turns a text into a sentence vector."""

    def encode(self, text: str) -> Array:
        """The vector of one text."""


class Weights(NamedTuple):
    """A softmax over sentence vector and word pairs: arrays, and the names that go with them."""

    classes: tuple[str, ...]
    terms: dict[str, int]
    rarity: Array
    of_vector: Array
    of_term: Array
    bias: Array


class Limits(NamedTuple):
    """Probabilities from which a message counts as risk (safety/train_meaning.py says whence).

    A long message has many parts, and the likeliest of many is likely by chance: a part must be
    surer than the whole.

    Attributes:
        alarm: of all categories but SOFT together, for the message as a whole.
        gentle: of these and SOFT, for the gentle check-in.
        alarm_part: as `alarm`, for one part of the message.
        gentle_part: as `gentle`, for one part of the message.
    """

    alarm: float
    gentle: float
    alarm_part: float
    gentle_part: float

    def alarms(self, parts: int) -> Array:
        """Return the limits of the alarm for a message's parts, the whole first."""
        return np.array([self.alarm, *[self.alarm_part] * (parts - 1)], dtype=np.float32)

    def check_ins(self, parts: int) -> Array:
        """Return the limits of the gentle check-in for a message's parts, the whole first."""
        return np.array([self.gentle, *[self.gentle_part] * (parts - 1)], dtype=np.float32)


def category_and_tier(label: str) -> tuple[str, str]:
    """What a label that is not harmless stands for."""
    category, _, tier = label.partition("@")
    return category, tier or TIER_OF[category]


def is_calm(label: str) -> bool:
    """Whether a label raises no alarm."""
    return label == "SOFT" or label.startswith(HARMLESS)


def terms_of(text: str) -> Counter[str]:
    """Words and pairs of neighbouring words of a text, counted."""
    tokens = _TOKEN.findall(text.lower().replace("\u2019", "'"))
    return Counter([*tokens, *map(" ".join, pairwise(tokens))])


def term_values(text: str, weights: Weights) -> tuple[npt.NDArray[np.intp], Array]:
    """Numbers of the known terms of a text and their tf-idf values, of length 1 together."""
    known = [(weights.terms[t], n) for t, n in terms_of(text).items() if t in weights.terms]
    if not known:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32)
    numbers = np.array([number for number, _ in known], dtype=np.intp)
    counts = np.array([count for _, count in known], dtype=np.float32)
    values = (1 + np.log(counts)) * weights.rarity[numbers]
    return numbers, values / np.linalg.norm(values)


def probabilities(texts: Sequence[str], vectors: Array, weights: Weights) -> Array:
    """How likely each class is for each text; rows sum to 1."""
    scores = vectors @ weights.of_vector + weights.bias
    for row, text in enumerate(texts):
        numbers, values = term_values(text, weights)
        scores[row] += values @ weights.of_term[numbers]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = scores / scores.sum(axis=1, keepdims=True)
    return result


class Meaning:
    """The second layer of risk detection. It may raise what the rules found, never lower it.

    Args:
        weights: as trained.
        limits: as chosen in training.
        encodes: the sentence encoder; the process's own when none is given.
    """

    def __init__(self, weights: Weights, limits: Limits, encodes: Encodes | None = None) -> None:
        self.weights = weights
        self.limits = limits
        self._encodes = encodes
        classes = weights.classes
        self._alarming = [n for n, c in enumerate(classes) if not is_calm(c)]
        self._soft = classes.index("SOFT")

    @classmethod
    def load(cls, folder: Path = FOLDER, encodes: Encodes | None = None) -> Meaning:
        """Read what training left in a folder.

        Raises:
            MeaningError: the files are missing or do not belong together.
        """
        try:
            names = json.loads((folder / "meaning.json").read_text(encoding="utf-8"))
            with np.load(folder / "meaning.npz", allow_pickle=False) as arrays:
                weights = Weights(
                    tuple(names["classes"]),
                    {term: number for number, term in enumerate(names["terms"])},
                    *(arrays[key] for key in Weights._fields[2:]),
                )
            limits = Limits(**names["limits"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MeaningError(f"{folder.name}: {error}; run `make train`") from error
        if weights.of_term.shape != (len(weights.terms), len(weights.classes)):
            raise MeaningError(f"{folder.name}: arrays and names differ; run `make train`")
        return cls(weights, limits, encodes)

    def screen(self, text: str, vectors: Any = None) -> Risk | None:
        """What a message means, in terms of risk.

        Args:
            text: the message as it came, of any length.
            vectors: the sentence vector of the whole text, if it is known already.

        Returns:
            None when nothing was found; SOFT (T3) for what is heavy without stated risk.
        """
        if not text.strip():
            return None
        parts = windows(text)
        chances = probabilities(parts, self._vectors(parts, vectors), self.weights)
        alarm = chances[:, self._alarming].sum(axis=1)
        above = alarm - self.limits.alarms(len(parts))
        top = int(above.argmax())
        if above[top] >= 0:
            best = self._alarming[int(chances[top, self._alarming].argmax())]
            return _risk(self.weights.classes[best], parts[top])
        above = alarm + chances[:, self._soft] - self.limits.check_ins(len(parts))
        top = int(above.argmax())
        return _risk("SOFT", parts[top]) if above[top] >= 0 else None

    def _vectors(self, parts: list[str], known: Any) -> Array:
        encodes = self._encodes or encoder()
        if known is None:
            return np.stack([encodes.encode(part) for part in parts])
        whole = np.asarray(known, dtype=np.float32).reshape(-1, SIZE)[0]
        return np.stack([whole, *(encodes.encode(part) for part in parts[1:])])


def _risk(label: str, words: str) -> Risk:
    category, tier = category_and_tier(label)
    low = words.lower().replace("\u2019", "'")
    other = bool(_KIN.search(low)) and not _SELF.search(low)
    return Risk(category, tier, f"meaning:{category}", other=other)
