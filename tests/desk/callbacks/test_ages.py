"""Children and teenagers."""

from __future__ import annotations

import pytest

from desk.callbacks.reading import age_of
from tests.desk.callbacks.asking import Asker, texts
from tests.desk.talk import buttons, hrefs


@pytest.mark.parametrize("answer", ["callback_child", "I'm 12", "9", "under 13", "im 11 years old"])
async def test_nothing_is_taken_from_a_child(asks: Asker, answer: str) -> None:
    await asks.begin()
    said = await asks.give(answer)
    assert "ask a parent or another adult" in texts(said)
    assert "call (213) 555-0142" in texts(said)
    assert {"tel:988", "tel:911"} <= set(hrefs(said[-1]))
    assert "What name" not in texts(await asks.say("Marguerite"))
    assert "Marguerite" not in str(asks.desk.rows("select state from callback_forms"))
    assert asks.callbacks() == []


@pytest.mark.parametrize("again", ["callback", "callback_adult"])
async def test_the_age_cannot_be_answered_anew(asks: Asker, again: str) -> None:
    await asks.begin()
    await asks.press("callback_child")
    said = texts(await asks.press(again))
    assert "ask a parent or another adult" in said
    assert "What name" not in said


@pytest.mark.parametrize("answer", ["callback_teen", "I'm 15", "13", "17", "i am a teenager"])
async def test_teenagers_read_first_who_may_be_told(asks: Asker, answer: str) -> None:
    await asks.begin()
    said = await asks.give(answer)
    assert "tell a parent or guardian" in texts(said)
    assert "What name" not in texts(said)
    assert buttons(said[-1]) == ["callback_understood", "callback_cancel"]
    assert "What name" not in texts(await asks.say("Marguerite"))
    await asks.press("callback_understood")
    for each in ("Marguerite", "2135550142", "any time", "skip", "no", "no", "skip", "skip"):
        await asks.say(each)
    await asks.press("callback_agree")
    (row,) = asks.callbacks()
    assert (row["name"], row["minor"]) == ("Marguerite", 1)


async def test_a_teenager_who_does_not_want_that_gives_nothing(asks: Asker) -> None:
    await asks.begin()
    await asks.press("callback_teen")
    assert "dropped" in texts(await asks.say("no"))


@pytest.mark.parametrize("answer", ["no", "nope", "twelve and a half", "old enough", "150", "0"])
async def test_an_age_that_is_unclear_is_asked_again(asks: Asker, answer: str) -> None:
    await asks.begin()
    assert "18 or older" in texts(await asks.say(answer))
    assert "What name" in texts(await asks.press("callback_adult"))


@pytest.mark.parametrize(
    ("typed", "age"),
    [
        ("yes", "adult"),
        ("18", "adult"),
        ("I'm 34", "adult"),
        ("over 18", "adult"),
        ("17", "teen"),
        ("no im 15", "teen"),
        ("13 to 17", "teen"),
        ("12", "child"),
        ("im a kid", "child"),
        ("no", None),
        ("213 555 0142", None),
        ("I have 2 kids and I am 30", None),
    ],
)
def test_ages_as_they_are_typed(typed: str, age: str | None) -> None:
    assert age_of(typed) == age


async def test_no_name_is_asked_before_the_age(asks: Asker) -> None:
    await asks.begin()
    assert "Marguerite" not in texts(await asks.say("Marguerite"))
    assert "Marguerite" not in str(asks.desk.rows("select state from callback_forms"))
