"""The closed lists of data/lookups as plain Python: what a center's own words are called there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "data" / "lookups"
_KIND = " therapy"


def _lines(examples: str) -> list[str]:
    return [line.removeprefix("- ").strip() for line in examples.splitlines() if line.strip()]


@lru_cache(maxsize=2)
def closed_lists(folder: Path = FOLDER) -> Mapping[str, Mapping[str, str]]:
    """Return each label's names and aliases, in small letters, with the name that stands for them.

    Args:
        folder: Files of Rasa's lookup tables, each followed by the synonyms of its names.
    """
    lists: dict[str, dict[str, str]] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(folder.glob("*.yml")):
        label = ""
        for entry in yaml.load(path.read_text("utf-8"), Loader=loader)["nlu"]:
            lines = _lines(entry["examples"])
            if "lookup" in entry:
                label = entry["lookup"]
                lists.setdefault(label, {}).update({name.lower(): name for name in lines})
            else:
                lists[label].update({alias.lower(): entry["synonym"] for alias in lines})
    return lists


def canonical(label: str, words: str) -> str:
    """Return what a closed list calls something, or the words themselves if it has no such name.

    Args:
        label: An entity's label, such as "therapy".
        words: A name as the center wrote it; "ACT" and "ACT therapy" are the same.
    """
    known, asked = closed_lists().get(label, {}), words.strip().lower()
    for form in (asked, f"{asked}{_KIND}", asked.removesuffix(_KIND)):
        if form in known:
            return known[form]
    return words.strip()
