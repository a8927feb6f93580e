"""What the protocol page says, made of the rules, the texts and the crisis lines themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from center.facts import Center
from desk.conversations import CRISIS_PREFIX
from desk.lines import Lines
from safety.course import HEAVY, JOINED_WITHIN, LOOK_BACK
from safety.replies import crisis_answer_id
from safety.resources import MAX_AGE_DAYS, Resource, load_resources
from safety.risk import CATEGORIES, TIERS, Risk
from safety.rules import Rule, load_contexts, load_rules, load_words

#: What each tier does (docs/safety.md has the same table).
TIER_MEANS = {
    "T0": "An emergency. 911 comes first, then 988. Staff are alerted.",
    "T1": "A grave risk. 988 and 911 are shown at once. Staff are alerted.",
    "T2": "A risk. 988 and 911 are shown at once. Staff are alerted, but not for panic alone.",
    "T3": "Hopelessness without a stated risk. A gentle line names 988. Nobody is alerted.",
}
EVIDENCE = {
    "P": "its own page",
    "S": "a second source",
    "A": "an abstract",
    "M": "memory, not shown",
}


@dataclass(frozen=True)
class Detected:
    """One kind of risk: what it is, how many rules look for it, and the text that it brings."""

    meaning: str
    rules: int
    tiers: tuple[str, ...]
    text: str


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    return load_rules(load_words())


@lru_cache(maxsize=1)
def _contexts() -> int:
    return len(load_contexts(load_words()))


def protocol(lines: Lines) -> dict[str, Any]:
    """Return what the template shows, for the center that the lines speak for."""
    center, rules = lines.center, _rules()
    crisis = [name for name in lines.catalogue.answers if name.startswith(CRISIS_PREFIX)]
    return {
        "detected": _detected(lines, rules),
        "tiers": [(tier, TIER_MEANS[tier]) for tier in TIERS],
        "rules": len(rules),
        "patterns": sum(len(rule.patterns) for rule in rules),
        "languages": sorted({rule.language for rule in rules}),
        "contexts": _contexts(),
        "meaning": center.detection != "rules",
        "lines": _shown(center),
        "texts": len(crisis),
        "approved": sum(lines.approved(name) for name in crisis),
        "minutes": JOINED_WITHIN // 60_000,
        "heavy": HEAVY,
        "look_back": LOOK_BACK,
        "max_age": MAX_AGE_DAYS,
        "retention_days": center.retention_days,
    }


def _detected(lines: Lines, rules: tuple[Rule, ...]) -> list[Detected]:
    count = Counter(rule.category for rule in rules)
    found = []
    for category, meaning in CATEGORIES.items():
        tiers = sorted({rule.tier for rule in rules if rule.category == category})
        answer_id = crisis_answer_id(Risk(category, tiers[0], ""))
        text = lines.say(answer_id).text if lines.has(answer_id) else ""
        found.append(Detected(meaning, count[category], tuple(tiers), text))
    return found


def _shown(center: Center) -> list[tuple[Resource, str]]:
    """Return the lines that may be shown, with how each was checked."""
    shown = [line for line in load_resources(center.region).values() if line.show]
    return [(line, EVIDENCE[line.evidence]) for line in shown]
