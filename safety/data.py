"""Reads the YAML files that the safety room is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

#: Where the rules, word lists and resources live.
DATA = Path(__file__).resolve().parent.parent / "data" / "safety"
# libyaml's loader is ten times faster, and not in every build of PyYAML.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SafetyDataError(ValueError):
    """A file of data/safety cannot be used; the text says which and why."""


def read(path: Path, key: str) -> Any:
    """The value under the one top-level `key` of a safety file.

    Raises:
        SafetyDataError: the file is missing, is not YAML, or has other keys.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, yaml.YAMLError) as error:
        raise SafetyDataError(f"{path.name}: {error}") from error
    if not isinstance(content, dict) or set(content) != {key}:
        raise SafetyDataError(f"{path.name}: expected the one top-level key {key}")
    return content[key]
