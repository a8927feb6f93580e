"""Texts as people write them in the console, and the parts that they are made of.

A line is a part; an empty line begins a new paragraph; a line that begins with "else:" is said
instead of the line above it when a fact of that one is not set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from answers.catalogue import Part

ELSE = "else:"
LONGEST = 6000
"""Characters of one text, more than any can need."""


class WritingError(ValueError):
    """A text that cannot be read; the message says which line and why."""


NOTHING_BEFORE = "Line {line} begins with “else:”, but there is no line above it to stand for."


def written(parts: Sequence[Part]) -> str:
    """Return parts as a text to be edited."""
    lines = []
    for part in parts:
        lines.append(part.say)
        if part.otherwise:
            lines.append(f"{ELSE} {part.otherwise}")
    return "\n".join(lines)


def read(text: str) -> tuple[Part, ...]:
    """Return the parts of a text that somebody has written.

    Raises:
        WritingError: An "else:" stands for no line.
    """
    parts: list[Part] = []
    for number, raw in enumerate(text.strip().splitlines(), 1):
        line = " ".join(raw.split())
        if not line.lower().startswith(ELSE):
            # Two empty lines in a row are one paragraph's end all the same.
            if line or (parts and parts[-1].say):
                parts.append(Part(line))
            continue
        if not parts or not parts[-1].say or parts[-1].otherwise:
            raise WritingError(NOTHING_BEFORE.format(line=number))
        parts[-1] = Part(parts[-1].say, line[len(ELSE) :].strip())
    return tuple(parts)


def packed(parts: Sequence[Part]) -> list[dict[str, str]]:
    """Return parts as the store keeps them."""
    return [{"say": part.say, "else": part.otherwise} for part in parts]


def unpacked(kept: Sequence[Mapping[str, Any]]) -> tuple[Part, ...]:
    """Return the parts that the store has kept."""
    return tuple(Part(str(each["say"]), str(each.get("else") or "")) for each in kept)
