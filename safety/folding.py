"""Folds the many ways to write a letter into a to z: styles, lookalikes, marks, emoji."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Everything a plain keyboard produces: such text needs no folding at all.
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")
_BLANKS = re.compile(r"[^\S\n]+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_EXTRA = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "…": "...", "＇": "'"})


class Folder:
    """Turns raw text into lower-case ASCII-like text, and emoji into words.

    Args:
        lookalikes: letter to the Latin letter it imitates.
        emoji: emoji to its name.
    """

    def __init__(self, lookalikes: Mapping[str, str], emoji: Mapping[str, str]) -> None:
        self._letters = {ord(k): v for k, v in lookalikes.items()} | _EXTRA
        self._emoji = emoji
        self._any_emoji = re.compile("|".join(map(re.escape, sorted(emoji, key=len)[::-1])))

    def fold(self, raw: str) -> tuple[str, tuple[str, ...]]:
        """The folded text, and the names of the emoji in it."""
        names: list[str] = []
        text = raw
        if not _PLAIN.match(text):
            names = [self._emoji[e] for e in self._any_emoji.findall(text)]
            text = self._any_emoji.sub(lambda m: f" {self._emoji[m[0]]} ", text)
            text = self._strip(text.translate(_EXTRA))
        text = _PARAGRAPH.sub(" . ", text.lower())
        return _BLANKS.sub(" ", text.replace("\n", " ")), tuple(names)

    def _strip(self, text: str) -> str:
        text = unicodedata.normalize("NFKD", text).lower()
        kept = (c for c in text if unicodedata.category(c) not in ("Mn", "Cf", "Me"))
        return "".join(kept).translate(self._letters)
