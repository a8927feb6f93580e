"""What a text is held to: facts that exist, length, reading grade, words."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from answers.catalogue import Part
from answers.sms import GSM7, GSM7_DOUBLE, gsm7_length, segments

HIGHEST_GRADE = 8.0
"""Flesch-Kincaid grade; plain-language advice for health texts is 6th to 8th grade."""
SMS_SEGMENTS = 2
"""How many segments a text may take."""
FORBIDDEN = {
    r"committed suicide": "say “died by suicide”",
    r"\b(failed|successful) (suicide )?attempt": "say “suicide attempt”",
    r"\bguarantee": "promises nothing",
    r"\bas your (therapist|counselor|nurse|doctor)": "claims no title",
    r"your secret|completely confidential|100% confidential": "promises no secrecy",
    r"\b\d+ ?mg\b": "gives no doses",
}
_NAMES = re.compile(r"\{(\w+)\}")
_BRACES = re.compile(r"[{}]")


def unknown_names(parts: Sequence[Part], known: Collection[str]) -> list[str]:
    """Return the names between braces that are no facts, each once."""
    found = (name for part in parts for name in _NAMES.findall(part.say + part.otherwise))
    return [name for name in dict.fromkeys(found) if name not in known]


def loose_braces(parts: Sequence[Part]) -> bool:
    """Say whether a brace stands alone: it would be spoken."""
    return any(_BRACES.search(_NAMES.sub("", part.say + part.otherwise)) for part in parts)


def problems(text: str, form: str, *, spanish: bool = False) -> Iterator[str]:
    """Return what is wrong with a text as it is spoken, in plain words.

    Args:
        text: With its facts put in.
        form: "web", "sms", "es" or "es_sms".
        spanish: Whether its words are Spanish, for which there is no reading grade.
    """
    if not text.strip():
        yield "says nothing when its facts are unset"
        return
    if form.endswith("sms"):
        yield from _of_sms(text)
    grade = 0.0 if spanish or form.startswith("es") else _grade(text)
    if grade > HIGHEST_GRADE:
        yield f"reading grade {grade:.1f}"
    yield from _wording(text)


def _wording(text: str) -> Iterator[str]:
    for pattern, remedy in FORBIDDEN.items():
        if re.search(pattern, text, re.IGNORECASE):
            yield remedy


def _grade(text: str) -> float:
    with warnings.catch_warnings():
        # It takes half a second to load, which no start need wait for, and warns of its own ways.
        warnings.simplefilter("ignore")
        import textstat
    return float(textstat.flesch_kincaid_grade(text))


def _of_sms(text: str) -> Iterator[str]:
    yield from _alphabet(text)
    if gsm7_length(text) is not None and segments(text) > SMS_SEGMENTS:
        yield f"{segments(text)} segments, {SMS_SEGMENTS} are allowed"


def _alphabet(text: str) -> Iterator[str]:
    odd = {each for each in text if each not in GSM7 and each not in GSM7_DOUBLE}
    if odd:
        yield f"not GSM-7: {' '.join(sorted(odd))}"


def spoken(parts: Sequence[Part], facts: Mapping[str, str]) -> str:
    """Return what parts say with certain facts, in one line."""
    return " ".join(filter(None, (part.spoken(facts) for part in parts)))


def all_problems(
    parts: Sequence[Part],
    form: str,
    known: Collection[str],
    ways: Iterable[Mapping[str, str]],
    *,
    spanish: bool = False,
) -> list[str]:
    """Return everything that is wrong with a text, each once, in plain words.

    Args:
        parts: The text.
        form: "web", "sms", "es" or "es_sms".
        known: Names that may stand between braces.
        ways: Facts that may be set, in several ways.
        spanish: Whether its words are Spanish.
    """
    found = [f"{{{name}}} is no fact" for name in unknown_names(parts, known)]
    if loose_braces(parts):
        found.append("a brace stands alone; write a fact as {contact}")
    for words in (words for part in parts for words in (part.say, part.otherwise) if words):
        # What is said when facts are set that are not now is held to it, too.
        found += _wording(words)
        found += _alphabet(words) if form.endswith("sms") else ()
    for facts in ways:
        found += problems(spoken(parts, facts), form, spanish=spanish)
    return list(dict.fromkeys(found))
