"""The small pattern language of the risk rules.

A pattern is words separated by blanks, matched on the text of `safety.normalise`:

    word        that word                    word~     any word that begins so
    a|b|c_d     one of these (_ is a blank)  word?     may be missing
    <name>      a list of data/safety/words.yml
    ..          up to 2 words in between     ...       up to 4      ....  up to 8
    ^           the start of a sentence   /          up to 2 words, then its end (a|b|/: or its end)

Gaps never cross the end of a sentence. All repetition is bounded, so a match takes time
linear in the text, whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

Words = Mapping[str, tuple[str, ...]]

_GAPS = {"..": 2, "...": 4, "....": 8}
_END = r"(?=[.?] |\Z)"
_EDGES = {"^": r"(?<![a-z0-9] )", "/": r"(?:[a-z0-9]+ ){0,2}?" + _END}
# Words so frequent that a pattern cannot be looked up by them.
_FREQUENT = frozenset(
    "i a an and the to of in on is it be am are was were have has had do does did not no my me "
    "you your that this for with if so at but as he she they we him her them his their can could "
    "would will just feel how what when there all up out s or want about from get got go going "
    "like know any some now more been people take make need".split()
)


class PatternError(ValueError):
    """A pattern is not well formed."""


@dataclass(frozen=True)
class Element:
    """One place of a pattern: the phrases that may stand there, or a gap."""

    phrases: tuple[str, ...]
    optional: bool = False
    gap: int = 0
    edge: str = ""

    @property
    def regex(self) -> str:
        """The element as a regular expression, with its trailing blank."""
        if self.edge and not self.phrases:
            return _EDGES[self.edge]
        if self.gap:
            return f"(?:[a-z0-9]+ ){{0,{self.gap}}}?"
        options = "|".join(p.replace("~", "[a-z0-9]*") for p in self.phrases)
        end = f"|{_END}" if self.edge else ""
        return f"(?:(?:{options}) {end})" + ("?" if self.optional else "")

    @property
    def anchors(self) -> frozenset[str]:
        """For each phrase its rarest word: one of them must be in the text."""
        return frozenset(min(p.split(), key=_frequency) for p in self.phrases)

    @property
    def weight(self) -> int:
        """How often a text is likely to hold one of the anchors."""
        return sum(_frequency(word)[0] for word in self.anchors)


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; `keys` are the words by which it is looked up."""

    source: str
    elements: tuple[Element, ...] = field(repr=False)

    @property
    def words(self) -> frozenset[str]:
        """All whole words of the pattern."""
        phrases = (p for e in self.elements for p in e.phrases if "~" not in p)
        return frozenset(word for phrase in phrases for word in phrase.split())

    @cached_property
    def keys(self) -> frozenset[str]:
        """Anchors of the most telling element."""
        return self._needed[0].anchors

    @cached_property
    def also(self) -> tuple[frozenset[str], ...]:
        """Anchors of the other elements without stems: each must meet the text, too."""
        others = (e.anchors for e in self._needed[1:])
        return tuple(a for a in others if not any(w.endswith("~") for w in a))

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled at first use: most patterns are never needed in a conversation."""
        return re.compile("(?<= )" + "".join(e.regex for e in self.elements))

    @cached_property
    def _needed(self) -> list[Element]:
        needed = [e for e in self.elements if e.phrases and not e.optional and not e.edge]
        if not needed:
            raise PatternError(f"no word is required: {self.source}")
        return sorted(needed, key=lambda e: e.weight)


def parse(source: str, words: Words) -> Pattern:
    """Compile one pattern.

    Args:
        source: the pattern in the language above.
        words: the named lists that `<name>` refers to.

    Raises:
        PatternError: an unknown list, a bad character, or nothing required.
    """
    pattern = Pattern(source, tuple(_element(token, words, source) for token in source.split()))
    if not pattern.keys:
        raise PatternError(f"empty list: {source}")
    return pattern


def _element(token: str, words: Words, source: str) -> Element:
    if token in _GAPS:
        return Element((), gap=_GAPS[token])
    if token in _EDGES:
        return Element((), edge=token)
    optional = token.endswith("?") and len(token) > 1
    token = token.removesuffix("?") if optional else token
    edge = "/" if token.endswith("|/") else ""
    phrases = tuple(_expand(token.removesuffix("|/"), words, source))
    for phrase in phrases:
        if not re.fullmatch(r"(?:[a-z0-9]+~?|[.?])(?: [a-z0-9]+~?)*", phrase):
            raise PatternError(f"bad word {phrase!r} in: {source}")
    return Element(phrases, optional=optional, edge=edge)


def _expand(token: str, words: Words, source: str) -> Iterable[str]:
    for option in token.split("|"):
        if option.startswith("<") and option.endswith(">"):
            if option[1:-1] not in words:
                raise PatternError(f"unknown list {option} in: {source}")
            yield from words[option[1:-1]]
        else:
            yield option.replace("_", " ")


def _frequency(word: str) -> tuple[int, int]:
    if word in _FREQUENT:
        return 60, -len(word)
    return (6 if word.endswith("~") else 1), -len(word)


class Lookup:
    """Finds, for the words of a text, the few patterns that can match it at all."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._stems: dict[str, list[tuple[str, int]]] = {}
        self._patterns = tuple(patterns)
        for number, pattern in enumerate(self._patterns):
            for key in pattern.keys:
                if key.endswith("~"):
                    stem = key[:-1]
                    self._stems.setdefault(stem[:3], []).append((stem, number))
                else:
                    self._exact.setdefault(key, []).append(number)

    def candidates(self, words: frozenset[str]) -> list[int]:
        """Numbers of the patterns worth trying, in rising order."""
        found: set[int] = set()
        exact, stems = self._exact, self._stems
        for word in words:
            if word in exact:
                found.update(exact[word])
            if word[:3] in stems:
                found.update(n for stem, n in stems[word[:3]] if word.startswith(stem))
        patterns = self._patterns
        return sorted(n for n in found if not any(words.isdisjoint(a) for a in patterns[n].also))
