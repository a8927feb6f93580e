"""Texts as people write them, and the parts that are made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers import writing
from answers.catalogue import Edition, Part, load_catalogue
from answers.editions import unapproved, with_editions
from answers.writing import WritingError


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One.", (Part("One."),)),
        ("One.\nTwo.", (Part("One."), Part("Two."))),
        ("One.\n\nTwo.", (Part("One."), Part(""), Part("Two."))),
        ("One.\n\n\n  \nTwo.\n\n", (Part("One."), Part(""), Part("Two."))),
        ("It is {price}.\nELSE:  Ask   us.", (Part("It is {price}.", "Ask us."),)),
        ("One.\nelse:", (Part("One."),)),
        ("  ", ()),
    ],
)
def test_a_text_is_read(text: str, parts: tuple[Part, ...]) -> None:
    assert writing.read(text) == parts


@pytest.mark.parametrize(
    ("text", "line"), [("else: a", 1), ("a\n\nelse: b", 3), ("a\nelse: b\nelse: c", 3)]
)
def test_an_else_that_stands_for_nothing_is_named(text: str, line: int) -> None:
    with pytest.raises(WritingError, match=f"Line {line} "):
        writing.read(text)


@given(st.text(max_size=200))
def test_what_is_read_is_written_the_same_way_again(text: str) -> None:
    try:
        parts = writing.read(text)
    except WritingError:
        return
    assert writing.read(writing.written(parts)) == parts
    assert writing.unpacked(writing.packed(parts)) == parts


def test_an_edition_stands_instead_of_one_form_alone() -> None:
    files = load_catalogue()
    edition = Edition((Part("New."),), 7, "sam-id")
    edited = with_editions(files, {("cost", "web"): edition, ("gone", "web"): edition})
    said = edited.render("cost")
    assert (said.text, said.version, said.approved) == ("New.", 7, True)
    assert edited.render("cost", "sms") == files.render("cost", "sms")
    assert files.render("cost").text != "New."
    assert "gone" not in edited.answers


def test_an_answer_is_approved_when_all_its_forms_are() -> None:
    files = load_catalogue()
    edition = Edition((Part("New."),), 7, "sam-id")
    forms = files.answers["cost"].texts
    one = with_editions(files, {("cost", "web"): edition})
    assert unapproved(one) == unapproved(files)
    every = with_editions(files, {("cost", form): edition for form in forms})
    assert unapproved(every) == unapproved(files) - 1
