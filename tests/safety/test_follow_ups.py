"""What a person writes after a crisis text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.follow_ups import follow_ups, stands_alone


@pytest.mark.parametrize(
    "words",
    [
        "I'm fine lol",
        "jk",
        "j/k!!",
        "nvm",
        "never mind",
        "forget it",
        "it was a joke",
        "didn't mean it like that",
        "lol relax im just being dramatic",
        "not suicidal lol",
        "you misunderstood me",
        "era broma",
        "olvídalo",
    ],
)
def test_a_risk_is_taken_back(words: str) -> None:
    assert follow_ups().read(words, None) == "withdrawn"


@pytest.mark.parametrize(
    "words",
    [
        "i'm not fine",
        "im not okay",
        "i keep saying im fine",
        "i'm okay with groups in the evening",
        "do you take aetna",
        "is the neighborhood safe?",
        "don't forget about me",
        "thanks",
        "ok",
    ],
)
def test_other_words_are_other_words(words: str) -> None:
    assert follow_ups().read(words, None) is None


@pytest.mark.parametrize(
    ("words", "safe", "danger"),
    [
        ("no", "not_safe", "safe"),
        ("n", "not_safe", "safe"),
        ("nope", "not_safe", "safe"),
        ("yes", "safe", "not_safe"),
        ("y", "safe", "not_safe"),
        ("yeah i am", "safe", "not_safe"),
        ("sí", "safe", "not_safe"),
        ("idk", "not_safe", "not_safe"),
        ("not really", "not_safe", "not_safe"),
        ("maybe", "not_safe", "not_safe"),
        ("im not okay", "not_safe", "not_safe"),
        ("i'm not safe", "not_safe", "not_safe"),
        ("yes i am safe", "safe", "safe"),
        ("im not in danger", "safe", "safe"),
        ("no estoy a salvo", "not_safe", "not_safe"),
        ("estoy a salvo", "safe", "safe"),
        ("no i'm alone", "not_safe", "safe"),
        ("what does it cost", None, None),
    ],
)
def test_an_answer_is_read_by_its_question(
    words: str, safe: str | None, danger: str | None
) -> None:
    assert follow_ups().read(words, "safe") == safe
    assert follow_ups().read(words, "danger") == danger


@pytest.mark.parametrize(
    ("words", "follow"),
    [
        ("yes", "help_coming"),
        ("no", "no_help"),
        ("not yet", "no_help"),
        ("i called 911", "help_coming"),
        ("the ambulance is on the way", "help_coming"),
        ("no one is coming", "no_help"),
        ("should i call 911", "no_help"),
        ("ya viene la ambulancia", "help_coming"),
    ],
)
def test_an_answer_on_help(words: str, follow: str) -> None:
    assert follow_ups().read(words, "help") == follow


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    follow_ups().read(text, "safe")
    follow_ups().read(text, None)


def test_long_messages_are_no_answers() -> None:
    assert follow_ups().read("no " * 13, "safe") is None
    assert follow_ups().read("x" * 201, "safe") is None


@pytest.mark.parametrize(
    ("text", "alone"), [("no", True), ("jk, what does it cost?", False), ("jk " * 7, False)]
)
def test_what_asks_something_besides_is_answered_too(text: str, alone: bool) -> None:
    assert stands_alone(text) is alone
