"""The one place where text from outside is made safe to read."""

from __future__ import annotations

import re
import unicodedata

# Control characters except newline and tab, zero-width characters, byte-order mark, and the
# bidirectional overrides that can make a text look like another one (Unicode TR36, section 2).
# The zero-width joiner stays: family and flag emoji are built with it.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffc\ud800-\udfff]"
)
_LINE_BREAKS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r" ?\n ?(?:\n ?){2,}")
_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u00b4": "'", "\u201c": '"', "\u201d": '"'}
)


def clean(text: str) -> str:
    """Return a message as a person would see it.

    Composed Unicode (NFC), line breaks as newlines, straight quotes, single blanks; without
    control, zero-width and bidirectional characters and lone surrogates.

    Args:
        text: Any string, of any length.

    Returns:
        The cleaned text; empty when nothing readable is left.
    """
    text = _LINE_BREAKS.sub("\n", text)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).translate(_QUOTES)
    text = _BLANKS.sub(" ", text)
    return _MANY_LINES.sub("\n\n", text).strip()


def has_words(text: str) -> bool:
    """Say whether a text holds at least one letter or digit of any script."""
    return any(character.isalnum() for character in text)
