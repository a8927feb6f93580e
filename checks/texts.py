"""Checks every text of the catalogue: facts, length, reading grade, words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import textstat
import yaml

from answers.catalogue import Answer, Catalogue, load_catalogue
from answers.errors import CatalogueError
from answers.sms import GSM7, GSM7_DOUBLE, gsm7_length, segments
from brain.named_answers import NAMES, SAMPLES
from center.facts import load_center, schema
from checks.report import Report
from desk.callbacks.words import NAMES as OF_CALLS
from desk.callbacks.words import SAMPLE as CALL
from safety import resources
from setup.code_print import ROOT

HIGHEST_GRADE = 8.0
"""Flesch-Kincaid grade; plain-language advice for health texts is 6th to 8th grade."""
SMS_SEGMENTS = 2
"""How many segments a text may take."""
FORBIDDEN = {
    r"committed suicide": "say “died by suicide”",
    r"\b(failed|successful) (suicide )?attempt": "say “suicide attempt”",
    r"\bguarantee": "promises nothing",
    r"\bas your (therapist|counselor|nurse|doctor)": "claims no title",
    r"your secret|completely confidential|100% confidential": "promises no secrecy",
    r"\b\d+ ?mg\b": "gives no doses",
}
_NAMES = re.compile(r"\{(\w+)\}")


def intents() -> list[str]:
    """Return the intents of domain.yml."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    return list(domain["intents"])


def known_facts() -> set[str]:
    """Return every name that may stand between braces."""
    rules = schema()["properties"]
    computed = {"center", "city", "website", "contact", "next_opening", "sources"}
    computed |= {"agent", "place", "opening", "return_code"}
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
        for part in parts:
            for name in _NAMES.findall(part.say + part.otherwise):
                if name not in facts:
                    yield f"{answer.id} ({form}): {{{name}}} is no fact"
    for form, text in _renderings(catalogue, answer):
        if not text.strip():
            yield f"{answer.id} ({form}): says nothing when its facts are unset"
        if form.endswith("sms"):
            if gsm7_length(text) is None:
                odd = {c for c in text if c not in GSM7 and c not in GSM7_DOUBLE}
                yield f"{answer.id} ({form}): not GSM-7: {' '.join(sorted(odd))}"
            elif segments(text) > SMS_SEGMENTS:
                yield f"{answer.id} ({form}): {segments(text)} segments, {SMS_SEGMENTS} are allowed"
        grade = textstat.flesch_kincaid_grade(text)
        spanish = form.startswith("es") or answer.id == "spanish"
        if grade > HIGHEST_GRADE and not spanish:
            yield f"{answer.id} ({form}): reading grade {grade:.1f}"
        for pattern, remedy in FORBIDDEN.items():
            if re.search(pattern, text, re.IGNORECASE):
                yield f"{answer.id} ({form}): {remedy}"


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
