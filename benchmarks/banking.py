"""The recogniser on a public yardstick, with Rasa's own DIET beside it; JSON for `make eval`.

Trains on FOLDER/train_10.csv and reads FOLDER/test.csv, columns `text` and `intent` (or
`category`), as BANKING77 has them. The recogniser is the component of the assistant, untouched.
Runs in the brain's environment.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.labelled import TEST, TRAIN, Examples, examples
from brain.recognition import Recogniser
from language.encoder import encoder

Found = tuple[list[str], float, float]
"""The intent found for each message; seconds of training, and of reading all."""


def ours(train: Examples, texts: list[str]) -> Found:
    """Train and run the assistant's recogniser."""
    began = time.perf_counter()
    messages, intents = train
    model = Recogniser.train(messages, intents, encoder().encode_all_wide(messages))
    trained = time.perf_counter()
    best = model.probabilities(texts, encoder().encode_all_wide(texts)).argmax(axis=1)
    return [model.labels[i] for i in best], trained - began, time.perf_counter() - trained


def theirs(train: Examples, texts: list[str]) -> Found:
    """Train and run Rasa's DIET."""
    # Imported here: Rasa and TensorFlow take seconds that the other method does not need.
    from benchmarks import diet

    return diet.found(train, texts)


METHODS: dict[str, Callable[[Examples, list[str]], Found]] = {"ours": ours, "diet": theirs}


def main() -> None:
    """Write what a method found as JSON to standard output: FOLDER METHOD."""
    folder, method = Path(sys.argv[1]), METHODS[sys.argv[2]]
    texts, intents = examples(folder / TEST)
    found, train_s, read_s = method(examples(folder / TRAIN), texts)
    times = {"train_s": train_s, "read_ms": 1000 * read_s / len(texts)}
    json.dump({"texts": texts, "wanted": intents, "found": found, **times}, sys.stdout)


if __name__ == "__main__":
    main()
