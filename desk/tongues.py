"""The language that a conversation is held in, as far as texts are there in it."""

from __future__ import annotations

import re

from language.detect import language_of

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Frequent in English and no Spanish words.
_ENGLISH = frozenset(
    "the an i i'm im am is are was my mine you your we they she it this that there to of and or "
    "but for from with about at on what when where who why how which do does don't did can could "
    "will would want need have please thanks thank yes hello hi hey bye talk call help".split()
)


def spoken_in(text: str, before: str) -> str:
    """Return the language of a conversation after a message of the person.

    A name, a number or "ok" says nothing of it: whoever has begun in Spanish is answered in
    Spanish until they write English.

    Args:
        text: The message, cleaned.
        before: The conversation's language before it, "en" or "es".
    """
    if language_of(text) == "es":
        return "es"
    written = {word.replace("’", "'") for word in _WORDS.findall(text.lower())}
    return "en" if written & _ENGLISH else before
