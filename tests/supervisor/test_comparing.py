"""How messages are put to a model: alone, or one after the other where they are a story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.asked import Vectors
from desk.brain_answer import Answer, Understood
from store.stories import Story, Turn
from supervisor import comparing
from supervisor.comparing import Case, brain_reads, story_cases

STORIES = [
    Story(3, "two", (Turn("what do i pay", ("cost",)), Turn("thanks", ("thanks",))), "ana", 1),
    Story(5, "one", (Turn("both", ("cost", "eligibility")),), "ana", 1),
]


class Told:
    """A brain that notes what it is told, and takes everything for a question of the price."""

    calls: list[tuple[str, str, str]]

    def __init__(self, *_: Any) -> None:
        """Begin."""

    async def turn(self, body: Any, _: float) -> Answer:
        self.calls.append(("turn", body["conversation"], body["text"]))
        return Answer((), Understood("cost", 0.9, (), ("cost",), ()), (), "m")

    async def read(self, body: Any, _: float) -> Answer:
        self.calls.append(("read", body["conversation"], body["text"]))
        return Answer((), Understood("cost", 0.9, (), ("cost",), ()), (), "m")

    async def forget(self, conversation: str, _: float) -> None:
        self.calls.append(("forget", conversation, ""))

    async def close(self) -> None:
        pass


@pytest.fixture
def brain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Told]:
    Told.calls = []
    (tmp_path / "token").write_text("x")
    monkeypatch.setattr(comparing, "Brain", Told)
    monkeypatch.setattr(comparing, "TOKEN_FILE", tmp_path / "token")
    return Told


async def test_the_lines_of_a_story_come_in_one_conversation(brain: type[Told]) -> None:
    alone = [Case("past", ["c1", 4], "hello"), Case("tests", 2, "how much")]
    cases = [*alone, *story_cases(STORIES), Case("past", ["c1", 6], "bye")]
    vectors = Vectors(np.zeros(768, dtype=np.float32))
    found = await brain_reads(1, cases, [(vectors, [None])] * len(cases), 0)
    names = [name for _, name, _ in brain.calls]
    assert [(call, text) for call, _, text in brain.calls] == [
        ("turn", "hello"),
        ("forget", ""),
        ("read", "how much"),
        ("turn", "what do i pay"),
        ("turn", "thanks"),
        ("forget", ""),
        ("turn", "both"),
        ("forget", ""),
        ("turn", "bye"),
        ("forget", ""),
    ]
    assert names[3] == names[4] == names[5]
    assert len(set(names)) == 5
    right = [each.right(case) for case, each in zip(cases[2:5], found[2:5], strict=True)]
    # Of several questions all must be found.
    assert right == [True, False, False]
