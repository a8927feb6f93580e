"""Lines of the list and its filters as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.inbox.fragments import Fragments
from console.inbox.shown import CHANNELS, label
from console.view import TIERS
from safety.risk import CATEGORIES
from store.review import Summary

Choices = Mapping[str, str]
YES = {"yes": "Yes", "no": "No"}
OWNERS = {
    "bot": "The assistant",
    "queue": "Nobody yet: it waits",
    "human": "Anybody of staff",
    "me": "Me",
}
RATINGS = {
    "helped": "Helped",
    "not": "Did not help",
    "any": "Any rating",
    "none": "Not rated",
}
LANGUAGES = {"en": "English", "es": "Spanish"}
_WITH = {"bot": "assistant", "queue": "waits", "human": "staff"}
_MOST_INTENTS = 5


def line(summary: Summary, names: Mapping[str, str], fragments: Fragments) -> dict[str, Any]:
    """Return a line of the list."""
    owner = _WITH.get(summary.owner, summary.owner)
    return {
        "id": summary.id,
        "label": label(summary.id, summary.channel),
        "last": fragments.moment(summary.last_at),
        "last_at": summary.last_at,
        "messages": summary.messages,
        "owner": names.get(summary.agent or "", owner) if summary.owner == "human" else owner,
        "waits": summary.owner == "queue",
        "tiers": [TIERS.get(tier, tier) for tier in summary.tiers],
        "safe": summary.safe,
        "fallbacks": summary.fallbacks,
        "hidden": summary.hidden,
        "intents": summary.intents[:_MOST_INTENTS],
        "more_intents": max(0, len(summary.intents) - _MOST_INTENTS),
        "languages": [
            LANGUAGES.get(each, each) for each in summary.languages if summary.languages != ("en",)
        ],
        "reviewed": summary.reviewed,
        "tags": summary.tags,
        "flagged": summary.flagged,
        "hits": summary.hits,
    }


def choices(
    intents: Mapping[str, str],
    models: list[str],
    languages: list[str],
    people: Mapping[str, str],
    tags: Mapping[int, str],
) -> dict[str, tuple[str, Choices]]:
    """Return the filters that choose from a list: by name the label, and the choices."""
    tiers = {"any": "Any", "none": "None", **TIERS}
    return {
        "channel": ("Channel", CHANNELS),
        "owner": ("Who has it", {**OWNERS, **people}),
        "intent": ("Intent", intents),
        "fallback": ("Fallback: a message fitted nothing", YES),
        "safe": ("Safe reply: the brain was silent", YES),
        "tier": ("Crisis: tier", tiers),
        "category": ("Crisis: category", {c: f"{c}: {m}" for c, m in CATEGORIES.items()}),
        "handoff": ("Handed over to staff", YES),
        "callback": ("A call was asked for", YES),
        "rating": ("Rating", RATINGS),
        "reviewed": ("Reviewed", YES),
        "flagged": ("Flagged", YES),
        "tag": ("Tag", {str(number): name for number, name in tags.items()}),
        "language": ("Language", {each: LANGUAGES.get(each, each) for each in languages}),
        "model": ("Model", {each: each for each in models}),
        "hidden": ("Contains hidden identifiers", YES),
    }


NUMBERS = {
    "sure_from": ("Lowest confidence, from (%)", 100),
    "sure_to": ("Lowest confidence, to (%)", 100),
    "length_from": ("Messages of the person, from", 999_999),
    "length_to": ("Messages of the person, to", 999_999),
}
"""Filters that are numbers: the label, and the greatest."""


_PLAIN = {"from": "From", "to": "To", "days": "Last days"}


def in_words(values: Mapping[str, str], offered: Mapping[str, tuple[str, Choices]]) -> list[str]:
    """Return filters that are set, in words.

    Args:
        values: As the list's address holds them.
        offered: See `choices`.
    """
    said = []
    for name, value in values.items():
        label, named = offered.get(name, (_PLAIN.get(name, ""), {}))
        label = NUMBERS[name][0] if name in NUMBERS else label
        said.append(f"{label}: {named.get(value, value)}")
    return said
