"""Cuts a message into the stretches whose meaning is looked at."""

from __future__ import annotations

import math
import re

#: Of a longer message both ends are read, so many characters each.
END = 2_000
#: No message costs more runs of the encoder than this.
MAX_WINDOWS = 12

_BREAK = re.compile(r"(?<=[.!?…])\s+|\n+")
_LONG, _PIECE = 40, 25  # words: an unpunctuated run over _LONG is read in pieces of about _PIECE


def windows(text: str) -> list[str]:
    """The whole text first, then runs of one to three sentences; at most `MAX_WINDOWS`."""
    if len(text) > 2 * END:
        text = f"{text[:END]}\n{text[-END:]}"
    parts = _sentences(text)
    if len(parts) < 2:
        return [text]
    found = [text]
    width = math.ceil(len(parts) / (MAX_WINDOWS - 1))
    found += [" ".join(parts[i : i + width]) for i in range(0, len(parts), width)]
    if width == 1:
        for run in range(2, min(3, len(parts) - 1) + 1):
            found += [" ".join(parts[i : i + run]) for i in range(len(parts) - run + 1)]
    return found[:MAX_WINDOWS]


def _sentences(text: str) -> list[str]:
    parts = []
    for sentence in filter(None, map(str.strip, _BREAK.split(text))):
        words = sentence.split()
        pieces = math.ceil(len(words) / _PIECE) if len(words) > _LONG else 1
        width = math.ceil(len(words) / pieces)
        parts += [" ".join(words[i : i + width]) for i in range(0, len(words), width)]
    return parts
