"""Who a message is about, and whether a minor is meant."""

from __future__ import annotations

import pytest

from brain.people import find_people
from language.pipeline import nlp


def found(text: str) -> set[tuple[str, str]]:
    return {(label, value) for label, value, _, _ in find_people(nlp()(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my son is 15", {("about", "child"), ("age", "15"), ("minor", "yes")}),
        ("my husband drinks", {("about", "spouse")}),
        ("im 19 can i go", {("age", "19")}),
        ("for our 16 year old", {("age", "16"), ("minor", "yes")}),
        ("do you take teens", {("minor", "yes")}),
        ("a friend of mine", {("about", "friend")}),
        ("is 12 weeks enough", set()),
        ("it is 9am", set()),
        ("is 40 dollars ok", set()),
        ("what is iop", set()),
    ],
)
def test_people(text: str, expected: set[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_positions_are_the_words() -> None:
    text = "my daughter is 14"
    spans = {text[start:end] for _, _, start, end in find_people(nlp()(text))}
    assert spans == {"daughter", "is 14"}
