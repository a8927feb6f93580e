"""Chooses the text of answers/crisis.yml for a finding."""

from __future__ import annotations

from safety.risk import Risk

#: Repeats take turns between these.
AGAIN = ("crisis_again", "crisis_again_2")
# Categories whose texts differ when it is an emergency.
_EMERGENCY = frozenset({"SH", "S6", "ED", "PANIC", "VIO"})


def crisis_answer_id(risk: Risk, repeated: int) -> str:
    """The id of the text that goes out for a finding.

    Args:
        risk: what the screen found.
        repeated: how often this conversation was shown crisis resources before.

    Returns:
        An id of answers/crisis.yml. A repeat has other words, except in an emergency (T0),
        where what to do comes first every time, and for abuse and threats, whose lines differ.
    """
    if risk.category == "SOFT":
        return "crisis_SOFT"
    other = "_other" if risk.other else ""
    if risk.tier == "T0":
        tier = "_T0" if risk.category in _EMERGENCY else ""
        return f"crisis_{risk.category}{tier}{other}"
    if repeated > 0 and risk.category not in ("ABU", "VIO"):
        if risk.other:
            return "crisis_again_other"
        return AGAIN[(repeated - 1) % len(AGAIN)]
    return f"crisis_{risk.category}{other}"
