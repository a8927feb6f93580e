"""`make train`: Rasa's model and the meaning layer of safety, together, under one id.

Runs in the brain's environment. Skipped when data, configuration and code did not change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import NoReturn

from setup import errors
from setup.code_print import ROOT, TRAINED_BY, fingerprint
from setup.machine import first_to_go, processors

MODELS = ROOT / "models"
CURRENT = MODELS / "current"
"""Holds the id of the model in use."""
LOG = ROOT / "state" / "train.log"
MODELS_KEPT = 3
GENTLY, GENTLE = "--gently", 10
"""Argument for a training beside those who answer people; how far they come first (nice(1))."""
ENCODER = "setup/encoder.py"
"""Makes the encoder: another one gives other vectors, of messages and of questions of answers."""
_INPUTS = ("data", "config.yml", "domain.yml", "requirements/brain.txt", ENCODER, *TRAINED_BY)


def made_from() -> str:
    """Return the fingerprint of everything that shapes the model."""
    return fingerprint([ROOT / name for name in _INPUTS])


def current_model() -> Path | None:
    """Return the file of the model in use, if it is there."""
    if not CURRENT.exists():
        return None
    path = MODELS / f"{CURRENT.read_text('utf-8').strip()}.tar.gz"
    return path if path.exists() else None


def is_trained() -> bool:
    """Say whether the model in use was made from the present data, configuration and code."""
    model = current_model()
    stamp = MODELS / "made_from"
    return model is not None and stamp.exists() and stamp.read_text("utf-8") == made_from()


def _run(module: str, *arguments: str) -> None:
    with LOG.open("ab") as log:
        command = [sys.executable, "-m", module, *arguments]
        environment = {
            **os.environ,
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            # Two learners share the cores: threads of their own would only wait for each other.
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, env=environment)
    if done.returncode:
        _fail()


def _fail() -> NoReturn:
    sys.stderr.write(LOG.read_text("utf-8", "replace")[-4000:])
    raise SystemExit(errors.TRAINING_FAILED.format(file=LOG.relative_to(ROOT)))


def train() -> str:
    """Train both under a new id and put them in use, whole or not at all.

    Returns:
        The id.

    Raises:
        SystemExit: Training failed; the message names the file with its own words.
    """
    before = made_from()
    name = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
    LOG.parent.mkdir(mode=0o700, exist_ok=True)
    LOG.write_bytes(b"")
    rasa = ("setup.rasa_training", "train", "--force", "--skip-validation")
    # Rasa gets going while the messages are encoded, and waits for them where it needs them.
    encoding = _start_encoding()
    # On one processor one after the other: side by side they are no faster, and need 1.2 GB of
    # memory instead of 0.85.
    with ThreadPoolExecutor(3 if processors() > 1 else 1) as pool:
        named = ("--fixed-model-name", name, "--out", str(MODELS), "--data", *read_by_rasa())
        meaning = pool.submit(_learn_meaning, encoding, MODELS / "meaning" / name)
        model = pool.submit(_run, *rasa, *named)
        passages = pool.submit(ensure_passages)
        for part in (meaning, model, passages):
            part.result()
    unfinished = MODELS / "current.unfinished"
    unfinished.write_text(name + "\n", "utf-8")
    unfinished.replace(CURRENT)
    (MODELS / "made_from").write_text(before, "utf-8")
    _prune()
    return name


def read_by_rasa() -> list[str]:
    """Return what Rasa learns from: the parts of data/ that are its own."""
    # Rasa would parse the safety rules only to find that they are none of its own.
    return [str(path) for path in sorted((ROOT / "data").iterdir()) if path.name != "safety"]


def _start_encoding() -> subprocess.Popen[bytes]:
    # Imported here: the start of the assistant asks this module, and needs no encoder for that.
    from language import kept_vectors

    descriptor = kept_vectors.hold_readers_back()
    try:
        with LOG.open("ab") as log:
            command = [sys.executable, "-W", "ignore", "-m", "setup.vectors"]
            return subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, pass_fds=[descriptor]
            )
    finally:
        os.close(descriptor)


def _learn_meaning(encoding: subprocess.Popen[bytes], folder: Path) -> None:
    if encoding.wait():
        _fail()
    _run("safety.train_meaning", str(folder))


def _prune() -> None:
    """Keep the newest models, the one in use among them, for a way back."""
    for old in sorted(MODELS.glob("*.tar.gz"))[:-MODELS_KEPT]:
        shutil.rmtree(MODELS / "meaning" / old.name.removesuffix(".tar.gz"), ignore_errors=True)
        old.unlink()


def _passages_from() -> str:
    return fingerprint([ROOT / "answers", ROOT / "brain" / "passages.py", ROOT / ENCODER])


def passages_are_current() -> bool:
    """Say whether the questions of narrower answers were encoded from the present answers."""
    stamp = MODELS / "passages.made_from"
    return stamp.exists() and stamp.read_text("utf-8") == _passages_from()


def ensure_passages() -> None:
    """Encode the questions of narrower answers when the answers changed; needs no training."""
    if not passages_are_current():
        LOG.parent.mkdir(mode=0o700, exist_ok=True)
        _run("brain.passages")
        (MODELS / "passages.made_from").write_text(_passages_from(), "utf-8")


def main(arguments: Sequence[str] = ()) -> None:
    """Train if something changed.

    Args:
        arguments: `--gently` has whoever answers people come first, and stay when memory is short.
    """
    if GENTLY in arguments:
        os.nice(GENTLE)
        first_to_go()
    if is_trained():
        ensure_passages()
        return
    sys.stderr.write("Training ...\n")
    sys.stderr.flush()
    train()


if __name__ == "__main__":
    main(sys.argv[1:])
