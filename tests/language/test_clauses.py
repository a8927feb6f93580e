"""Clauses are found with and without punctuation; a question keeps its own words together."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from language.clauses import MOST, clauses


def texts(message: str) -> list[str]:
    return [clause.text for clause in clauses(message)]


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("how much is it", ["how much is it"]),
        ("what does it cost and do you take cigna", ["what does it cost", "and do you take cigna"]),
        ("do i need a referral where are you", ["do i need a referral", "where are you"]),
        ("Is it online? How long is it?", ["Is it online?", "How long is it?"]),
        ("how soon can i start", ["how soon can i start"]),
        ("what hours is it", ["what hours is it"]),
        ("i want to know how much it costs", ["i want to know how much it costs"]),
        ("for a friend who has depression", ["for a friend who has depression"]),
        ("can a parent do this", ["can a parent do this"]),
        ("which therapies does your team use", ["which therapies does your team use"]),
        ("im 19 can i join", ["im 19", "can i join"]),
    ],
)
def test_clauses(message: str, parts: list[str]) -> None:
    assert texts(message) == parts


@pytest.mark.parametrize(
    ("message", "asking"),
    [
        ("my son is struggling. do you take teens", [False, True]),
        ("I lost my job. Wondering about the price.", [False, True]),
        ("we moved here in may. she likes it.", [False, False]),
    ],
)
def test_a_story_does_not_ask(message: str, asking: list[bool]) -> None:
    assert [clause.asks for clause in clauses(message)] == asking


@given(st.text(max_size=400))
@example("\n")
def test_any_text_can_be_split(message: str) -> None:
    found = clauses(message)
    assert len(found) <= MOST
    assert all(clause.text for clause in found)
