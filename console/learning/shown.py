"""Messages, corrections, examples and models as the pages of learning show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from console.learning.intents import title
from console.learning.queue import Queued
from console.view import TIERS
from safety.risk import CATEGORIES
from store.candidates import Candidate
from store.corrections import Corrected
from store.learned import HARMLESS, Example, clean
from store.masking import masked
from store.review_queue import Item

REASONS = {
    "layers": "layers disagree",
    "near": "near a crisis limit",
    "thumbs_down": "did not help",
    "repeated": "asked again and again",
    "fallback": "no answer",
    "close": "close call",
}
KINDS = {
    "intent": "another intent",
    "several": "several questions",
    "out_of_scope": "out of scope",
    "false_alarm": "false alarm",
    "missed_crisis": "missed crisis",
    "right": "right as it was",
}
PURPOSES = {"train": "learned", "test": "kept as a test", "both": "learned, and kept as a test"}
STATES = {
    "asked": "waits to be trained",
    "training": "is being trained",
    "comparing": "is being compared",
    "ready": "ready to be decided on",
    "failed": "could not be made",
    "accepted": "accepted",
    "refused": "refused",
    "outdated": "made from older data or code",
}
REFUSALS = {
    "gone": "This candidate is no longer there.",
    "not_ready": "This candidate is not ready to be decided on.",
    "crisis_lost": "It loses a crisis that the model in use finds. It cannot be accepted.",
    "other_model": "Another model was put in use since it was compared. Ask for a new candidate.",
    "erased": "An example that it was trained from was erased. Ask for a new candidate.",
    "new_crises": "A missed crisis was confirmed since it was compared. Ask for a new candidate.",
}
WHYS = {"asked": "asked for", "erased": "words were erased", "changed": "data or code changed"}
_OTHERS, _CHANGES = 3, 100


def queued(each: Queued, moment: Any) -> dict[str, Any]:
    """Return a message of the queue, masked, with what was understood of it."""
    item = each.item
    return {
        **_message(item, moment),
        "reasons": [REASONS[name] for name in each.reasons],
        "alike": len(each.alike),
        "others": [masked(other.text) for other in each.alike[:_OTHERS]],
        "choices": [
            {"name": name, "title": title(name)} for name in _others(item) if name != item.intent
        ][:2],
    }


def _message(item: Item, moment: Any) -> dict[str, Any]:
    risk = None
    if item.risk_tier:
        meaning = CATEGORIES.get(item.risk_category or "", item.risk_category)
        risk = f"{TIERS.get(item.risk_tier, item.risk_tier)}: {meaning} ({item.risk_rule})"
    return {
        "id": item.conversation_id,
        "seq": item.seq,
        "text": masked(item.text),
        "at": moment(item.at),
        "intent": title(item.intent) if item.intent else "nothing",
        "confidence": _percent(item.confidence),
        "ranking": [
            f"{title(each['name'])} {_percent(each['confidence'])}"
            for each in item.ranking
            if each["name"] != item.intent
        ][:3],
        "risk": risk,
    }


def _others(item: Item) -> list[str]:
    return [str(each["name"]) for each in item.ranking]


def corrected(each: Corrected) -> dict[str, Any]:
    """Return a correction, with what is offered to be learned from it."""
    correction = each.correction
    text = masked(each.text)
    return {
        "id": correction.conversation_id,
        "seq": correction.seq,
        "text": text,
        "kind": correction.kind,
        "words": KINDS[correction.kind],
        "intents": [title(name) for name in correction.intents],
        "was": title(each.intent) if each.intent else "nothing",
        "category": correction.category,
        "offered": clean(text),
    }


def example(each: Example, names: Mapping[str, str], moment: Any) -> dict[str, Any]:
    """Return an example."""
    risk = None
    if each.risk is not None:
        risk = "alarmed without need" if each.risk == HARMLESS else CATEGORIES.get(each.risk)
    return {
        "id": each.id,
        "text": masked(each.text),
        "intents": [title(name) for name in each.intents],
        "risk": risk,
        "purpose": PURPOSES[each.purpose] if each.purpose else None,
        "own": each.own,
        "by": names.get(each.by, "Staff"),
        "by_id": each.by,
        "at": moment(each.at),
    }


def model_name(name: str | None) -> str:
    """Return what a model is called on the page."""
    return name or "the model of make train"


def candidate(each: Candidate, names: Mapping[str, str], moment: Any) -> dict[str, Any]:
    """Return a candidate as a row."""
    figures = each.figures or {}
    return {
        "name": each.name,
        "state": each.state,
        "words": STATES[each.state],
        "why": WHYS.get(each.why, each.why),
        "asked": moment(each.asked_at),
        "by": names.get(each.asked_by or "", "the supervisor"),
        "examples": len(each.examples or ()),
        "lost": each.crises_lost,
        "trouble": each.trouble,
        "figures": _figures(figures) if figures else [],
        "against": model_name(each.against),
        "past": figures.get("past", {"rows": 0, "changed": 0}),
        "decided": moment(each.decided_at) if each.decided_at else None,
        "decided_by": names.get(each.decided_by or "", "the supervisor"),
    }


_ROWS = (
    ("questions", "Shipped questions understood", True),
    ("tests", "Your tests understood", True),
    ("stories", "Your stories understood, all lines of each", True),
    ("crises", "Crises found", True),
    ("harmless", "Harmless messages that alarm", False),
)


def _figures(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, words, more_is_better in _ROWS:
        if name not in figures:
            # Compared before there were any.
            continue
        counts = figures[name]
        change = counts["after"] - counts["before"]
        better = change > 0 if more_is_better else change < 0
        rows.append(
            {
                "words": words,
                "rows": counts["rows"],
                "before": _share(counts["before"], counts["rows"]),
                "after": _share(counts["after"], counts["rows"]),
                "change": f"{change:+d}" if change else "the same",
                "mark": "" if not change else "better" if better else "worse",
            }
        )
    return rows


def _share(count: int, rows: int) -> str:
    return f"{count} of {rows} ({100 * count / rows:.1f}%)" if rows else "none"


def changes(
    found: Sequence[Mapping[str, Any]], items: Mapping[tuple[str, int], Item], moment: Any
) -> list[dict[str, Any]]:
    """Return answers that would change, with the messages that are still in the log."""
    rows = []
    for each in found[:_CHANGES]:
        item = items.get((each["conversation"], each["seq"]))
        if item is None:
            continue
        rows.append(
            {
                **_message(item, moment),
                "before": [title(name) for name in each["before"]],
                "after": [title(name) for name in each["after"]],
                "answers_before": each["answers_before"],
                "answers_after": each["answers_after"],
                "less": each["level_after"] < each["level_before"],
                "more": each["level_after"] > each["level_before"],
            }
        )
    return rows


def lost_stories(figures: Mapping[str, Any], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return stories that were right and no longer are, but for those that were deleted."""
    ids = figures.get("stories", {}).get("lost", ())
    return [{"id": each, "name": names[each]} for each in ids if each in names]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.0f}%"
