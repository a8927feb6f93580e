"""Processes are started in order, again when they end by themselves, and ended together."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import psutil
import pytest

from setup.errors import EXIT_REFUSED
from supervisor import processes, watching
from supervisor.processes import Child
from supervisor.watching import Supervisor, Watched

LIMIT = 30.0


@pytest.fixture(autouse=True)
def _own_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STATE", tmp_path)
    monkeypatch.setattr(watching, "RESTART_SECONDS", (0.01,))


def child(name: str, code: str) -> Child:
    return Child(name, [sys.executable, "-c", code], {})


def begins(place: Path, then: str) -> str:
    told = f"to = os.open({str(place)!r}, 1); os.write(to, str(os.getpid()).encode()); os.close(to)"
    return f"import os, time; {told}; {then}"


def test_who_ends_by_itself_is_started_again_until_all_are_told_to_stop(tmp_path: Path) -> None:
    place = tmp_path / "begun"
    os.mkfifo(place)
    supervisor = Supervisor([Watched(child("brain", begins(place, "time.sleep(99)")))])
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(supervisor.run()))
    thread.start()
    numbers = []
    for _ in range(2):
        with place.open() as told:
            numbers.append(int(told.read()))
        if len(numbers) == 1:
            os.kill(numbers[0], signal.SIGKILL)
    supervisor.stop(signal.SIGTERM)
    thread.join(LIMIT)
    assert codes == [0]
    assert numbers[0] != numbers[1]
    assert not psutil.pid_exists(numbers[1])


def test_who_may_refuse_ends_all_with_its_code() -> None:
    refusing = child("desk", f"raise SystemExit({EXIT_REFUSED})")
    other = child("brain", "import time; time.sleep(99)")
    supervisor = Supervisor([Watched(other), Watched(refusing, may_refuse=True)])
    assert supervisor.run() == EXIT_REFUSED
    assert not other.running


def test_a_log_that_has_grown_long_is_put_aside_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_LARGEST_LOG", 10)
    for words in ("first of many words", "second of many words", "third"):
        one = child("brain", f"print({words!r})")
        ended = threading.Event()
        one.start(lambda *_, ended=ended: ended.set())  # type: ignore[misc]
        assert ended.wait(LIMIT)
    logs = tmp_path / "logs"
    assert (logs / "brain.log").read_text() == "third\n"
    assert (logs / "brain.log.1").read_text() == "second of many words\n"
