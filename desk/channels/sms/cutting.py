"""One message an answer, two segments at most: a menu in numbers, and "Reply MORE" for the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answers.sms import segments
from desk.channels.sms.letters import in_gsm7

MOST = 2
"""Segments of one message."""
LONGEST = 1600
"""Characters that Twilio takes in one message (error 21617)."""
MORE = "Reply MORE for the rest."
HOW = "Reply with a number."
_LEAST = 40
_SENTENCE = re.compile(r"[.!?][\"')]*\s+|\n+")
_WORD = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Page:
    """What is sent, and what waits."""

    text: str
    rest: str | None = None
    menu: Mapping[str, str] | None = None
    """Ids of the choices by number."""


def page(text: str, buttons: Sequence[Mapping[str, str]] = (), first: int = 1) -> Page:
    """Return the first page of an answer.

    Args:
        text: What is said.
        buttons: Choices, each a title and an id. As many are offered as there is room for: on
            paper they would need a third segment, and people can write what they want.
        first: The first one's number.
    """
    said = in_gsm7(text)
    if segments(said) > MOST:
        return _first_part(said)
    for count in range(len(buttons), 0, -1):
        menu = {str(first + n): buttons[n]["id"] for n in range(count)}
        titles = (f"{first + n} {in_gsm7(buttons[n]['title'])}" for n in range(count))
        whole = "\n".join((said, *titles, HOW))
        if segments(whole) <= MOST:
            return Page(whole, None, menu)
    return Page(said)


def _first_part(text: str) -> Page:
    ends = [found.end() for found in _SENTENCE.finditer(text)]
    ends += [found.end() for found in _WORD.finditer(text)] if not _fitting(text, ends) else []
    end = max(_fitting(text, ends), default=_hard_end(text))
    return Page(f"{text[:end].strip()}\n{MORE}", text[end:].strip())


def _fitting(text: str, ends: Sequence[int]) -> list[int]:
    return [end for end in ends if end >= _LEAST and _fits(text, end)]


def _fits(text: str, end: int) -> bool:
    return segments(f"{text[:end].strip()}\n{MORE}") <= MOST


def _hard_end(text: str) -> int:
    """Return where a text without a gap is cut."""
    end = len(text)
    while end > 1 and not _fits(text, end):
        end = end * 3 // 4
    return end


def whole(text: str) -> Page:
    """Return what a person of staff has written: not cut for its price, only at Twilio's limit."""
    said = in_gsm7(text)
    if len(said) <= LONGEST:
        return Page(said)
    room = LONGEST - len(MORE) - 1
    end = max((found.start() for found in _WORD.finditer(said[:room])), default=room)
    return Page(f"{said[:end].strip()}\n{MORE}", said[end:].strip())
