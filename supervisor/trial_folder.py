"""A folder for a copy of the log, which a release is tried on: its owner's alone, for minutes."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "trial-"
"""How folders in the state begin that are only for as long as an upgrade lasts."""
MODELS = f"{PREFIX}models"
"""The one of a learned model that is kept aside, over several commands, so that nobody locks it."""
_UPGRADE_SECONDS = 86_400
"""Longer than any upgrade."""


def remove_left(state: Path) -> None:
    """Remove copies that a trial has left which was cut off; one that runs keeps its own."""
    for folder in state.glob(f"{PREFIX}*"):
        if folder.name == MODELS and time.time() - folder.stat().st_mtime < _UPGRADE_SECONDS:
            continue
        with _opened(folder) as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Give a descriptor of a folder, for a lock."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def private_folder(state: Path) -> Iterator[Path]:
    """Give a folder that only its owner may enter, and remove it with all that is in it."""
    remove_left(state)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=state))
    with _opened(folder) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
