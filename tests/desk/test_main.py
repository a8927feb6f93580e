"""The real program, as `make run` starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from store import staff as accounts
from store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def start(state: Path, **more: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "IOP_STATE": str(state),
        "IOP_PORT": str(free_port()),
        "IOP_CONSOLE_PORT": str(free_port()),
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "desk.main"],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "brain.token").write_text("token")
    return tmp_path


@pytest.fixture
def program(state: Path) -> Iterator[subprocess.Popen[str]]:
    running = start(state)
    yield running
    if running.poll() is None:
        running.kill()
    running.communicate(timeout=10)


def told(program: subprocess.Popen[str]) -> tuple[str, str]:
    assert program.stdout
    lines = [program.stdout.readline() for _ in range(2)]
    visitors, staff = (re.search(r"http://\S+", line) for line in lines)
    assert visitors
    assert staff
    return visitors[0], staff[0]


def test_it_tells_its_addresses_and_serves_both(program: subprocess.Popen[str]) -> None:
    visitors, staff = told(program)
    with urllib.request.urlopen(f"{visitors}healthz", timeout=5) as answer:
        assert answer.status == 200
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    assert "/invitation/" in staff
    with opener.open(staff, timeout=5) as answer:
        assert b"Open your account" in answer.read()


def test_with_an_administrator_it_tells_where_to_sign_in(state: Path) -> None:
    database = f"sqlite:///{state / 'desk.db'}"
    migrate(database)
    with create_engine(database).begin() as connection:
        row = {"name": "Ana", "email": "ana@example.org", "role": "administrator"}
        accounts.add(connection, "ana", at=1, password="x", **row)
    program = start(state)
    try:
        assert told(program)[1].endswith("/sign-in")
    finally:
        program.kill()
        program.communicate(timeout=10)


def test_the_key_of_second_factors_is_made_for_its_owner_alone(
    program: subprocess.Popen[str], state: Path
) -> None:
    told(program)
    assert (state / "console.keys").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_told_though_a_stream_is_open(
    program: subprocess.Popen[str], how: signal.Signals
) -> None:
    visitors, _ = told(program)
    start_one = urllib.request.Request(f"{visitors}api/v1/conversations", b"{}", method="POST")
    with urllib.request.urlopen(start_one, timeout=5) as answer:
        token = re.search(rb'"token":"([^"]+)"', answer.read())
    assert token
    events = urllib.request.Request(f"{visitors}api/v1/events")
    events.add_header("Authorization", f"Bearer {token[1].decode()}")
    with urllib.request.urlopen(events, timeout=5) as stream:
        assert stream.readline().startswith(b"retry")
        program.send_signal(how)
        _, err = program.communicate(timeout=8)
    assert program.returncode == 0
    assert err == ""


def test_a_taken_port_is_named(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = start(state, IOP_PORT=str(port))
        _, err = program.communicate(timeout=20)
    assert program.returncode == 3
    assert f"port {port}" in err
    assert "IOP_PORT=" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("IOP_PORT", "web", "IOP_PORT"),
        ("IOP_CENTER_FILE", "/no/center.yml", "center.yml is missing"),
        ("IOP_CREDENTIALS_FILE", "/no/credentials.yml", "credentials.yml is missing"),
        ("IOP_BRAIN_TOKEN_FILE", "/no/brain.token", "make setup"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    state: Path, setting: str, value: str, word: str
) -> None:
    program = start(state, **{setting: value})
    _, err = program.communicate(timeout=20)
    assert program.returncode == 2
    assert word in err
    assert err.count("\n") == 1
