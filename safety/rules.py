"""Reads the rules of risk and the contexts that explain a hit away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety.data import DATA, SafetyDataError, read
from safety.patterns import Pattern, PatternError, Words, parse
from safety.risk import CATEGORIES, TIERS

_SCOPES = frozenset({"overlap", "sentence", "message"})
_WHO = frozenset({"self", "other", "auto"})
_FIRM = frozenset({"", "around", "always"})


@dataclass(frozen=True)
class Rule:
    """One sign of risk.

    Attributes:
        id: unique; stored with every alert.
        category: code of `safety.risk.CATEGORIES`.
        tier: code of `safety.risk.TIERS`.
        patterns: one of them must match.
        beside: when not empty, one of these must match in the same message, too.
        who: "self", "other", or "auto" when the words themselves tell.
        language: "en" or "es".
        firm: "around": said outright, so that only a context that overlaps it explains it away;
            "always": none does (it has one built in); else empty.
        fires: examples that must fire, with this category or a graver one.
        silent: examples that this rule must not raise an alarm for.
    """

    id: str
    category: str
    tier: str
    patterns: tuple[Pattern, ...]
    beside: tuple[Pattern, ...]
    who: str
    language: str
    firm: str
    fires: tuple[str, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """What may explain a hit: a denial, an idiom, a film, an old story.

    Attributes:
        id: unique.
        scope: what it explains: hits that overlap it, in its sentence, or in the message.
        lowers: categories that it can explain; empty means all.
        who: it explains hits about "self", "other", or "auto" for both.
        becomes: None when nothing is left of the hit, or "SOFT".
        impersonal: it explains only sentences that speak of nobody in particular.
        patterns: one of them must match.
        beside: when not empty, one of these must match in the message, too.
        unless: none of these may match in the message.
    """

    id: str
    scope: str
    lowers: frozenset[str]
    who: str
    becomes: str | None
    impersonal: bool
    patterns: tuple[Pattern, ...]
    beside: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]


def load_words() -> Words:
    """The named lists of data/safety/words.yml; a list may refer to earlier ones."""
    words: dict[str, tuple[str, ...]] = {}
    for name, text in read(DATA / "words.yml", "words").items():
        options: list[str] = []
        for option in text.split():
            if option.startswith("<"):
                options.extend(words[option[1:-1]])
            else:
                options.append(option.replace("_", " "))
        words[name] = tuple(options)
    return words


def load_rules(words: Words, folder: Path = DATA / "rules") -> tuple[Rule, ...]:
    """All rules of a folder, in the order of file names.

    Raises:
        SafetyDataError: a rule is malformed or its id is taken.
    """
    rules = [
        _rule(entry, words) for path in sorted(folder.glob("*.yml")) for entry in _entries(path)
    ]
    if len({rule.id for rule in rules}) != len(rules):
        ids = [rule.id for rule in rules]
        raise SafetyDataError(f"id used twice: {sorted({i for i in ids if ids.count(i) > 1})}")
    return tuple(rules)


def load_contexts(words: Words, path: Path = DATA / "context.yml") -> tuple[Context, ...]:
    """The contexts of data/safety/context.yml.

    Raises:
        SafetyDataError: a context is malformed.
    """
    return tuple(_context(entry, words) for entry in read(path, "risk_context"))


def _entries(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read(path, "risk_rules")
    return entries


def _rule(entry: Mapping[str, Any], words: Words) -> Rule:
    name = str(entry.get("id"))
    category, tier = str(entry.get("category")), str(entry.get("tier"))
    who, firm = entry.get("who", "auto"), entry.get("firm", "")
    if category not in CATEGORIES or tier not in TIERS or who not in _WHO or firm not in _FIRM:
        raise SafetyDataError(f"{name}: bad category, tier, who or firm")
    if not entry.get("fires") or not entry.get("silent"):
        raise SafetyDataError(f"{name}: an example that fires and one that is silent are needed")
    return Rule(
        id=name,
        category=category,
        tier=tier,
        patterns=_patterns(entry, "patterns", words),
        beside=_patterns(entry, "with", words),
        who=who,
        language=entry.get("language", "en"),
        firm=firm,
        fires=tuple(entry["fires"]),
        silent=tuple(entry["silent"]),
    )


def _context(entry: Mapping[str, Any], words: Words) -> Context:
    scope, who = entry.get("scope", "overlap"), entry.get("who", "auto")
    lowers = frozenset(entry.get("lowers", ()))
    if scope not in _SCOPES or who not in _WHO or not lowers <= set(CATEGORIES):
        raise SafetyDataError(f"{entry.get('id')}: bad scope, who or category")
    return Context(
        id=entry["id"],
        scope=scope,
        lowers=lowers,
        who=who,
        becomes=entry.get("becomes"),
        impersonal=bool(entry.get("impersonal")),
        patterns=_patterns(entry, "patterns", words),
        beside=_patterns(entry, "with", words),
        unless=_patterns(entry, "unless", words),
    )


def _patterns(entry: Mapping[str, Any], key: str, words: Words) -> tuple[Pattern, ...]:
    try:
        return tuple(parse(source, words) for source in entry.get(key, ()))
    except PatternError as error:
        raise SafetyDataError(f"{entry.get('id')}: {error}") from error
