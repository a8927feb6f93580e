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
        ("im 19 can i go", {("age", "19"), ("about", "self")}),
        ("for our 16 year old", {("age", "16"), ("minor", "yes"), ("about", "child")}),
        ("my 16 year old sister", {("age", "16"), ("minor", "yes"), ("about", "sibling")}),
        ("my best friend needs help", {("about", "friend")}),
        ("she's fifteen", {("age", "15"), ("minor", "yes")}),
        ("16f parents cant know", {("minor", "yes")}),
        ("is there one for 9th graders", {("minor", "yes")}),
        ("anything under 18", {("minor", "yes")}),
        ("she turns 18 in june", {("age", "18"), ("minor", "yes")}),
        ("can a minor join", {("minor", "yes")}),
        ("how much is it for my kid", {("about", "child"), ("minor", "yes")}),
        ("do you take teens", {("minor", "yes")}),
        ("a friend of mine", {("about", "friend")}),
        ("my kid is 24", {("about", "child"), ("age", "24")}),
        ("i pick up my kids at 3", {("about", "child")}),
        ("i have a 3 year old at home", {("age", "3"), ("about", "self")}),
        ("i've had it since i was 15", {("about", "self")}),
        ("im 90 days sober", {("about", "self")}),
        ("a minor problem", set()),
        ("is it 12 step", set()),
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
    assert spans == {"daughter", "14"}
