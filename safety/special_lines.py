"""Finds the crisis line that is for some people only: a child, a veteran, a new parent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from safety.data import DATA, SafetyDataError, read
from safety.matching import any_matches, stretches
from safety.normalise import Normaliser, load_normaliser
from safety.patterns import Pattern, PatternError, parse
from safety.risk import CATEGORIES, Risk
from safety.rules import load_words

#: Ids of their texts begin so.
PREFIX = "crisis_line_"


@dataclass(frozen=True)
class SpecialLine:
    """A line for some people.

    Attributes:
        answer_id: the text that names it.
        categories: the findings it goes with; none means all.
        patterns: one of them must be in the message; none means any message.
    """

    answer_id: str
    categories: frozenset[str]
    patterns: tuple[Pattern, ...]


class SpecialLines:
    """All such lines, the first that fits before the others."""

    def __init__(self, lines: tuple[SpecialLine, ...], normaliser: Normaliser) -> None:
        """Choose among these lines."""
        self.lines, self._normaliser = lines, normaliser

    def choose(self, text: str, risk: Risk, said: Collection[str] = ()) -> str | None:
        """The id of the text to add for a finding, or None.

        Args:
            text: the message in which it was found.
            risk: the finding.
            said: ids of texts that the conversation has seen; none is shown twice.
        """
        parts = list(stretches(self._normaliser.normalise(text).text))
        for line in self.lines:
            if line.categories and risk.category not in line.categories:
                continue
            if not line.patterns or any(any_matches(line.patterns, part) for part in parts):
                return None if line.answer_id in said else line.answer_id
        return None


@lru_cache(maxsize=1)
def special_lines() -> SpecialLines:
    """The lines of data/safety/special_lines.yml, ready to use.

    Raises:
        SafetyDataError: the file cannot be used.
    """
    named = load_words()
    lines = []
    for entry in read(DATA / "special_lines.yml", "special_lines"):
        categories = frozenset(entry.get("categories", ()))
        if not categories <= set(CATEGORIES):
            raise SafetyDataError(f"special line {entry['id']}: unknown category")
        try:
            patterns = tuple(parse(source, named) for source in entry.get("patterns", ()))
        except PatternError as error:
            raise SafetyDataError(f"special line {entry['id']}: {error}") from error
        lines.append(SpecialLine(PREFIX + entry["id"], categories, patterns))
    return SpecialLines(tuple(lines), load_normaliser())
