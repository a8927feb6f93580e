"""Checks every text of the catalogue: facts, length, reading grade, words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import yaml

from answers import checking
from answers.catalogue import Answer, Catalogue, load_catalogue
from answers.errors import CatalogueError
from brain.named_answers import NAMES, SAMPLES
from center.facts import load_center, schema
from checks.report import Report
from desk.callbacks.words import NAMES as OF_CALLS
from desk.callbacks.words import SAMPLE as CALL
from safety import resources
from setup.code_print import ROOT


def intents() -> list[str]:
    """Return the intents of domain.yml."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    return list(domain["intents"])


def known_facts() -> set[str]:
    """Return every name that may stand between braces."""
    rules = schema()["properties"]
    computed = {"center", "city", "website", "contact", "next_opening", "sources"}
    computed |= {"agent", "place", "opening", "return_code"}
    computed |= {"closed_from", "closed_until", "open_again"}
    computed |= {"contact_es", "hours_es", "next_opening_es"}
    sentences = set(rules["sentences"]["properties"])
    others: set[str] = resources.placeholders() | NAMES | OF_CALLS
    return computed | set(rules) | sentences | set(_facts(demo=True)) | others


def _facts(demo: bool) -> dict[str, str]:
    center = load_center(demo=demo)
    days = {"retention_days": str(center.retention_days)}
    return {**resources.facts(center.region), **days, **center.facts()}


def _renderings(catalogue: Catalogue, answer: Answer) -> Iterator[tuple[str, str]]:
    named = {name for parts in answer.texts.values() for part in parts for name in part.facts}
    ways = [{}, *SAMPLES] if named & NAMES else [{}]
    ways += [CALL] if named & OF_CALLS else []
    for demo, way in itertools.product((False, True), ways):
        facts = {**_facts(demo), **way}
        for form in answer.texts:
            channel = "sms" if form.endswith("sms") else "web"
            language = "es" if form.startswith("es") else "en"
            spoken = catalogue.render(answer.id, channel, facts, language)  # type: ignore[arg-type]
            yield form, spoken.text


def _problems(catalogue: Catalogue, answer: Answer, facts: set[str]) -> Iterator[str]:
    for form, parts in answer.texts.items():
        for name in checking.unknown_names(parts, facts):
            yield f"{answer.id} ({form}): {{{name}}} is no fact"
        if checking.loose_braces(parts):
            yield f"{answer.id} ({form}): a brace stands alone"
    for form, text in _renderings(catalogue, answer):
        for problem in checking.problems(text, form, spanish=answer.id == "spanish"):
            yield f"{answer.id} ({form}): {problem}"


def check(report: Report) -> None:
    """Check all answers, with the facts unset and with example facts."""
    try:
        catalogue = load_catalogue()
    except CatalogueError as wrong:
        report.problems.append(str(wrong))
        return
    facts = known_facts()
    for intent in intents():
        if intent not in catalogue.answers:
            report.problems.append(f"{intent}: no answer of that id")
    for answer in catalogue.answers.values():
        report.problems += _problems(catalogue, answer, facts)
    report.problems = sorted(set(report.problems))
    drafts = sum(answer.approval is None for answer in catalogue.answers.values())
    report.summary = f"{len(catalogue.answers)} answers, {drafts} of them drafts"
