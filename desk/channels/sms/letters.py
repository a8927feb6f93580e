"""Texts in the letters of GSM-7: one other sign more than halves what a segment holds."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from answers.sms import GSM7, GSM7_DOUBLE

_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")
_SIGNS = {"•": "-", "·": "-", "→": "-", "✓": "", "–": "-", "—": "-"}


def in_gsm7(text: str) -> str:
    """Return a text in the letters of GSM-7; what is a picture alone is left out."""
    letters = "".join(map(_letter, unicodedata.normalize("NFC", text)))
    lines = (_SPACES.sub(" ", line).strip() for line in letters.split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def _letter(letter: str) -> str:
    if letter in GSM7 or letter in GSM7_DOUBLE:
        return letter
    if letter in _SIGNS:
        return _SIGNS[letter]
    if unicodedata.category(letter) in ("So", "Sk", "Cs", "Co", "Cn", "Cf", "Cc"):
        return " " if letter.isspace() else ""
    plain: str = anyascii(letter)
    return "".join(each for each in plain if each in GSM7 or each in GSM7_DOUBLE)
