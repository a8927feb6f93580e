"""Secrets: from the environment, or from a file of the secrets' folder; never from a setting."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def read_secret(name: str, environment: Mapping[str, str], folder: Path) -> str | None:
    """Return a secret, or None when there is none of that name.

    Args:
        name: The variable's name, which is also the file's.
        environment: Variables, such as os.environ; an empty one counts as unset.
        folder: Where files with secrets lie, each holding one, perhaps with a line's end.
    """
    value = environment.get(name, "").strip()
    if value:
        return value
    try:
        return (folder / name).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
