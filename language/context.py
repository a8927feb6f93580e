"""Messages that mean something only beside the one before: follow-ups and corrections."""

from __future__ import annotations

import re

FEW_WORDS, SHORT = 3, 6
"""A message of few words leans on the one before; so may a short one, but not one that says more:
the longer message before would drown it."""
_LOOKED_BACK = 25
"""Words of the message before that are read together with a follow-up."""
_OPENING = r"(?:ok(?:ay)?|oh|yes|yeah|sure|alright|great|thanks|thx|well|hmm|um)[,. ]+"
_BEFORE_IT = re.compile(rf"^(?:{_OPENING})+")
_CONNECTOR = re.compile(
    r"^(?:and|what about|how about|what if|or|also|even|then|for|from|in|with|"
    r"but|same|so|any|why|if)\b"
)
_REFERENCE = re.compile(
    r"\b(?:it|its|it's|that|thats|that's|this|they|them|those|these|one|both)\b"
)
_CORRECTION = re.compile(
    rf"^(?:{_OPENING})*(?:no+|nope|nah|sorry|wait|actually)?[,. ]*(?:no|wait|sorry|actually)?[,. ]*"
    r"(?:i (?:really |just |actually )?"
    r"(?:meant?|was asking|am asking|asked|want to know)(?: about)?"
    r"|not that[,. ]+(?:but )?)[,: ]+(?P<meant>.+)$",
    re.DOTALL,
)
_DENIAL = re.compile(r"^(?:no+|nope|nah|wait|sorry|actually)[,. ]+(?P<meant>.+)$", re.DOTALL)
_HALF = re.compile(r"^(?P<meant>.+?),? (?:and )?not (?:the |an? |that |this |my )?\w+$")


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split()).strip(" ?!.,")


def leans_back(text: str) -> bool:
    """Say whether a message has the form of a follow-up ("and for teens?", "how much is that")."""
    plain = _BEFORE_IT.sub("", _plain(text))
    words = plain.split()
    if not words or len(words) > SHORT:
        return False
    return bool(len(words) <= FEW_WORDS or _CONNECTOR.match(plain) or refers_back(plain))


def refers_back(text: str) -> bool:
    """Say whether a message speaks of something by "it", "that" or the like."""
    return _REFERENCE.search(_plain(text)) is not None


def together(before: str, text: str) -> str:
    """Return a follow-up as it is read together with the message before it."""
    return f"{' '.join(before.split()[-_LOOKED_BACK:])} {text}"


def meant(text: str) -> str | None:
    """Return what a correction says was meant ("no, i meant online" -> "online"), else None."""
    plain = _plain(text)
    for form in (_CORRECTION, _DENIAL, _HALF):
        found = form.match(plain)
        if found:
            return found["meant"].strip(" ,.:")
    return None


def readings(before: str | None, text: str) -> tuple[str, ...]:
    """Return the further texts as which a message is read beside itself.

    Args:
        before: The person's message before, if there was one in this conversation.
        text: The message.

    Returns:
        At most two texts: what a correction meant, and a follow-up with the message before.
    """
    found = [meant(text)]
    if before and before != text and leans_back(text):
        found.append(together(before, text))
    return tuple(filter(None, found))
