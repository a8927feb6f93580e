"""The screen as a whole: disguises, hostile text, length, and the second layer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.matching import STRETCH, stretches
from safety.risk import Risk, worst
from safety.screen import Screen, load_screen

RISKY = "i want to kill myself"
SCREEN = load_screen()
_PIECES = st.sampled_from(
    ["i ", "want ", "not ", "to ", "die ", "kill ", "myself", ".", "?", "'", "\n", "k.i.l.l", "🔪",
     "aaaa", "no ", "d1e", "\u202e", "\u0301", "*", "i i i i ", "quiero ", "morir "]
)  # fmt: skip


class _Always:
    """A second layer that always finds the same."""

    def __init__(self, risk: Risk | None) -> None:
        self.risk = risk

    def screen(self, text: str, vectors: Any) -> Risk | None:
        return self.risk


@pytest.mark.parametrize(
    "text",
    [
        RISKY.upper(),
        "/" + RISKY,
        "i w@nt t0 k!ll mys3lf",
        "iwanttokillmyself",
        "i want to k i l l  m y s e l f",
        "i want to kiiiilll myself",
        "i want to kill\nmyself",
        "\u200bi want to ki\u200bll myself",
        "<b>i want to kill myself</b>",
        "i want to unalive myself",
        "so tired of it all 🔫",
        "want to know the price AND i want to kill myself so idk",
    ],
)
def test_disguise_does_not_hide_it(screen: Screen, text: str) -> None:
    risk = screen.screen(text)
    assert risk is not None
    assert risk.alarm


@pytest.mark.parametrize("filler", ["hello there. ", "x", "no ", "🔪", "a.b ", "i want "])
@pytest.mark.parametrize("first", [True, False])
def test_risk_at_an_end_of_a_long_text(screen: Screen, filler: str, first: bool) -> None:
    padding = filler * (99_000 // len(filler))
    text = f"{RISKY}. {padding}" if first else f"{padding}. {RISKY}"
    risk = screen.screen(text)
    assert risk is not None
    assert risk.alarm


def test_nothing_is_found_in_nothing(screen: Screen) -> None:
    assert screen.screen("") is None
    assert screen.screen("What are your hours?") is None


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_screened(text: str) -> None:
    SCREEN.screen(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=60).map("".join))
def test_any_mixture_is_screened(text: str) -> None:
    SCREEN.screen(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc .,?", max_size=200))
def test_risk_is_found_whatever_precedes_it(before: str) -> None:
    risk = SCREEN.screen(f"{before}\n\n{RISKY}")
    assert risk is not None
    assert risk.alarm


@pytest.mark.parametrize("size", [0, 1, STRETCH, STRETCH + 1, 10 * STRETCH])
def test_work_grows_with_the_text(size: int) -> None:
    parts = list(stretches(" " + "word " * size))
    assert len(parts) <= max(1, size // (STRETCH // 2))
    assert all(len(part.text.split()) <= STRETCH for part in parts)


def test_meaning_raises_and_never_lowers() -> None:
    soft, grave = Risk("SOFT", "T3", "meaning:SOFT"), Risk("MED", "T0", "meaning:MED")
    assert SCREEN.with_meaning(_Always(grave)).screen(RISKY, [1]) == grave
    assert SCREEN.with_meaning(_Always(soft)).screen(RISKY, [1]) == SCREEN.screen(RISKY)
    assert SCREEN.with_meaning(_Always(None)).screen(RISKY, [1]) == SCREEN.screen(RISKY)
    assert SCREEN.with_meaning(_Always(grave)).screen("hello", [1]) == grave


def test_meaning_is_asked_without_vectors_too() -> None:
    found = Risk("S1", "T2", "meaning:S1")
    assert SCREEN.with_meaning(_Always(found)).screen("hello") == found


def test_a_rule_wins_a_tie() -> None:
    rule, meaning = Risk("S1", "T2", "s1.x"), Risk("S1", "T2", "meaning:S1")
    assert worst(rule, meaning) is rule
    assert worst(None, meaning) is meaning
    assert worst(None, None) is None
