"""Programs are ended with all they started; failures name the program and its last words."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from benchmarks import __main__ as command
from benchmarks.errors import BenchError
from benchmarks.memory import below, proportional_kb, resident_kb, tree, tree_mb
from benchmarks.ours import TRAIN
from benchmarks.processes import Program, environment
from benchmarks.stock import enable_rest
from setup import train

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()", "below"])
open("pid", "w").write(str(child.pid))
child.wait()
"""


def program(folder: Path, code: str) -> Program:
    run = [sys.executable, "-c", code]
    return Program("A program", run, folder, folder / "log", environment())


def with_child(folder: Path) -> tuple[Program, Path]:
    """Return a program that starts another one, and the pipe on which it tells the other's id."""
    os.mkfifo(folder / "pid")
    return program(folder, PARENT), folder / "pid"


def test_what_a_program_started_is_ended_with_it(tmp_path: Path) -> None:
    parent, pipe = with_child(tmp_path)
    with contextlib.suppress(KeyboardInterrupt), parent as running:
        child = int(pipe.read_text())
        processes = tree(running.pid)
        assert [each.pid for each in processes] == [running.pid, child]
        raise KeyboardInterrupt
    gone, alive = psutil.wait_procs(processes, timeout=10)
    assert (len(gone), alive) == (2, [])


def test_memory_is_of_the_whole_tree(tmp_path: Path) -> None:
    parent, pipe = with_child(tmp_path)
    with parent as running:
        child = int(pipe.read_text())
        assert below(running.pid, "below") == child
        assert tree_mb(running.pid) > tree_mb(child) > 0
        with pytest.raises(LookupError):
            below(running.pid, "rasa")


def test_a_failed_program_shows_its_last_words(tmp_path: Path) -> None:
    code = "import sys; sys.exit('the disk is full')"
    with (
        program(tmp_path, code) as running,
        pytest.raises(BenchError, match=r"(?s)A program failed.*1\).*the disk is full"),
    ):
        running.until_done()


def test_a_program_that_ends_by_itself_is_never_ready(tmp_path: Path, unused_tcp_port: int) -> None:
    code = "import sys; sys.exit('Port 5005 is taken')"
    with (
        program(tmp_path, code) as running,
        pytest.raises(BenchError, match=r"(?s)ended by itself.*Port 5005 is taken"),
    ):
        running.until_ready(f"http://127.0.0.1:{unused_tcp_port}")


def test_waiting_has_an_end(tmp_path: Path, unused_tcp_port: int) -> None:
    with (
        program(tmp_path, "import signal; signal.pause()") as running,
        pytest.raises(BenchError, match="not ready after"),
    ):
        running.until_ready(f"http://127.0.0.1:{unused_tcp_port}", seconds=0)


def test_the_environment_steers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOP_PORT", "8080")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    found = environment(IOP_STATE="here")
    assert {name for name in found if name.startswith("IOP_")} == {"IOP_STATE"}
    assert "PYTHONDONTWRITEBYTECODE" not in found
    assert found["RASA_TELEMETRY_ENABLED"] == "false"


def test_proportional_memory_is_read() -> None:
    assert proportional_kb("Rss:  9 kB\nPss:     1234 kB\nPss_Anon:  5 kB\n") == 1234


def test_resident_memory_where_there_is_no_proportional(tmp_path: Path) -> None:
    assert resident_kb(psutil.Process(), proc=tmp_path) > 1000


@pytest.mark.parametrize("before", ["rest:\n# nothing\n", "# rest:\nrasa:\n  url: x\n", ""])
def test_the_rest_channel_is_on_once(tmp_path: Path, before: str) -> None:
    file = tmp_path / "credentials.yml"
    file.write_text(before)
    enable_rest(file)
    lines = file.read_text().splitlines()
    assert lines.count("rest:") == 1
    assert set(before.splitlines()) <= set(lines)


def test_training_is_done_with_names_that_exist() -> None:
    compile(TRAIN, "train", "exec")
    assert all(hasattr(train, name) for name in ("MODELS", "CURRENT", "_run", "train"))


def test_without_a_model_the_benchmark_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.ours.is_trained", lambda: False)
    monkeypatch.setattr(command, "BRAIN_PYTHON", Path(sys.executable))
    assert command.main([]) == 1
    assert "make train" in capsys.readouterr().err


def test_an_interrupted_benchmark_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_require_setup", lambda: None)
    monkeypatch.setattr(command, "measure", interrupted)
    assert command.main([]) == 130
    assert "Interrupted" in capsys.readouterr().err
