"""Trains a candidate model: from data/ and from what staff have taught, beside the model in use.

    python -m setup.candidate NAME FOLDER < lessons.json

Runs in the brain's environment. Lessons hold people's words: they come by standard input, stand
for the time of training in a folder of one's own, and so do Rasa's cache and what it prints.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from setup.code_print import ROOT
from setup.machine import processors
from setup.train import GENTLE, MODELS, current_model, is_trained, read_by_rasa

HARMLESS = "-learned"
"""Label in the meaning layer of what had alarmed without need."""
Lesson = dict[str, Any]
"""text, intents, risk: see store.learned."""


def nlu(lessons: Sequence[Lesson]) -> str:
    """Return lessons as a training file of Rasa's."""
    by_intent: dict[str, list[str]] = {}
    for lesson in lessons:
        if len(lesson["intents"]) == 1:
            by_intent.setdefault(lesson["intents"][0], []).append(lesson["text"])
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
        for intent, texts in sorted(by_intent.items())
    ]
    # Not JSON, though that is YAML, too: Rasa passes by what is JSON and none of its own formats.
    written: str = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)
    return written


def risks(lessons: Sequence[Lesson]) -> list[tuple[str, str]]:
    """Return label and text of lessons for the meaning layer."""
    return [
        (HARMLESS if lesson["risk"] == "-" else lesson["risk"], lesson["text"])
        for lesson in lessons
        if lesson["risk"]
    ]


def train(name: str, folder: Path, lessons: Sequence[Lesson]) -> bool:
    """Train both parts of a model into a folder; say whether it is there, whole or not at all."""
    (folder / "meaning").mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="work-", dir=folder) as there:
        work = Path(there)
        if lessons:
            (work / "learned.yml").write_text(nlu(lessons), "utf-8")
        with ThreadPoolExecutor(2 if processors() > 1 else 1) as pool:
            meaning = pool.submit(_meaning, name, work, lessons)
            model = pool.submit(_model, name, work)
            done = meaning.result() and model.result()
        if done:
            # The model's file last: whoever finds it finds the other part, too.
            shutil.rmtree(folder / "meaning" / name, ignore_errors=True)
            shutil.move(str(work / "meaning" / name), folder / "meaning" / name)
            shutil.move(str(work / f"{name}.tar.gz"), folder / f"{name}.tar.gz")
    return done


def _model(name: str, work: Path) -> bool:
    learned = work / "learned.yml"
    data = [*read_by_rasa(), *([str(learned)] if learned.exists() else [])]
    command = ["setup.rasa_training", "train", "--force", "--skip-validation"]
    command += ["--fixed-model-name", name, "--out", str(work), "--data", *data]
    # Rasa keeps what it trains for the next time; of lessons nothing is to be kept there.
    return _run(command, work / "model.log", RASA_CACHE_DIRECTORY=str(work / "cache"))


def _meaning(name: str, work: Path, lessons: Sequence[Lesson]) -> bool:
    folder, further = work / "meaning" / name, risks(lessons)
    current = current_model()
    if not further and current is not None and is_trained():
        # Learned from the same examples it would come out the same.
        shutil.copytree(MODELS / "meaning" / current.name.removesuffix(".tar.gz"), folder)
        return True
    words = json.dumps(further).encode()
    arguments = ["setup.candidate", "--meaning", str(folder)]
    return _run(arguments, work / "meaning.log", given=words)


def _run(arguments: list[str], log: Path, given: bytes = b"", **variables: str) -> bool:
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "OMP_NUM_THREADS": "1",
        **variables,
    }
    with log.open("wb") as said:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", *arguments],
            cwd=ROOT,
            input=given,
            stdout=said,
            stderr=said,
            env=environment,
        )
    return done.returncode == 0


def learn_meaning(folder: Path, further: Sequence[tuple[str, str]]) -> None:
    """Train the meaning layer from its examples and further ones, label and text."""
    # Imported here: `nlu` and `risks` are used where no learner is installed.
    from language.kept_vectors import KeptEncoder
    from safety.train_meaning import LIMITS, encoded, fit, labelled, save

    pairs = [*labelled(), *((str(label), str(text)) for label, text in further)]
    save(fit(encoded(pairs, KeptEncoder())), LIMITS, folder)


def main(arguments: Sequence[str]) -> int:
    """Train; 1 when it failed."""
    given = json.load(sys.stdin)
    if arguments[0] == "--meaning":
        learn_meaning(Path(arguments[1]), given)
        return 0
    os.nice(GENTLE)
    # Asked to end, it ends as after an error, and leaves no lessons behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    name, folder = arguments
    return 0 if train(name, Path(folder), given) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
