"""`make run`: starts all, says when a port is taken, ends all, and works twice in a row."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from setup.code_print import ROOT
from supervisor.ports import free_port


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "brain.token").write_text((ROOT / "state" / "brain.token").read_text())
    return {
        **os.environ,
        "IOP_STATE": str(tmp_path),
        "IOP_PORT": str(free_port()),
        "IOP_CONSOLE_PORT": str(free_port()),
        "IOP_BRAIN_PORT": str(free_port()),
        "IOP_BRAIN_DATABASE": f"sqlite:///{tmp_path}/brain.db",
    }


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "supervisor.run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def lines_until(process: subprocess.Popen[str], wanted: str) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if re.search(wanted, line):
            return
    raise AssertionError(f"it ended without saying {wanted}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_ends_all_its_processes(
    environment: dict[str, str], number: int
) -> None:
    process = start(environment)
    said = "".join(lines_until(process, f"http://127.0.0.1:{environment['IOP_PORT']}"))
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2, said
    process.send_signal(number)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


@pytest.mark.parametrize("variable", ["IOP_PORT", "IOP_CONSOLE_PORT", "IOP_BRAIN_PORT"])
def test_a_taken_port_is_named(environment: dict[str, str], variable: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(environment[variable])))
        holder.listen()
        said, _ = start(environment).communicate(timeout=60)
    assert environment[variable] in said
    assert f"{variable}=" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"IOP_HOST": "0.0.0.0", "IOP_DEMO": "1"}, "example"),
        ({"IOP_PORT": "eighty"}, "IOP_PORT"),
        ({"IOP_CENTER_FILE": "nowhere.yml"}, "nowhere.yml is missing"),
    ],
)
def test_wrong_settings_stop_the_start(
    environment: dict[str, str], change: dict[str, str], said: str
) -> None:
    process = start({**environment, **change})
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert said in output


def test_a_built_in_channel_stops_the_start(environment: dict[str, str], tmp_path: Path) -> None:
    credentials = tmp_path / "credentials.yml"
    credentials.write_text("twilio:\n  account_sid: x\n")
    process = start({**environment, "IOP_CREDENTIALS_FILE": str(credentials)})
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "twilio" in output
