"""What a person sent, made safe to read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from language.normalise import clean, has_words

LONGEST = 100_000
"""Characters of one message; longer ones are refused (and screened all the same)."""
READ_BY_BRAIN = 2_000
"""Characters of one message that are understood; all of them are screened and logged."""

# Control characters that part words, which `clean` would remove and so join the words.
_PARTING = re.compile("[\x0b\x0c\x1c-\x1f]")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

Shape = Literal["empty", "emoji", "words"]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is said without asking the brain."""

    answer_id: str
    """A text of the catalogue."""
    text: str | None = None
    """What is said of it instead of the whole, such as its second part."""
    whoever: bool = False
    """Whether it is said though staff have the conversation: what law demands is."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a person: words, or the id of a button that was offered."""

    client_id: str
    text: str = ""
    button: str | None = None
    lines: tuple[Line, ...] = ()
    """Said instead of the brain's answer, where a channel's own rules give it."""
    silent: bool = False
    """Whether it is read for staff alone: the person wants no messages."""
    network: str = ""
    """The network address that it came from, for fairness alone; nothing of it is kept."""


def tidy(text: str) -> str:
    """Return a message as a person would see it: no control, zero-width or bidi characters."""
    return clean(_PARTING.sub(" ", text))


def shape_of(text: str) -> Shape:
    """Say whether a tidied message holds words, emoji alone, or nothing that says anything."""
    if has_words(text):
        return "words"
    return "emoji" if any(unicodedata.category(each) == "So" for each in text) else "empty"


def for_brain(text: str) -> str:
    """Return what of a tidied message the brain reads.

    Leading slashes go: Rasa takes `/restart` or `/any_intent{"x":1}` for commands.
    """
    return text.lstrip("/ \n\t")[:READ_BY_BRAIN].rstrip()


def is_client_id(value: object) -> bool:
    """Say whether a value can be the id that a client gives its message."""
    return isinstance(value, str) and _CLIENT_ID.fullmatch(value) is not None
