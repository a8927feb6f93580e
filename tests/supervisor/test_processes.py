"""A child process: what it may leave behind."""

from __future__ import annotations

import queue
import stat
import sys
from pathlib import Path

import pytest

from supervisor.processes import Child


def test_what_a_child_writes_is_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "brain.db"
    command = [sys.executable, "-c", f"open({str(file)!r}, 'w').close()"]
    child = Child("maker", command, {})
    monkeypatch.setattr(child, "log", tmp_path / "logs" / "maker.log")
    ended: queue.SimpleQueue[int] = queue.SimpleQueue()
    child.start(lambda _, code: ended.put(code))
    assert ended.get(timeout=30) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
