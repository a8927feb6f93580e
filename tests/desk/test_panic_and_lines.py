"""Panic has words of its own; some people have a line of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from center.facts import CENTER_FILE
from tests.desk.conftest import Serve
from tests.desk.talk import Talk, talk

PANIC = "i'm having a panic attack right now, i can't breathe"


async def test_panic_has_its_own_words_and_pages_nobody(chat: Talk) -> None:
    first, grounding = await chat.say(PANIC)
    assert first["kind"] == "crisis"
    assert "new chest pain" in first["text"]
    assert "suicidal to reach out" in first["text"]
    assert "breathe out slowly" in grounding["text"]
    assert chat.alerts() == []
    assert chat.desk.rows("select owner from ownership") == [("bot",)]
    (again,) = await chat.say(PANIC)
    assert "breathe out slowly" not in again["text"]


async def test_panic_with_another_sign_pages_staff(chat: Talk) -> None:
    await chat.say(f"{PANIC} and i want to die")
    assert chat.alerts()[0][0] != "PANIC"


async def test_panic_that_is_not_safe_pages_staff(chat: Talk) -> None:
    await chat.say(PANIC)
    await chat.press("not_safe_now")
    assert chat.alerts() == [("PANIC", "T1", "answer:not_safe")]


async def test_new_chest_pain_is_an_emergency(chat: Talk) -> None:
    await chat.say("my chest hurts and i can't breathe and my left arm is numb")
    replies = chat.last["replies"]
    assert replies[0]["text"].startswith("Call 911 now")
    assert len(replies) == 1


async def test_a_center_may_leave_the_grounding_text_out(serve: Serve, tmp_path: Path) -> None:
    text = CENTER_FILE.read_text("utf-8")
    (tmp_path / "center.yml").write_text(f"{text}\ngrounding: false\n")
    desk = await serve({"center_file": tmp_path / "center.yml"})
    chat = await talk(desk)
    replies = await chat.say(PANIC)
    assert not [each for each in replies if "breathe out slowly" in each["text"]]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("i am a veteran and i want to die", "838255"),
        ("i gave birth in may and i want to die", "1-833-852-6262"),
        ("i'm trans and i want to kill myself", "1-866-488-7386"),
        ("i am 15 and i want to die", "741741"),
        ("my stepdad beats my little brother with a belt", "1-800-422-4453"),
        ("i threw up blood after purging", "1-888-375-7767"),
        ("my husband hits me when he drinks", "1-800-799-7233"),
        ("i took the whole bottle of pills", "1-800-222-1222"),
    ],
)
async def test_the_right_line_is_named_once(chat: Talk, words: str, number: str) -> None:
    replies = await chat.say(words)
    assert replies[0]["kind"] == "crisis"
    assert "988" in replies[0]["text"]
    assert any(number in each["text"] for each in replies)
    assert len(replies) <= 2
    if len(replies) == 2:
        assert len(await chat.say(words)) == 1
