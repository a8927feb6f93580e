"""Moves are found by form over the whole message; a question that holds such words stays one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.moves import Move, move_of, names_somebody


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("why?", Move.WHY),
        ("but why so expensive??", Move.WHY),
        ("Why that many?", Move.WHY),
        ("how come", Move.WHY),
        ("where is that number from?", Move.SOURCE),
        ("Where did you get that?", Move.SOURCE),
        ("says who", Move.SOURCE),
        ("are you sure about that?", Move.SOURCE),
        ("can you say that again please", Move.REPEAT),
        ("sorry, what?", Move.REPEAT),
        ("what did you just say", Move.REPEAT),
        ("tell me more", Move.MORE),
        ("ok, go on", Move.MORE),
        ("i dont get it", Move.MORE),
        ("in plain words please", Move.MORE),
        ("that's not what I asked", Move.WRONG),
        ("that’s not what i asked!", Move.WRONG),
        ("wrong answer", Move.WRONG),
        ("this is useless", Move.WRONG),
        ("help", Move.OPEN),
        ("HELP ME PLEASE", Move.OPEN),
        ("info pls", Move.OPEN),
        ("hi i have a quick question", Move.OPEN),
        ("my daughter", Move.OPEN),
        ("it's about my husband", Move.OPEN),
    ],
)
def test_a_move_is_found(text: str, move: Move) -> None:
    assert move_of(text) is move


@pytest.mark.parametrize(
    "text",
    [
        "why is iop three hours a day",
        "why would my insurance say no",
        "help me pay for this",
        "my daughter cuts class and drinks",
        "can you help with housing",
        "more about cost",
        "what does iop mean",
        "where are you from",
        "is that covered",
        "do you have a source of funding",
        "what did you say about cost",
        "no",
        "yes",
        "",
        "?!",
    ],
)
def test_a_question_is_no_move(text: str) -> None:
    assert move_of(text) is None


@given(st.text())
def test_any_text_has_one_move_or_none(text: str) -> None:
    assert move_of(text) in {None, *Move}


def test_somebody_is_named() -> None:
    assert names_somebody("It's for my Daughter.")
    assert not names_somebody("help please")
