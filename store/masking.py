"""Hides what could identify a person from those who read conversations.

Structured identifiers are found by how they are written (store.identifier_rules), names by what
stands around them (store.given_names). No finder finds everything: how many are missed, and how
often it hides what identifies nobody, `make masking` measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from store import given_names
from store.identifier_rules import PUBLIC, RULES, Rule, signs_of

KINDS = ("phone", "e-mail", "ssn", "card", "number", "address", "date", "link", "name", "others")
"""What is put in the place of an identifier, in square brackets; "others" comes from the desk."""
_LABEL = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")
# Neither a letter nor a digit nor a blank, so that no rule reads across what was found before.
_HIDDEN = "\ue000"


@dataclass(frozen=True, slots=True)
class Identifier:
    """Where an identifier stands in a text."""

    kind: str
    start: int
    end: int


def identifiers(text: str) -> list[Identifier]:
    """Return what could identify a person, in the order of the text, without overlaps.

    Args:
        text: A message of any length. Labels that stand in for identifiers already are left alone.
    """
    rest = _LABEL.sub(lambda label: _HIDDEN * len(label[0]), text)
    found: list[Identifier] = []
    signs = signs_of(rest)
    for rule in RULES:
        if rule.sign not in signs:
            continue
        spans = list(_found(rule, rest))
        rest = _without(rest, spans)
        found += [Identifier(rule.kind, start, end) for start, end in spans]
    found += [Identifier("name", start, end) for start, end in given_names.spans(rest)]
    return sorted(found, key=lambda each: each.start)


def _found(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    for match in rule.pattern.finditer(text):
        start, end = match.span("x" if "x" in rule.pattern.groupindex else 0)
        if PUBLIC.fullmatch(text[start:end].strip()) or (rule.check and not rule.check(match)):
            continue
        yield start, end


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    if not spans:
        return text
    pieces, last = [], 0
    for start, end in spans:
        pieces += [text[last:start], _HIDDEN * (end - start)]
        last = end
    return "".join((*pieces, text[last:]))


def masked(text: str, *, names: bool = True) -> str:
    """Return a text with what could identify a person hidden.

    Args:
        text: A message of any length.
        names: Whether names are hidden, too; staff's own are in what they write.

    Returns:
        The text with [phone], [e-mail], [name] and so on in their places.
    """
    pieces, last = [], 0
    for each in identifiers(text):
        if each.kind == "name" and not names:
            continue
        pieces += [text[last : each.start], f"[{each.kind}]"]
        last = each.end
    return "".join((*pieces, text[last:]))
