"""Runs many patterns over one stretch of normalised text, quickly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safety.patterns import Lookup, Pattern

#: A stretch is this many words; longer texts are read in overlapping stretches.
STRETCH = 90
OVERLAP = 30


@dataclass(frozen=True)
class Stretch:
    """A part of a text that is matched as a whole."""

    text: str
    words: frozenset[str]

    def sentence(self, position: int) -> tuple[int, int]:
        """Start and end of the sentence that holds a position."""
        start = max(self.text.rfind(mark, 0, position) for mark in (". ", "? "))
        ends = [i for i in (self.text.find(m, position) for m in (" .", " ?")) if i >= 0]
        return start + 1, min(ends, default=len(self.text))


def stretches(text: str) -> Iterator[Stretch]:
    """Overlapping parts of a normalised text; one for a message of usual length."""
    words = text.split()
    for start in range(0, max(len(words) - OVERLAP, 1), STRETCH - OVERLAP):
        part = words[start : start + STRETCH]
        yield Stretch(f" {' '.join(part)} ", frozenset(part))


class Matcher:
    """The patterns of several owners (rules or contexts), looked up together.

    Args:
        owned: for each owner its patterns.
    """

    def __init__(self, owned: Sequence[Sequence[Pattern]]) -> None:
        pairs = [(owner, p) for owner, patterns in enumerate(owned) for p in patterns]
        self._owners = [owner for owner, _ in pairs]
        self._patterns = [pattern for _, pattern in pairs]
        self._lookup = Lookup(self._patterns)

    def find(self, stretch: Stretch) -> Iterator[tuple[int, int, int]]:
        """Number of the owner, start and end, for each place that matches."""
        for number in self._lookup.candidates(stretch.words):
            for match in self._patterns[number].regex.finditer(stretch.text):
                yield self._owners[number], match.start(), match.end()


def any_matches(patterns: Sequence[Pattern], stretch: Stretch) -> bool:
    """True when one of the patterns is in the stretch."""
    return any(pattern.regex.search(stretch.text) for pattern in patterns)
