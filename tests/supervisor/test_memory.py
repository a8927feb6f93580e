"""Where memory is short the brain rests while a model is made, and answers again afterwards."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from desk.conversations import now_ms
from desk.settings import Settings
from setup.machine import first_to_go
from store import candidates
from store.database import Database
from store.migrate import migrate
from supervisor import learning, processes
from supervisor.learning import Learning
from supervisor.processes import Child

LIMIT = 60.0


@pytest.fixture(autouse=True)
def _own_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STATE", tmp_path)


def sleeper() -> Child:
    return Child("brain", [sys.executable, "-c", "import time; time.sleep(999)"], {})


def test_who_is_held_is_started_only_when_let_go() -> None:
    brain, ended = sleeper(), threading.Event()
    brain.start(lambda *_: ended.set())
    first = brain.pid
    try:
        brain.hold()
        assert not brain.running
        # As the supervisor does when a process had ended just before.
        brain.start(lambda *_: ended.set())
        assert not brain.running
        assert not ended.is_set()
        brain.let_go()
        assert brain.running
        assert brain.pid != first
    finally:
        brain.stop()
    # Started as before: whoever watches it is told of this end.
    assert ended.wait(LIMIT)


def test_who_runs_is_not_started_a_second_time() -> None:
    brain = sleeper()
    brain.start()
    first = brain.pid
    try:
        brain.let_go()
        brain.start()
        assert (brain.running, brain.pid) == (True, first)
    finally:
        brain.stop()


@pytest.mark.parametrize(("needed_mb", "rests"), [(float("inf"), True), (0.0, False)])
async def test_the_brain_rests_only_where_memory_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed_mb: float, rests: bool
) -> None:
    monkeypatch.setattr(learning, "MAKING_MB", needed_mb)
    settings = Settings(state=tmp_path)
    migrate(settings.database)
    database = Database(settings.database)
    name = await database.write(lambda c: candidates.ask(c, None, now_ms()))
    assert name is not None
    brain = sleeper()
    brain.start()
    first = brain.pid
    # A wrong setting: the one who makes candidates ends at once.
    begun = Learning(settings, brain, "http://127.0.0.1:9", {"IOP_PORT": "none"})
    try:
        with begun.alongside():
            async with asyncio.timeout(LIMIT):
                while (await database.read(lambda c: candidates.one(c, name))).state != "failed":  # type: ignore[union-attr]
                    await asyncio.sleep(0.05)
                while not brain.running:
                    await asyncio.sleep(0.05)
        assert (brain.pid != first) is rests
    finally:
        brain.stop()
        database.close()


def test_who_makes_a_model_is_the_first_to_go(tmp_path: Path) -> None:
    adjustment = tmp_path / "oom_score_adj"
    adjustment.write_text("0")
    first_to_go(adjustment)
    assert adjustment.read_text() == "1000"


def test_where_the_kernel_has_no_such_order_nothing_fails(tmp_path: Path) -> None:
    first_to_go(tmp_path / "no" / "oom_score_adj")
