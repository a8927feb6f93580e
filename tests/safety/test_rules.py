"""Every rule's own examples, and the form of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from safety.data import SafetyDataError
from safety.patterns import PatternError, parse
from safety.risk import CATEGORIES, TIERS, Risk
from safety.rules import Rule, load_contexts, load_rules, load_words
from safety.screen import Screen

WORDS = load_words()
RULES = load_rules(WORDS)


def _name(value: Rule | str) -> str:
    return value.id if isinstance(value, Rule) else value


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.fires], ids=_name
)
def test_example_fires(screen: Screen, rule: Rule, text: str) -> None:
    risk = screen.screen(text)
    assert risk is not None
    assert TIERS.index(risk.tier) <= TIERS.index(rule.tier)
    assert risk.language == rule.language


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.silent], ids=_name
)
def test_example_raises_no_alarm(screen: Screen, rule: Rule, text: str) -> None:
    risk = screen.screen(text)
    assert risk is None or not risk.alarm


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_patterns_compile(rule: Rule) -> None:
    assert all(pattern.regex and pattern.keys for pattern in (*rule.patterns, *rule.beside))


def test_every_category_has_a_rule() -> None:
    assert {rule.category for rule in RULES} == set(CATEGORIES)


@pytest.mark.parametrize("category", ["S1", "S2", "S3", "S5", "S6", "SH", "MED", "VIO"])
def test_spanish_covers(category: str) -> None:
    assert any(rule.category == category and rule.language == "es" for rule in RULES)


def test_contexts_compile() -> None:
    contexts = load_contexts(WORDS)
    assert len({context.id for context in contexts}) == len(contexts)
    patterns = [p for c in contexts for p in (*c.patterns, *c.beside, *c.unless)]
    assert all(pattern.regex and pattern.keys for pattern in patterns)


@pytest.mark.parametrize("source", ["..", "word?", "<nobody>", "Word", "a|b|/", "wo(rd"])
def test_bad_pattern_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        parse(source, {"nothing": ()})


@pytest.mark.parametrize(
    "entry",
    [
        "{id: a, category: S9, tier: T1, patterns: [die], fires: [x], silent: [y]}",
        "{id: a, category: S1, tier: T9, patterns: [die], fires: [x], silent: [y]}",
        "{id: a, category: S1, tier: T1, patterns: [die], fires: [], silent: [y]}",
        "{id: a, category: S1, tier: T1, patterns: ['<no>'], fires: [x], silent: [y]}",
    ],
)
def test_bad_rule_is_refused(tmp_path: Path, entry: str) -> None:
    (tmp_path / "a.yml").write_text(f"risk_rules: [{entry}]", encoding="utf-8")
    with pytest.raises(SafetyDataError):
        load_rules(WORDS, tmp_path)


def test_id_used_twice_is_refused(tmp_path: Path) -> None:
    entry = "{id: a, category: S1, tier: T1, patterns: [die], fires: [x], silent: [y]}"
    (tmp_path / "a.yml").write_text(f"risk_rules: [{entry}, {entry}]", encoding="utf-8")
    with pytest.raises(SafetyDataError, match="twice"):
        load_rules(WORDS, tmp_path)


@pytest.mark.parametrize("content", ["nlu: []", "risk_rules: [", "[]"])
def test_bad_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.yml").write_text(content, encoding="utf-8")
    with pytest.raises(SafetyDataError):
        load_rules(WORDS, tmp_path)


def test_unknown_category_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown"):
        Risk("S9", "T1", "x")
