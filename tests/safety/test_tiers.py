"""How urgent each kind of risk is, said apart from the data files (see docs/safety.md)."""

from __future__ import annotations

import pytest

from safety.screen import Screen


@pytest.mark.parametrize(
    ("text", "category", "tier"),
    [
        ("I cut too deep and it won't stop bleeding", "SH", "T0"),
        ("i just took all my pills", "MED", "T0"),
        ("she took a bunch of pills and wont wake up", "MED", "T0"),
        ("i have a gun in my hand and im going to do it", "S5", "T1"),
        ("i have a plan to end my life", "S5", "T1"),
        ("i am going to kill myself tonight", "S4", "T1"),
        ("i'm going to shoot my boss", "VIO", "T1"),
        ("he is beating my mom right now", "ABU", "T1"),
        ("i want to kill myself", "S2", "T2"),
        ("i wish i was dead", "S1", "T2"),
        ("i cut myself again last night", "SH", "T2"),
        ("i feel so hopeless lately", "SOFT", "T3"),
    ],
)
def test_tier(screen: Screen, text: str, category: str, tier: str) -> None:
    risk = screen.screen(text)
    assert risk is not None
    assert (risk.category, risk.tier) == (category, tier)
