"""What people type for an answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.callbacks import reading


@pytest.mark.parametrize(
    "text",
    [
        "call me", "Call me back at 5", "please give me a call", "can someone call me?", "callback",
        "I want a call back", "can i get a call", "call me tomorrow", "I'd like to be called back",
        "could somebody ring me", "can you call me tomorrow morning", "will you call me please",
        "would you mind calling me", "request a callback", "have someone phone me",
    ],
)  # fmt: skip
def test_wishes_to_be_called(text: str) -> None:
    assert reading.wants_call(text)


@pytest.mark.parametrize(
    "text",
    [
        "don't call me", "you didn't call me back", "he keeps calling me", "they call me crazy",
        "who do i call", "what number do i call", "stop calling me", "nobody called me back",
        "do you call insurance for me", "when will you call me back", "did you call me",
        "you keep calling me", "why did nobody call me", "how much is it", "never call me again",
    ],
)  # fmt: skip
def test_other_words_about_calls(text: str) -> None:
    assert not reading.wants_call(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Marguerite", "Marguerite"),
        ("my name is Jordan Smith", "Jordan Smith"),
        ("I'm Ana-María O'Neil", "Ana-María O'Neil"),
        ("call me Al", "Al"),
        ("Hi, this is Bo.", "Bo"),
        ("Dr. J. Doe", "Dr. J. Doe"),
        ("李雷", "李雷"),
        ("Will Moore", "Will Moore"),
        ("Zoë", "Zoë"),
        ("213 555 0142", None),
        ("jordan@example.org", None),
        ("<b>Bo</b>", None),
        ("/restart", None),
        ("no", None),
        ("I don't want to give it", None),
        ("leave me alone", None),
        ("🙂", None),
        ("a" * 81, None),
        ("one two three four five six seven", None),
    ],
)
def test_names(text: str, name: str | None) -> None:
    assert reading.name_of(text) == name


@pytest.mark.parametrize("name", ["Will Moore", "May Day", "Art Will", "Are Berg", "Ben Do"])
def test_names_that_look_like_questions_are_names(name: str) -> None:
    assert not reading.is_question(name, name=True)


@pytest.mark.parametrize("text", ["how much is it", "do you take Aetna", "what is this for", "ok?"])
def test_questions(text: str) -> None:
    assert reading.is_question(text)


@pytest.mark.parametrize("text", ["what it costs", "mornings", "my sister", "818 555 0177?"])
def test_answers_are_no_questions(text: str) -> None:
    assert not reading.is_question(text)


@pytest.mark.parametrize("text", ["cancel", "Stop!", "never mind", "no thanks", "please stop it"])
def test_ends(text: str) -> None:
    assert reading.ends(text)


@pytest.mark.parametrize("text", ["stop by after five", "my sister may cancel", "no", "exit 12"])
def test_no_ends(text: str) -> None:
    assert not reading.ends(text)


def test_who_waits_for_staff_may_mean_that_request() -> None:
    assert reading.withdraws("cancel my request")
    assert not reading.withdraws("cancel my request", waits=True)
    assert reading.withdraws("please cancel my callback", waits=True)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for read in (
        reading.ends,
        reading.goes_on,
        reading.skips,
        reading.yes_or_no,
        reading.agrees,
        reading.changes,
        reading.any_time,
        reading.age_of,
        reading.name_of,
        reading.is_question,
        reading.wants_call,
        reading.withdraws,
        reading.note_of,
    ):
        read(text)  # type: ignore[operator]


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "call me " * 10_000, "1 " * 50_000, "no, " * 25_000]
)
def test_long_texts_take_no_time(text: str) -> None:
    import time

    begun = time.process_time()
    for read in (reading.ends, reading.wants_call, reading.withdraws, reading.age_of):
        read(text)  # type: ignore[operator]
    assert time.process_time() - begun < 1
