"""Screens a message for risk: rules first, then meaning where it is given."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol

from safety.context import Contexts, Hit, about_other
from safety.matching import Matcher, Stretch, any_matches, stretches
from safety.normalise import Normaliser, load_normaliser
from safety.risk import Risk, urgency, worst
from safety.rules import Context, Rule, load_contexts, load_rules, load_words

_LOOK_BACK = 10


class Meaning(Protocol):
    """The second layer: it reads sentence vectors and may find what no rule has."""

    def screen(self, text: str, vectors: Any) -> Risk | None:
        """What it finds in a message, or None."""


class Screen:
    """Finds risk in one message at a time; holds no state of a conversation.

    Args:
        rules: signs of risk.
        contexts: what explains a sign away.
        normaliser: makes the text that patterns match.
        kin: words for other people.
        meaning: the second layer, if it can run.
    """

    def __init__(
        self,
        rules: tuple[Rule, ...],
        contexts: tuple[Context, ...],
        normaliser: Normaliser,
        kin: frozenset[str],
        meaning: Meaning | None = None,
    ) -> None:
        self.rules = rules
        self._contexts = Contexts(contexts)
        self._matcher = Matcher([rule.patterns for rule in rules])
        self._normaliser = normaliser
        self._kin = kin
        self.meaning = meaning

    def with_meaning(self, meaning: Meaning) -> Screen:
        """The same rules together with a second layer."""
        screen = copy(self)
        screen.meaning = meaning
        return screen

    def screen(self, text: str, vectors: Any = None) -> Risk | None:
        """The most urgent risk in a message.

        Args:
            text: the message as it came; of more than 100,000 characters both ends are read.
            vectors: the sentence vector of the whole text for the meaning layer, if it is known.

        Returns:
            None when nothing was found. Tier T3 is a gentle check-in, not an alarm.
        """
        found = self.by_rules(text)
        if self.meaning is None:
            return found
        # Meaning may raise what the rules found, never lower it.
        return worst(found, self.meaning.screen(text, vectors))

    def by_rules(self, text: str) -> Risk | None:
        """The most urgent risk that the rules alone find."""
        normal = self._normaliser.normalise(text)
        matched = normal.text
        if normal.emoji:
            matched += f". emojis {' '.join(normal.emoji[:20])} . "
        risks = [risk for part in stretches(matched) for risk in self._risks(part)]
        return min(risks, key=urgency, default=None)

    def _risks(self, stretch: Stretch) -> list[Risk]:
        hits = self._hits(stretch)
        if not hits:
            return []
        return [_risk(hit, soft) for hit, soft in self._contexts.lower(stretch, hits)]

    def _hits(self, stretch: Stretch) -> list[Hit]:
        hits = []
        for number, start, end in self._matcher.find(stretch):
            rule = self.rules[number]
            if rule.beside and not any_matches(rule.beside, stretch):
                continue
            inside = stretch.text[start:end].split()
            before = islice(reversed(stretch.text[:start].split()), _LOOK_BACK)
            hits.append(Hit(rule, start, end, about_other(rule, inside, before, self._kin)))
        return hits


def _risk(hit: Hit, soft: bool) -> Risk:
    rule = hit.rule
    category, tier = ("SOFT", "T3") if soft else (rule.category, rule.tier)
    return Risk(category, tier, rule.id, hit.other, rule.language)


@lru_cache(maxsize=1)
def _loaded() -> Screen:
    words = load_words()
    rules, contexts = load_rules(words), load_contexts(words)
    known = {word for rule in rules for p in rule.patterns for word in p.words}
    kin = frozenset(words["they"]) | frozenset(words["kin_es"])
    return Screen(rules, contexts, load_normaliser(known), kin)


def load_screen(meaning: Meaning | None = None) -> Screen:
    """The screen of data/safety, ready to use.

    Args:
        meaning: the second layer, when it can run.

    Raises:
        SafetyDataError: a file of data/safety cannot be used.
    """
    loaded = _loaded()
    if meaning is not None:
        loaded = loaded.with_meaning(meaning)
    return loaded
