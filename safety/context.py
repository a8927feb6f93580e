"""Explains hits away: denial, idiom, old story, question about policy, fiction, bereavement.

A context lowers only the hits that it covers. Any other hit in the message stays as it is,
so "not suicidal, but I wrote the letters" fires, and so does a joke after a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safety.matching import Matcher, Stretch, any_matches
from safety.rules import Context, Rule

_SELF = frozenset("i me my myself mine am mi me yo quiero voy".split())

# Who speaks of these does not ask in general.
_PERSONS = frozenset("i me myself he she him her himself herself yo me mi".split())


@dataclass(frozen=True)
class Hit:
    """A rule that matched at a place of a stretch."""

    rule: Rule
    start: int
    end: int
    other: bool


class Contexts:
    """All contexts, ready to be applied to the hits of a stretch."""

    def __init__(self, contexts: Sequence[Context]) -> None:
        self._contexts = contexts
        self._matcher = Matcher([context.patterns for context in contexts])

    def lower(self, stretch: Stretch, hits: Sequence[Hit]) -> list[tuple[Hit, bool]]:
        """The hits that remain.

        Returns:
            Each remaining hit, with True when it was lowered to the gentle check-in.
        """
        found = [
            (self._contexts[number], start, end)
            for number, start, end in self._matcher.find(stretch)
            if self._holds(self._contexts[number], stretch)
        ]
        remaining = []
        for hit in hits:
            explained = [c for c, start, end in found if _covers(c, start, end, hit, stretch)]
            if not explained:
                remaining.append((hit, False))
            elif any(context.becomes for context in explained):
                remaining.append((hit, True))
        return remaining

    @staticmethod
    def _holds(context: Context, stretch: Stretch) -> bool:
        if context.beside and not any_matches(context.beside, stretch):
            return False
        return not any_matches(context.unless, stretch)


def _covers(context: Context, start: int, end: int, hit: Hit, stretch: Stretch) -> bool:
    if hit.rule.firm == "always" or (hit.rule.firm == "around" and context.scope != "overlap"):
        return False
    if context.lowers and hit.rule.category not in context.lowers:
        return False
    if context.who != "auto" and (context.who == "other") != hit.other:
        return False
    if context.scope == "overlap":
        return hit.start < end and start < hit.end
    if context.scope == "sentence":
        first, last = stretch.sentence(start)
        personal = context.impersonal and not _PERSONS.isdisjoint(stretch.text[first:last].split())
        return first <= hit.start < last and not personal
    return True


def about_other(
    rule: Rule, words: Iterable[str], before: Iterable[str], kin: frozenset[str]
) -> bool:
    """Whether a hit is about somebody else.

    Args:
        rule: its `who` decides unless it is "auto".
        words: the words of the hit.
        before: the words before it, the nearest first.
        kin: words for other people.
    """
    if rule.who != "auto":
        return rule.who == "other"
    if rule.language == "es":
        kin = kin - {"he"}  # "he pensado" is "I have thought"
    inside = set(words)
    if inside & _SELF - {"my", "mi"}:
        return False
    if inside & kin:
        return True
    for word in before:
        if word in ("i", "me", "myself", "yo"):
            return False
        if word in kin:
            return True
    return False
