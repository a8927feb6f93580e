"""A text as a reviewer sees it: what is said with this center's facts, and what is said else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from answers.catalogue import Part

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Piece:
    """A stretch of words of one origin."""

    words: str
    fact: str = ""
    """The fact that these words are the value of; empty for the text's own words."""
    known: bool = True
    """Whether the fact is set; if not, `words` is its name."""


@dataclass(frozen=True)
class Instead:
    """Words that are said in other circumstances."""

    when: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Shown:
    """One form of an answer, such as its SMS."""

    paragraphs: tuple[tuple[Piece, ...], ...]
    instead: tuple[Instead, ...]

    @property
    def text(self) -> str:
        """What is said, without marks: the same as Catalogue.render gives."""
        return "\n\n".join("".join(p.words for p in pieces) for pieces in self.paragraphs)


def pieces(text: str, facts: Mapping[str, str]) -> tuple[Piece, ...]:
    """Return a text in pieces, each placeholder as the fact's value, or as its name if unset."""
    found = []
    # Cut at a pattern with one group, so every second piece is a name.
    for number, cut in enumerate(_NAME.split(text)):
        if number % 2:
            found.append(Piece(facts.get(cut) or cut, cut, bool(facts.get(cut))))
        elif cut:
            found.append(Piece(cut))
    return tuple(found)


def shown(parts: Sequence[Part], facts: Mapping[str, str], given: Collection[str] = ()) -> Shown:
    """Return a form of an answer.

    Args:
        parts: The form's parts.
        facts: What is set.
        given: Names of facts that are always set, for which no other words are wanted.
    """
    paragraphs: list[list[Piece]] = [[]]
    instead: list[Instead] = []
    for part in parts:
        if not part.say:
            paragraphs.append([])
            continue
        instead += _instead(part, facts, given)
        said = _said(part, facts)
        if said is not None:
            blank = [Piece(" ")] if paragraphs[-1] else []
            paragraphs[-1] += [*blank, *pieces(said, facts)]
    return Shown(tuple(tuple(each) for each in paragraphs if each), tuple(instead))


def _unset(text: str, facts: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys(_NAME.findall(text)) if not facts.get(name)]


def _said(part: Part, facts: Mapping[str, str]) -> str | None:
    for text in (part.say, part.otherwise):
        if text and not _unset(text, facts):
            return text
    return None


def _instead(part: Part, facts: Mapping[str, str], given: Collection[str]) -> Iterator[Instead]:
    said = _said(part, facts)
    conditions = [name for name in dict.fromkeys(part.facts) if name not in given]
    if said != part.say:
        missing = _listed(_unset(part.say, facts))
        yield Instead(f"When {missing} is set", pieces(part.say, facts))
    if part.otherwise and said != part.otherwise and conditions:
        yield Instead(f"When {_listed(conditions)} is not set", pieces(part.otherwise, facts))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"“{name.replace('_', ' ')}”" for name in names)
