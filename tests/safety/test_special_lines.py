"""Each of some people hears of their own line: at most one, and once."""

from __future__ import annotations

import pytest

from safety.risk import CATEGORIES, Risk
from safety.special_lines import special_lines

S1 = Risk("S1", "T2", "x")
ABU = Risk("ABU", "T1", "x")


@pytest.mark.parametrize(
    ("text", "risk", "line"),
    [
        ("I'm a veteran and I want to die", S1, "veterans"),
        ("my husband came back from deployment and wants to die", S1, "veterans"),
        ("soy veterano y quiero morir", S1, "veterans"),
        ("i gave birth 3 weeks ago and i want to die", S1, "maternal"),
        ("im pregnant and i want to die", S1, "maternal"),
        ("i have thoughts of hurting my baby", Risk("VIO", "T1", "x"), "maternal"),
        ("i am trans and my parents hate it", S1, "lgbtq"),
        ("i'm 14 and i want to die", S1, "youth"),
        ("my 15 year old teen wants to die", S1, "youth"),
        ("tengo 15 años y quiero morir", S1, "youth"),
        ("i can't stop purging", Risk("ED", "T2", "x"), "eating"),
        ("i have anorexia and want to die", S1, "eating"),
        ("my stepdad hits me", ABU, "child"),
        ("they hurt the kids", ABU, "child"),
        ("my wife hits me", ABU, None),
        ("i took all my pills", Risk("MED", "T0", "x"), "poison"),
        ("he is shaking and seeing things", Risk("MED", "T0", "x"), None),
        ("i want to die", S1, None),
        ("my cat went to the vet and i want to die", S1, None),
    ],
)
def test_the_line_fits_the_words(text: str, risk: Risk, line: str | None) -> None:
    expected = f"crisis_line_{line}" if line else None
    assert special_lines().choose(text, risk) == expected


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_none_is_shown_twice(category: str) -> None:
    risk = Risk(category, "T2", "x")
    text = "i am 15, a veteran, pregnant and trans"
    line = special_lines().choose(text, risk)
    assert line is not None
    assert special_lines().choose(text, risk, [line]) is None
