"""`make eval`: how well messages are understood, as a page and as JSON.

`make eval FILE=messages.csv` scores a file of your own, `make eval BANKING=folder` the recogniser
on another domain, with Rasa's DIET beside it (docs/recognition.md).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from benchmarks import evaluation_report as report
from benchmarks import file_report
from benchmarks.__main__ import INTERRUPTED, OUT, machine, say
from benchmarks.asking import Answered, ask_all
from benchmarks.errors import BenchError, FileError
from benchmarks.evaluation_report import Evaluation
from benchmarks.heldout import heldout, read_files
from benchmarks.in_brain import in_brain
from benchmarks.labelled import TEST, TRAIN, examples
from benchmarks.scores import Read, accuracy
from setup.code_print import ROOT

EXIT_REFUSED = 2
YARDSTICKS = {
    "ours": "This assistant's recogniser",
    "diet": "Rasa's DIET, default pipeline",
}
"""What is tried on another domain, by its name in benchmarks.banking; DIET takes long."""


def ask(texts: Sequence[str]) -> list[Answered]:
    """Put messages to the assistant and tell how far it is."""
    return asyncio.run(ask_all(texts, say))


def threshold() -> float:
    """Return the confidence below which a message counts as out of scope (config.yml)."""
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    return float(next(c for c in pipeline if c["name"] == "FallbackClassifier")["threshold"])


def whole() -> Evaluation:
    """Measure everything.

    Raises:
        BenchError: It cannot be done; the message says why.
    """
    files, where = read_files(), machine()
    say("Cross-validating the recogniser (about half a minute) ...")
    folds: dict[int, list[Read]] = {}
    for row in in_brain("cross_validation"):
        folds.setdefault(row["fold"], []).append(as_read(row))
    say(f"Asking {sum(map(len, files.values()))} held-out messages ...")
    return Evaluation(
        trained=[read for group in folds.values() for read in group],
        fold_accuracies=[accuracy(group) for group in folds.values()],
        heldout=heldout(files, ask),
        threshold=threshold(),
        where=where,
    )


def as_read(row: dict[str, Any]) -> Read:
    """Return a message as cross-validation or the yardstick has read it."""
    wanted, found = frozenset({row["wanted"]}), row["found"]
    return Read(row["text"], (wanted,), found, frozenset({found}), row.get("confidence", 1.0))


def publish(evaluation: Evaluation, out: Path = OUT) -> None:
    """Write evaluation.json and evaluation.html, and print the main figures and where they are."""
    figures = report.as_json(evaluation)
    file_report.write_json(out / "evaluation.json", figures)
    page = out / "evaluation.html"
    page.write_text(report.page(evaluation), "utf-8")
    sys.stdout.write(file_report.summary(figures) + f"{page}\n")


def _banking(folder: Path) -> None:
    # Before anything is started, so that a wrong folder is told at once.
    for name in (TRAIN, TEST):
        examples(folder / name)
    sys.stdout.write(file_report.YARDSTICK_HEAD)
    results = []
    for method, name in YARDSTICKS.items():
        say(f"{name} ...")
        results.append(file_report.yardstick(name, in_brain("banking", str(folder), method)))
        sys.stdout.write(results[-1].line)
        sys.stdout.flush()
    file_report.write_json(OUT / "banking.json", [asdict(result) for result in results])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line, or the variables FILE and BANKING, ask for.

    Returns:
        0; 2 when a file is missing or wrong, 1 when it cannot be done for another reason, 130
        when it was interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluate", description=__doc__)
    parser.add_argument("--file", default=os.environ.get("FILE"), help="CSV with text, intent")
    parser.add_argument("--banking", default=os.environ.get("BANKING"), help="folder, two CSVs")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    try:
        if given.file:
            file_report.score_file(Path(given.file), ask, say, OUT)
        if given.banking:
            _banking(Path(given.banking))
        if not given.file and not given.banking:
            publish(whole())
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except FileError as problem:
        say(str(problem))
        return EXIT_REFUSED
    except BenchError as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
