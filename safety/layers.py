"""Puts the two layers of risk detection together, as a center has chosen."""

from __future__ import annotations

from pathlib import Path

from safety.meaning import FOLDER, Meaning, MeaningError
from safety.screen import Screen, load_screen

RULES, RULES_AND_MEANING = "rules", "rules+meaning"
_CURRENT = FOLDER.parent / "current"


def current_folder() -> Path:
    """The folder of the meaning layer that was trained together with the model in use."""
    return FOLDER / _CURRENT.read_text("utf-8").strip() if _CURRENT.exists() else FOLDER


def load_layers(detection: str, folder: Path | None = None) -> tuple[Screen, bool]:
    """The screen that a center has chosen.

    Args:
        detection: `rules` or `rules+meaning` (center.yml; docs/privacy.md says why one may choose).
        folder: where the meaning layer lies; by default the one of the model in use.

    Returns:
        The screen, and whether it is whole: False when meaning was chosen and cannot run, so that
        what it finds nothing in counts as unscreened.

    Raises:
        SafetyDataError: a file of data/safety cannot be used.
    """
    if detection == RULES:
        return load_screen(), True
    try:
        return load_screen(Meaning.load(folder or current_folder())), True
    except MeaningError:
        return load_screen(), False
