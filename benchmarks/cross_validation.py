"""Cross-validates the recogniser on its training data; writes JSON for `make eval`.

Runs in the brain's environment, whose scikit-learn is the one that the model is made with. The
messages' vectors are those that `make train` keeps, so nothing is encoded a second time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.recognition import FOLDS, training_data
from brain.given import training_vectors
from brain.recognition import SHARPNESS, Recogniser


@dataclass(frozen=True)
class Held:
    """A training message, as it is read by a recogniser that did not learn from it."""

    text: str
    wanted: str
    found: str
    confidence: float
    fold: int


def cross_validated(
    texts: list[str], labels: list[str], vectors: np.ndarray, folds: int = FOLDS
) -> Iterator[Held]:
    """Yield every message as it is read by a recogniser trained on the other folds.

    Args:
        texts: The messages.
        labels: Their intents.
        vectors: Their sentence vectors, one row each.
        folds: How many parts, each with the same share of every intent.
    """
    parts = StratifiedKFold(folds, shuffle=True, random_state=0)
    for fold, (train, test) in enumerate(parts.split(texts, labels)):
        began = time.perf_counter()
        learned = [texts[i] for i in train], [labels[i] for i in train], vectors[train]
        model = Recogniser.train(*learned, SHARPNESS)
        sure = model.probabilities([texts[i] for i in test], vectors[test])
        for i, row in zip(test, sure, strict=True):
            best = int(row.argmax())
            yield Held(texts[i], labels[i], model.labels[best], round(float(row[best]), 4), fold)
        sys.stderr.write(f"fold {fold + 1} of {folds}: {time.perf_counter() - began:.0f} s\n")


def main() -> None:
    """Write all messages as JSON to standard output."""
    texts, labels = training_data()
    held = cross_validated(texts, labels, training_vectors(texts))
    json.dump([asdict(each) for each in held], sys.stdout)


if __name__ == "__main__":
    main()
