"""Text as the search compares it: without case and accents, letters and digits alone."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ASCII = {code: " " for code in range(128) if not chr(code).isalnum()}


def folded(text: str) -> str:
    """Return a text in small plain letters, with blanks for all that is neither letter nor digit.

    Every character keeps its place, so that what was found here can be marked in the text itself.
    """
    if text.isascii():
        return text.lower().translate(_ASCII)
    return "".join(map(_folded, text))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0].lower()[0]
    return base if base.isalnum() else " "
