"""Who a message is about, and how old: read from words of kinship and from numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Doc

Found = tuple[str, str, int, int]
"""Label, canonical value, start and end (characters)."""

_KIN = {
    "child": "son daughter kid kids child children stepson stepdaughter teen teenager boy girl",
    "spouse": "husband wife spouse partner fiance fiancee boyfriend girlfriend bf gf hubby",
    "parent": "mom mother dad father mum mama papa parent parents stepmom stepdad",
    "sibling": "brother sister bro sis sibling twin",
    "friend": "friend friends roommate neighbor coworker colleague buddy",
    "relative": "cousin aunt uncle niece nephew grandson granddaughter grandma grandpa",
    "client": "client patient",
}
_WHO = {word: who for who, words in _KIN.items() for word in words.split()}
_POSSESSIVE = frozenset({"my", "our", "his", "her", "their", "a", "the", "ur", "me"})
_AGE = re.compile(
    r"\b(?:(?:i'?m|im|i am|he'?s|she'?s|he is|she is|is|age|aged|turned|turning)\s+(\d{1,2})\b"
    r"(?!\s*(?:%|weeks?|months?|days?|hours?|minutes?|mins?|hrs?|am|pm|:|/|dollars|bucks|st|nd|rd|th))"
    r"|(\d{1,2})[\s-]*(?:years?[\s-]*old|yrs?[\s-]*old|y\.?o\b|yo\b|year old))",
    re.IGNORECASE,
)
ADULT_AGE = 18
_MINOR = frozenset("teen teenager teens teenage minor adolescent adolescents kid kids".split())


def find_people(document: Doc) -> Iterator[Found]:
    """Yield who the message is about (`about`), ages (`age`) and signs of a minor (`minor`)."""
    for token in document:
        word = token.lower_
        if word in _WHO and token.i and document[token.i - 1].lower_ in _POSSESSIVE:
            yield "about", _WHO[word], token.idx, token.idx + len(token)
        if word in _MINOR:
            yield "minor", "yes", token.idx, token.idx + len(token)
    for match in _AGE.finditer(document.text):
        age = int(match[1] or match[2])
        yield "age", str(age), match.start(), match.end()
        if age < ADULT_AGE:
            yield "minor", "yes", match.start(), match.end()
