"""The taxonomy of risk: categories, tiers of action, and what a screening returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: Category code to its plain meaning, the one that is published and shown to staff.
CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "MED": "Medical danger: overdose, cannot be woken, bleeding, withdrawal",
        "S6": "Suicide attempt or preparation in the past three months",
        "S5": "Suicide plan, date, farewell or means at hand",
        "S4": "Intent to act on thoughts of suicide",
        "S3": "Thoughts of suicide with a method",
        "VIO": "Threat or intent to harm others",
        "PSY": "Voices, paranoia or loss of reality",
        "ABU": "Abuse, assault or not being safe at home",
        "S2": "Thoughts of suicide",
        "SH": "Self-harm or the urge to it",
        "S1": "Wish to be dead, or feeling a burden",
        "ED": "Eating disorder with danger to the body",
        "PANIC": "Acute panic",
        "SOFT": "Hopeless or overwhelmed, no stated risk",
    }
)
#: Most urgent first: T0 911, T1 988 and staff now, T2 988 and staff, T3 gentle check-in.
TIERS = ("T0", "T1", "T2", "T3")
#: Tiers that alert somebody; T3 offers 988 and alarms nobody.
ALARM_TIERS = frozenset({"T0", "T1", "T2"})

_CATEGORY_ORDER = {code: rank for rank, code in enumerate(CATEGORIES)}
_TIER_ORDER = {tier: rank for rank, tier in enumerate(TIERS)}


@dataclass(frozen=True)
class Risk:
    """What was found in one message; says nothing of the words themselves.

    Attributes:
        category: a code of `CATEGORIES`.
        tier: a code of `TIERS`.
        rule: id of the rule that fired, or `meaning:<category>`.
        other: True when the message is about somebody else.
        language: "en" or "es", the language to answer in.
    """

    category: str
    tier: str
    rule: str
    other: bool = False
    language: str = "en"

    def __post_init__(self) -> None:
        """Refuse codes that the taxonomy does not have."""
        if self.category not in CATEGORIES or self.tier not in TIERS:
            raise ValueError(f"unknown category or tier: {self.category} {self.tier}")

    @property
    def alarm(self) -> bool:
        """True when staff are to be alerted (T0 to T2)."""
        return self.tier in ALARM_TIERS


def urgency(risk: Risk) -> tuple[int, int]:
    """Sorting key: the most urgent tier first, then the graver category."""
    return _TIER_ORDER[risk.tier], _CATEGORY_ORDER[risk.category]


def worst(first: Risk | None, second: Risk | None) -> Risk | None:
    """The more urgent of two findings; on a tie the first (a rule before meaning)."""
    if first is None or second is None:
        return first or second
    return min(first, second, key=urgency)
