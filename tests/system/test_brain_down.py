"""With the brain killed in the middle of a conversation nobody is left without an answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from tests.running import RunningDesk

CANARY = "zanzibar"


@pytest.fixture(scope="module")
def own_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with RunningDesk(tmp_path_factory.mktemp("state"), IOP_BRAIN_LIMIT="2") as running:
        yield running


def test_killed_and_started_again(own_desk: RunningDesk) -> None:
    visitor = own_desk.visitor()
    before = visitor.say("how much does it cost")
    assert before["replies"][0]["kind"] == "answer"

    own_desk.kill_brain()
    safe = visitor.say(f"do you take aetna {CANARY}")
    assert [reply["kind"] for reply in safe["replies"]] == ["safe"]
    assert "988" in safe["replies"][0]["text"]

    crisis = visitor.say(f"i want to kill myself {CANARY}")
    assert crisis["replies"][0]["kind"] == "crisis"
    assert any(link["href"] == "tel:988" for link in crisis["replies"][0]["links"])

    own_desk.start_brain()
    after = visitor.say("how long is the program")
    assert [reply["kind"] for reply in after["replies"]] == ["answer"]

    with sqlite3.connect(own_desk.state / "desk.db") as log:
        said = log.execute("SELECT count(*) FROM messages WHERE sender = 'visitor'").fetchone()[0]
        answered = log.execute("SELECT count(*) FROM readings").fetchone()[0]
    assert (said, answered) == (4, 4)


def test_no_log_file_holds_a_persons_words(own_desk: RunningDesk) -> None:
    logs = [path for path in own_desk.state.rglob("*.log") if path.is_file()]
    assert logs
    assert not [path.name for path in logs if CANARY in path.read_text("utf-8", "replace")]
