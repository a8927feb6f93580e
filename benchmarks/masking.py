"""`make masking`: how many identifiers masking finds, and how often it hides what is none.

The messages are those of tests/store/identifiers, in which each identifier is marked as
{kind:words}. False alarms are counted on the training questions of data/nlu: few of them hold a
name or a date, so that the count is the most that it can be.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from setup.code_print import ROOT
from store.masking import identifiers, masked

FOLDER = ROOT / "tests" / "store" / "identifiers"
STRUCTURED, NAMES = FOLDER / "structured.txt", FOLDER / "names.txt"
_MARKED = re.compile(r"\{([a-z-]+):(.*?)\}")
_EXAMPLE_MARK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
_OF_DIGITS = frozenset({"phone", "ssn", "card", "number", "date"})
"""Kinds of which the digits must not be read; words between them may be."""


@dataclass(frozen=True)
class Marked:
    """A message in which it is known what identifies somebody."""

    text: str
    spans: tuple[tuple[str, int, int], ...]
    """Kind, start and end of each identifier."""

    def missed(self) -> list[str]:
        """Return the kinds of the identifiers of which something can still be read."""
        covered: set[int] = set()
        for found in identifiers(self.text):
            covered.update(range(found.start, found.end))
        return [kind for kind, *span in self.spans if not self._telling(kind, *span) <= covered]

    def _telling(self, kind: str, start: int, end: int) -> set[int]:
        places = {place for place in range(start, end) if self.text[place].isalnum()}
        digits = {place for place in places if self.text[place].isdigit()}
        return digits if digits and kind in _OF_DIGITS else places


def read(path: Path) -> list[Marked]:
    """Return the messages of a file, one a line; lines that begin with # say what it is."""
    lines = path.read_text("utf-8").splitlines()
    return [_marked(line) for line in lines if line and not line.startswith("#")]


def _marked(line: str) -> Marked:
    text, spans, last = "", [], 0
    for mark in _MARKED.finditer(line):
        text += line[last : mark.start()]
        spans.append((mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        last = mark.end()
    return Marked(text + line[last:], tuple(spans))


def questions() -> list[str]:
    """Return the training questions."""
    return list(_questions())


def _questions() -> Iterator[str]:
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for part in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in part.get("examples", "").splitlines():
                if words := _EXAMPLE_MARK.sub(r"\1", line.strip().removeprefix("- ")):
                    yield words


def recall(messages: list[Marked]) -> tuple[int, Counter[str], Counter[str]]:
    """Return the number of messages, and identifiers and missed ones by kind."""
    there = Counter(kind for message in messages for kind, *_ in message.spans)
    return len(messages), there, Counter(kind for message in messages for kind in message.missed())


def main() -> int:
    """Print the figures."""
    for title, path in (("structured identifiers", STRUCTURED), ("names", NAMES)):
        count, there, missed = recall(read(path))
        share = 1 - missed.total() / there.total()
        sys.stdout.write(f"{title}: {there.total()} in {count} messages, {share:.1%} hidden\n")
        for kind in sorted(there):
            sys.stdout.write(f"  {kind:8} {there[kind] - missed[kind]:4} of {there[kind]}\n")
    asked = questions()
    hidden = [masked(text) for text in asked if identifiers(text)]
    share = len(hidden) / len(asked)
    sys.stdout.write(
        f"questions in which something is hidden: {len(hidden)} of {len(asked)} ({share:.2%})\n"
    )
    for text in hidden:
        sys.stdout.write(f"  {text[:100]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
