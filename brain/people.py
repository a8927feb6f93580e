"""Who a message is about, and how old: read from words of kinship and from numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Doc, Token

Found = tuple[str, str, int, int]
"""Label, canonical value, start and end (characters)."""

_KIN = {
    "child": "son daughter kid kids child children stepson stepdaughter teen teenager boy girl "
    "daugther daughters sons",
    "spouse": "husband wife spouse partner fiance fiancee boyfriend girlfriend bf gf hubby fiancé "
    "fiancée",
    "parent": "mom mother dad father mum mama papa parent parents stepmom stepdad mommy daddy",
    "sibling": "brother sister bro sis sibling twin brothers sisters siblings stepbrother "
    "stepsister",
    "friend": "friend friends roommate neighbor coworker colleague buddy bestie",
    "relative": "cousin aunt uncle niece nephew grandson granddaughter grandma grandpa "
    "grandmother grandfather",
    "client": "client patient",
}
_WHO = {word: who for who, words in _KIN.items() for word in words.split()}
_POSSESSIVE = frozenset({"my", "our", "his", "her", "their", "a", "the", "ur", "me"})
_OWN = frozenset({"my", "our"})
_SELF = frozenset("i im me myself ive".split())
_AS_FAR_BACK = 5
"""Tokens between "my" and "brother" in "my 16 year old little brother"."""

_KIN_WORDS = "|".join(sorted({*_WHO, "who", "he", "she"}, key=len, reverse=True))
_NO_AGE = (
    r"(?![\d.,]*\d)(?!\s*(?:%|percent|weeks?|wks?|months?|mos?|days?|hours?|minutes?|mins?|hrs?|"
    r"am\b|pm\b|:|dollars|bucks|st\b|nd\b|rd\b|th\b|of\b|to\b|step|times?|sessions?|people|'|"
    r"years?(?!\s*-?old)|/\s*\d|-\s*\d))"
)
_TEEN_NUMBERS = {
    word: number
    for number, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
        start=10,
    )
}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(_TEEN_NUMBERS)})"
_AGE = re.compile(
    rf"\b(?:(?:i'?m|i am|he'?s|she'?s|(?:{_KIN_WORDS})(?:'s|s)?(?:\s+is|\s+just)?[,\s]*\(?"
    rf"|(?:boy|girl|pupil|student|child|kid|son|daughter) of"
    r"|is age|aged?|turned|turns|turning|is turning|is almost|is only)\s*(?:almost\s+|only\s+)?"
    rf"{_NUMBER}(?:\s?/?\s?[fm])?\b{_NO_AGE}"
    rf"|{_NUMBER}[\s-]*(?:years?[\s-]*old|yrs?[\s-]*old|yr\b|y[./]?o\b|yo\b))",
    re.IGNORECASE,
)
_IN_THE_PAST = re.compile(r"\b(?:since|from|at|when|was|were|been)\s+(?:\w+\s+){0,2}$", re.I)
_NOT_YET = re.compile(r"\b(?:turns|turning|almost)\b", re.IGNORECASE)
_SMALL_CHILD_AT_HOME = re.compile(r"\b(?:have|has|got|with)\s+(?:a|an|my|two)?\s*$", re.IGNORECASE)
_SCHOOL = re.compile(
    r"\b(?:under (?:18|eighteen|age)|18 and under|not 18 yet|not yet 18|underage"
    r"|1[0-7]\s?/?\s?[fm]\b|(?:high|middle|junior high) ?schooler"
    r"|(?:is|'s|im|am|i'm) in (?:high|middle|junior high) school"
    r"|(?:[6-9]th|1[0-2]th|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)[\s-]graders?"
    r"|in (?:[6-9]th|1[0-2]th|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth) grade"
    r"|(?:hs|high school) (?:kid|student)s?|young person|minor child"
    r"|(?:freshman|sophomore|junior|senior) in (?:high|hs)\b)",
    re.IGNORECASE,
)
_GROWN = re.compile(r"\b(?:kids?|he|she|hes|shes)(?:'s)?(?:\s+is)?[,\s]+(\d{1,2})\b", re.IGNORECASE)
_ANY_AGE = frozenset({"kid", "kids"})
ADULT_AGE = 18
_SMALL = 10
"""Below this age, "I have a 5 year old" speaks of a child at home, not of who needs care."""
_MINOR = frozenset(
    "teen teenager teens teenagers teenage teeneger teenger minors adolescent adolescents "
    "adolecent preteen youth youths".split()
)
_AFTER_A_MINOR = frozenset(
    "? . , ! can is be in and to or with under at who get go join need needs do does".split()
)
_NEEDING = frozenset("needs need has refuses".split())
_TREATING = frozenset("take treat see accept for help serve taking treating".split())


def find_people(document: Doc) -> Iterator[Found]:
    """Yield who the message is about (`about`), ages (`age`) and signs of a minor (`minor`)."""
    kin = [token for token in document if token.lower_ in _WHO and _belongs(token)]
    for token in kin:
        yield "about", _WHO[token.lower_], token.idx, token.idx + len(token)
    grown = any(int(match[1]) >= ADULT_AGE for match in _GROWN.finditer(document.text))
    for token in document:
        if _names_minor(token) and not (grown and token.lower_ in _ANY_AGE):
            yield "minor", "yes", token.idx, token.idx + len(token)
    ages = list(_ages(document, bool(kin)))
    yield from ages
    for match in _SCHOOL.finditer(document.text):
        yield "minor", "yes", *match.span()
    if not kin and all(label != "about" for label, *_ in ages):
        for token in document:
            if token.lower_ in _SELF:
                yield "about", "self", token.idx, token.idx + len(token)
                return


def _belongs(token: Token) -> bool:
    """Say whether a word of kinship is somebody's: "my sister", "my 16 year old sister"."""
    before = token.doc[max(token.i - _AS_FAR_BACK, 0) : token.i]
    if not before:
        return False
    if before[-1].lower_ in _POSSESSIVE:
        return True
    words = [other.lower_ for other in before]
    near = next((i for i in reversed(range(len(words))) if words[i] in _OWN), None)
    if near is None:
        return False
    between = words[near + 1 :]
    return all(word.isalnum() or word in "-'" for word in between) and not (
        set(between) & (_WHO.keys() | {"and", "is", "or", "s"})
    )


