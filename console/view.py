"""Rows of the log as the console's pages show them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from store.masking import masked

SPEAKERS = {"visitor": "Visitor", "bot": "Assistant", "staff": "Staff", "system": "System"}
TIERS = {
    "T0": "T0, life in danger",
    "T1": "T1, urgent",
    "T2": "T2, at risk",
    "T3": "T3, gentle check-in",
    "unscreened": "not screened",
}
OUTCOMES = {
    "brain": "answered",
    "fixed": "fixed reply",
    "safe": "safe reply: the brain did not answer",
    "read": "read only: staff have the conversation",
}


def when(milliseconds: int) -> dict[str, str]:
    """Return a moment for a <time> element: machine form and words (UTC)."""
    at = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return {"iso": at.isoformat(timespec="seconds"), "words": f"{at:%Y-%m-%d %H:%M:%S} UTC"}


def _text(message: dict[str, Any], *, unmasked: bool) -> str:
    words: str = message["text"]
    if unmasked or message["sender"] not in ("visitor", "staff"):
        return words
    # Of staff's own words names stay: they sign with theirs.
    return masked(words, names=message["sender"] == "visitor")


def entry(message: dict[str, Any], *, unmasked: bool = False) -> dict[str, Any]:
    """Return a message of a transcript with what was understood of it.

    Args:
        message: A row of store.review.
        unmasked: Whether to show it as it was written; who does so has it in the audit.
    """
    return {
        "seq": message["seq"],
        "sender": message["sender"],
        "kind": message["kind"],
        "who": SPEAKERS.get(message["sender"], message["sender"]),
        "text": _text(message, unmasked=unmasked),
        "at": when(message["at"]),
        "button": message["button"],
        "language": message["language"],
        "answer": _answer(message),
        "reading": _reading(message) if message["outcome"] else None,
    }


def _answer(message: dict[str, Any]) -> dict[str, Any] | None:
    if not message["answer_id"]:
        return None
    return {
        "id": message["answer_id"],
        "version": message["answer_version"],
        "draft": message["approved"] == 0,
        "safe": message["kind"] == "safe",
        "variables": sorted(message["variables"] or {}),
    }


def _reading(message: dict[str, Any]) -> dict[str, Any]:
    ranking = [each for each in message["ranking"] or () if each["name"] != message["intent"]]
    risk = None
    if message["risk_tier"]:
        risk = {
            "tier": TIERS.get(message["risk_tier"], message["risk_tier"]),
            "category": message["risk_category"],
            "rule": message["risk_rule"],
            "layer": "meaning" if _by_meaning(message["risk_rule"]) else "rules",
        }
    return {
        "outcome": OUTCOMES.get(message["outcome"], message["outcome"]),
        "safe": message["outcome"] == "safe",
        "intent": message["intent"],
        "confidence": _percent(message["confidence"]),
        "others": [f"{each['name']} {_percent(each['confidence'])}" for each in ranking[:3]],
        "entities": [
            f"{each['name']}: {masked(each['value'])}" for each in message["entities"] or ()
        ],
        "signals": message["signals"] or [],
        "model": message["model"],
        "risk": risk,
        "milliseconds": round(message["milliseconds"], 1),
    }


def _by_meaning(rule: str | None) -> bool:
    """Say whether the layer of meaning has found a risk, and no rule: it then has no rule's id."""
    return (rule or "").startswith("meaning:")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.0f}%"
