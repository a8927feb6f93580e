"""The load: how many messages go to whom, counted with an assistant that only listens."""

from __future__ import annotations

import pytest

from benchmarks.load import MIDDLE, PROBES, TURNS, Run, cost_by_turn, load, warm_up
from benchmarks.messages import QUESTIONS, RISKS
from benchmarks.talk import Conversation


class Listener:
    """An assistant that keeps what it is told, by conversation."""

    name = "A listener"

    def __init__(self) -> None:
        self.heard: list[list[str]] = []

    async def begin(self) -> Conversation:
        said: list[str] = []
        self.heard.append(said)
        return _Heard(said)


class _Heard:
    def __init__(self, said: list[str]) -> None:
        self._said = said

    async def say(self, text: str) -> None:
        self._said.append(text)


@pytest.mark.parametrize(("messages", "conversations"), [(1, 1), (25, 1), (200, 1), (400, 8)])
async def test_so_many_messages_in_short_conversations(messages: int, conversations: int) -> None:
    listener = Listener()
    run = await load(listener, messages, conversations)
    assert len(run.times) == messages
    assert sum(map(len, listener.heard)) == messages
    assert max(map(len, listener.heard)) <= TURNS


async def test_the_questions_come_in_turn() -> None:
    listener = Listener()
    await load(listener, len(QUESTIONS), 1)
    assert [text for said in listener.heard for text in said] == list(QUESTIONS)


async def test_warming_up_is_one_conversation() -> None:
    listener = Listener()
    await warm_up(listener)
    assert [len(said) for said in listener.heard] == [5]


@pytest.mark.parametrize("last", [120, 500])
async def test_the_same_questions_early_and_late(last: int) -> None:
    listener = Listener()
    found = await cost_by_turn(listener, last)
    long, *short = listener.heard
    assert {turn: len(times) for turn, times in found.items()} == {5: 20, MIDDLE: 10, last: 10}
    assert tuple(long[MIDDLE - 6 : MIDDLE + 4]) == PROBES * 2
    assert tuple(long[last - 6 : last + 4]) == PROBES * 2
    assert len(long) == last + 4
    assert {tuple(said[2:]) for said in short} == {PROBES}


def test_messages_per_second() -> None:
    assert Run((0.1,) * 10, 2.0).per_second == 5


def test_the_questions_are_ordinary_and_short() -> None:
    assert len(set(QUESTIONS)) == len(QUESTIONS) == 40
    assert max(map(len, QUESTIONS)) <= 60
    assert not set(QUESTIONS) & set(RISKS)
