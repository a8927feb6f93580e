"""Follow-ups and corrections are told by their form, alike in desk and brain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.context import leans_back, meant, readings, refers_back, together


@pytest.mark.parametrize(
    "text",
    [
        "and for teens?",
        "what about evenings?",
        "How much is that?",
        "do they take it",
        "weekends too?",
        "ok and if i dont have any",
        "both?",
        "even from my boss?",
    ],
)
def test_a_follow_up_leans_back(text: str) -> None:
    assert leans_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "do you take blue cross insurance",
        "how long does the whole program last",
        "and i have been thinking about this for weeks because my mother was in one too",
    ],
)
def test_a_question_of_its_own_does_not(text: str) -> None:
    assert not leans_back(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("no, i meant online", "online"),
        ("No I mean how many people?", "how many people"),
        ("i was asking about cost", "cost"),
        ("not that, the price", "the price"),
        ("the appointment, not the program", "the appointment"),
        ("actually, do you take aetna", "do you take aetna"),
        ("how much is it", None),
        ("no", None),
    ],
)
def test_a_correction_says_what_was_meant(text: str, wanted: str | None) -> None:
    assert meant(text) == wanted


def test_a_follow_up_is_read_beside_the_message_before() -> None:
    assert readings("do you take aetna", "and cigna?") == ("do you take aetna and cigna?",)
    assert readings(None, "and cigna?") == ()
    assert readings("do you take aetna", "how long does the whole program last") == ()


def test_of_a_long_message_only_the_end_is_read_again() -> None:
    assert together("word " * 40, "and then?").split() == ["word"] * 25 + ["and", "then?"]


def test_it_and_that_refer_back() -> None:
    assert refers_back("is that far?")
    assert not refers_back("is there parking?")


@given(st.text(), st.text())
def test_any_text_has_at_most_two_further_readings(before: str, text: str) -> None:
    assert len(readings(before, text)) <= 2
