"""Which of several questions comes first."""

from __future__ import annotations

PRIORITY = (
    "safety_crisis",
    "speak_to_human",
    "adolescents_teens",
    "insurance_coverage",
    "financial_aid",
    "cost",
    "medication",
    "substance_use",
    "specific_conditions",
    "condition_education",
    "helping_loved_one",
    "session_schedule",
    "attendance_rules",
)
"""Which intent of several comes first (docs/intents.md, "Rule order"); the others as asked."""
_PLACES = {intent: place for place, intent in enumerate(PRIORITY)}


def rank(intent: str) -> int:
    """Return an intent's place among several; those that are not named share the last."""
    return _PLACES.get(intent, len(PRIORITY))
