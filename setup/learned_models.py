"""Where models lie: the one of `make train` with the code, learned ones in the state folder.

What a candidate was trained from are lessons of one installation: its models stay with its log.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from setup.train import MODELS, current_model

VARIABLE = "IOP_LEARNED_MODELS"
"""Tells the brain where learned models lie."""
_NAME = re.compile(r"c?[0-9]{8}-[0-9]{6}(-[0-9]{3})?")
_WORK = "work-*"
"""Folders in which one is being trained."""


def folder_of(state: Path) -> Path:
    """Return the folder of learned models in a state folder."""
    return state / "models"


def is_name(name: object) -> bool:
    """Say whether something can be the id of a model."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def file_of(name: str, learned: Path | None) -> Path | None:
    """Return the file of a model, if it is there; learned ones and those of `make train`."""
    if not is_name(name):
        return None
    folders = [MODELS] if learned is None else [learned, MODELS]
    files = [folder / f"{name}.tar.gz" for folder in folders]
    return next((file for file in files if file.exists()), None)


def in_use(name: str | None, learned: Path) -> Path | None:
    """Return the file of the model that is to answer; None is the one of `make train`."""
    return current_model() if name is None else file_of(name, learned)


def meaning_of(name: str | None, learned: Path) -> Path | None:
    """Return the folder of a model's meaning layer; None is the one of `make train`."""
    return None if name is None else learned / "meaning" / name


def names(learned: Path) -> list[str]:
    """Return the learned models that are there."""
    return sorted(file.name.removesuffix(".tar.gz") for file in learned.glob("*.tar.gz"))


def remove(name: str, learned: Path) -> None:
    """Remove the files of a learned model."""
    shutil.rmtree(learned / "meaning" / name, ignore_errors=True)
    (learned / f"{name}.tar.gz").unlink(missing_ok=True)


def remove_half_made(learned: Path) -> None:
    """Remove what a training has left that was cut off."""
    for work in learned.glob(_WORK):
        shutil.rmtree(work, ignore_errors=True)
