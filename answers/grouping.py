"""Puts every answer where a reviewer looks for it: by kind of crisis, by intent, the rest last."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from answers.catalogue import Answer, Catalogue
from answers.shown import Shown, shown
from answers.sms import segments
from center.facts import ROOT, Center
from safety import resources
from safety.risk import CATEGORIES

INTENTS = ROOT / "docs" / "intents.md"
FORMS = {"web": "Web", "sms": "SMS", "es": "Spanish, web", "es_sms": "Spanish, SMS"}
CRISIS, OWN = "crisis", "own"
"""Anchors of the two groups that belong to no intent of a visitor's question."""
_DEFINED = re.compile(r"^\|\s*((?:`\w+`(?:,\s*)?)+)\s*\|([^|]*)\|([^|]*)\|\s*$", re.MULTILINE)
_DEEPER = "_more"
_CRISIS_LEADS = {
    "crisis_again": "Said when a risk to {who} is found again in the same conversation.",
    "crisis_safe": "Said when the answer is that {who} is safe.",
    "crisis_not_safe": "Said when the answer is that {who} is not safe.",
    "crisis_line": "A further crisis line, added to a crisis text where it applies.",
    "crisis_help_coming": "Said when help is on the way.",
    "crisis_withdrawn": "Said when the writer takes words of risk back.",
    "crisis_check_in": "Said later in a conversation in which a risk was found.",
    "crisis_grounding": "Added to the text for acute panic where the center wants it.",
}
"""What leads to the crisis texts that belong to no one category, by the beginning of their id."""
_ALWAYS = frozenset({"center", "city", "website", "contact", "contact_es", "retention_days"})
"""Facts that are always set, so that nothing need be said for want of them."""


@dataclass(frozen=True)
class Form:
    """One form of an answer, ready to be shown."""

    title: str
    language: str
    text: Shown
    segments: int | None
    """SMS segments with the facts that are set; None for the web."""


@dataclass(frozen=True)
class Entry:
    """One answer, ready to be shown."""

    answer: Answer
    leads: str
    """What leads to it, in a sentence."""
    forms: tuple[Form, ...]
    sources: tuple[Mapping[str, Any], ...]
    buttons: tuple[str, ...]
    links: tuple[Mapping[str, str], ...]


@dataclass
class Group:
    """The answers to one intent, to one kind of risk, or of the assistant itself."""

    anchor: str
    title: str
    intent: str = ""
    definition: str = ""
    border: str = ""
    entries: list[Entry] = field(default_factory=list)


def definitions(page: Path = INTENTS) -> dict[str, tuple[str, str]]:
    """Return what each intent means and where it ends, in the page's order.

    Returns:
        Definition and border by intent.
    """
    found = {}
    for names, meaning, border in _DEFINED.findall(page.read_text("utf-8")):
        for name in re.findall(r"`(\w+)`", names):
            found[name] = tuple(cell.strip().replace("`", "") for cell in (meaning, border))
    return found


def facts_of(center: Center) -> dict[str, str]:
    """Return all that may stand between braces for a center."""
    days = {"retention_days": str(center.retention_days)}
    return {**resources.facts(center.region), **days, **center.facts()}


def groups(catalogue: Catalogue, center: Center, page: Path = INTENTS) -> list[Group]:
    """Return every answer of the catalogue once: crises first, then by intent, then its own lines.

    Args:
        catalogue: The answers.
        center: Whose facts are shown.
        page: The page that defines the intents.
    """
    facts, links = facts_of(center), resources.links(center.region)
    found: dict[str, Group] = {
        f"{CRISIS}-{code}": Group(f"{CRISIS}-{code}", f"Crisis {code}: {meaning}")
        for code, meaning in CATEGORIES.items()
    }
    found[CRISIS] = Group(CRISIS, "Crisis, whatever the risk")
    for intent, (meaning, border) in definitions(page).items():
        title = catalogue.titles.get(intent, intent)
        found[intent] = Group(f"intent-{intent}", title, intent, meaning, border)
    for answer in catalogue.answers.values():
        name = _group_of(answer)
        group = found.setdefault(name, Group(f"intent-{name}", catalogue.titles.get(name, name)))
        group.entries.append(_entry(catalogue, answer, facts, links))
    # The assistant's own lines come last, wherever the catalogue has them.
    own = found.pop(OWN, None)
    if own is not None:
        own.title = "The assistant's own lines"
    ordered = [*found.values(), *([own] if own else [])]
    for group in ordered:
        # The main answer first, then the narrower ones.
        group.entries.sort(key=lambda entry: entry.answer.id != group.intent)
    return [group for group in ordered if group.entries]


def _group_of(answer: Answer) -> str:
    if answer.intent == "safety_crisis" and answer.id.startswith("crisis_"):
        code = answer.id.split("_")[1]
        return f"{CRISIS}-{code}" if code in CATEGORIES else CRISIS
    return answer.intent or OWN


def _leads(answer: Answer, catalogue: Catalogue) -> str:
    if _group_of(answer).startswith(CRISIS):
        return _crisis_leads(answer.id)
    before = answer.id.removesuffix(_DEEPER)
    if before != answer.id and before in catalogue.answers:
        return "Said when the answer without “more” was given already and the question comes again."
    if answer.about:
        return f"Said to: {answer.about}"
    if answer.intent:
        return "The main answer: said to any question of this intent that no narrower answer fits."
    return "A line of the assistant's own, in answer to no question."


def _crisis_leads(answer_id: str) -> str:
    who = "somebody else" if "_other" in answer_id else "the writer"
    urgent = " An emergency (tier T0)." if "_T0" in answer_id else ""
    for beginning, leads in _CRISIS_LEADS.items():
        if answer_id.startswith(beginning):
            return leads.format(who=who) + urgent
    return f"Said when the risk screen finds this risk to {who}.{urgent}"


def _entry(
    catalogue: Catalogue,
    answer: Answer,
    facts: Mapping[str, str],
    links: Mapping[str, Mapping[str, str]],
) -> Entry:
    return Entry(
        answer=answer,
        leads=_leads(answer, catalogue),
        forms=tuple(_forms(answer, facts)),
        sources=tuple(catalogue.sources[key] for key in answer.sources),
        buttons=tuple(catalogue.title(name) for name in answer.buttons),
        links=tuple(links[key] for key in answer.links if key in links),
    )


def _forms(answer: Answer, facts: Mapping[str, str]) -> Iterator[Form]:
    for form, title in FORMS.items():
        if form in answer.texts:
            text = shown(answer.texts[form], facts, _ALWAYS)
            spanish = form.startswith("es") or answer.id == "spanish"
            count = segments(text.text) if form.endswith("sms") else None
            yield Form(title, "es" if spanish else "en", text, count)
