"""First step of training: encodes every message that is learned from, once for both learners."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from language import kept_vectors
from safety.train_meaning import labelled
from setup.code_print import ROOT


def texts() -> Iterator[str]:
    """Yield the intent examples as Rasa reads them, and the examples of risk."""
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for block in yaml.load(path.read_text("utf-8"), Loader=loader)["nlu"]:
            for line in block["examples"].splitlines():
                yield line[2:].strip()
    for _, text in labelled():
        yield text


def main() -> None:
    """Keep all vectors."""
    kept_vectors.keep(texts())


if __name__ == "__main__":
    main()
