"""The intents as reviewers find them: title, what it means, where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from answers.catalogue import load_catalogue
from answers.grouping import definitions


@dataclass(frozen=True)
class Intent:
    """One intent."""

    name: str
    title: str
    meaning: str
    border: str


@lru_cache(maxsize=1)
def intents() -> dict[str, Intent]:
    """Return all intents by name, in the order of docs/intents.md."""
    titles = load_catalogue().titles
    return {
        name: Intent(name, titles.get(name, name), meaning, border)
        for name, (meaning, border) in definitions().items()
    }


def title(name: str | None) -> str:
    """Return an intent's title; its name where it has none."""
    found = intents().get(name or "")
    return found.title if found else name or "nothing"


def named(words: str) -> str | None:
    """Return the intent that somebody has named, by its name or its title, or None."""
    wanted = " ".join(words.split()).casefold()
    for each in intents().values():
        if wanted in (each.name.casefold(), each.title.casefold()):
            return each.name
    return None


def all_named(words: Sequence[str]) -> tuple[str, ...] | None:
    """Return the intents that somebody has named, each once; None for none, or an unknown one."""
    found = tuple(dict.fromkeys(named(each) or "" for each in words))
    return found if found and "" not in found else None