def _names_minor(token: Token) -> bool:
    word = token.lower_
    before = token.nbor(-1).lower_ if token.i else ""
    if word in _MINOR:
        return True
    if word == "minor":
        after = token.nbor().lower_ if token.i + 1 < len(token.doc) else "."
        return before in {"a", "my", "any", "the"} and after in _AFTER_A_MINOR
    # "Care for my kid" is about the kid; "I pick up my kid at three" is about somebody's day.
    if word == "kid" and before in _OWN:
        after = token.nbor().lower_ if token.i + 1 < len(token.doc) else ""
        return after in _NEEDING or (token.i > 1 and token.nbor(-2).lower_ in _TREATING)
    return word == "kids" and before in _TREATING


def _ages(document: Doc, kin: bool) -> Iterator[Found]:
    """Yield ages, and who they say is meant: a minor, or the writer's own child."""
    text = document.text
    for match in _AGE.finditer(text):
        number = (match[1] or match[2]).lower()
        age = _TEEN_NUMBERS.get(number) or int(number)
        before, place = text[: match.start()], (match.start(1 if match[1] else 2), match.end())
        if age == 0 or _IN_THE_PAST.search(before):
            continue
        yield "age", str(age), *place
        minor = age < ADULT_AGE or (age == ADULT_AGE and bool(_NOT_YET.search(match[0])))
        at_home = age < _SMALL and _SMALL_CHILD_AT_HOME.search(before)
        if minor and not at_home:
            yield "minor", "yes", *place
        if match[2] and not kin and re.search(r"\b(?:my|our)\s+$", before, re.IGNORECASE):
            yield "about", "child", *place
