"""The desk under systemd: a small one of the test's own listens at the socket of sd_notify."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from setup.code_print import ROOT
from supervisor.ports import LOOPBACK, free_port

LIMIT = 60.0


class Systemd:
    """Hears what the desk tells, and keeps its sockets."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._place = state / "notify"
        self._heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._heard.bind(str(self._place))
        self._heard.settimeout(LIMIT)
        self.kept: dict[str, int] = {}
        self.removed: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.port, self.console_port = free_port(), free_port()

    def start(self, **variables: str) -> None:
        """Start the desk, as a service does: the kept sockets are descriptors 3 and up."""
        environment = {
            **os.environ,
            "IOP_STATE": str(self._state),
            "IOP_PORT": str(self.port),
            "IOP_CONSOLE_PORT": str(self.console_port),
            "IOP_DEMO": "1",
            "IOP_ALERTS_FILE": os.devnull,
            "NOTIFY_SOCKET": str(self._place),
            **variables,
        }
        # Handed over under high numbers first: 3 and 4 may be in use here.
        copies = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in self.kept.values()]
        moved = " ".join(f"{3 + i}<&{number} {number}<&-" for i, number in enumerate(copies))
        listen = f"export LISTEN_PID=$$ LISTEN_FDS={len(copies)}; " if copies else ""
        line = f"{listen}exec {sys.executable} -m desk.main {moved}"
        self.process = subprocess.Popen(
            ["bash", "-c", line], cwd=ROOT, env=environment, pass_fds=copies
        )
        for number in copies:
            os.close(number)

    def hear(self, wanted: str) -> list[str]:
        """Take in what is told until a line is among it."""
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._heard, 4096, 4)
            lines = data.decode().splitlines()
            told = dict(line.split("=", 1) for line in lines)
            if told.get("FDSTORE") == "1":
                self.kept[told["FDNAME"]] = descriptors[0]
            if told.get("FDSTOREREMOVE") == "1":
                self.removed.append(told["FDNAME"])
                os.close(self.kept.pop(told["FDNAME"]))
            if wanted in lines:
                return lines

    def end(self, how: int) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(LIMIT)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)
        for number in self.kept.values():
            os.close(number)
        self._heard.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    (tmp_path / "brain.token").write_text("token")
    running = Systemd(tmp_path)
    yield running
    running.close()


def ask(port: int) -> socket.socket:
    """Send a request, whether or not anybody is there to take it."""
    visitor = socket.create_connection((LOOPBACK, port), timeout=LIMIT)
    visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    return visitor


def answer(visitor: socket.socket) -> bytes:
    with visitor, visitor.makefile("rb") as read:
        return read.readline()


def test_it_says_that_it_is_ready_once_it_answers(systemd: Systemd) -> None:
    systemd.start()
    systemd.hear("READY=1")
    assert b"200" in answer(ask(systemd.port))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_who_comes_between_two_starts_is_answered_by_the_second(systemd: Systemd, how: int) -> None:
    systemd.start()
    systemd.hear("READY=1")
    assert sorted(systemd.kept) == sorted([f"port-{systemd.port}", f"port-{systemd.console_port}"])
    systemd.end(how)
    waits = ask(systemd.port)
    systemd.start()
    systemd.hear("READY=1")
    assert b"200" in answer(waits)


def test_a_socket_of_another_port_than_wanted_now_is_given_up(systemd: Systemd) -> None:
    systemd.start()
    systemd.hear("READY=1")
    systemd.end(signal.SIGTERM)
    old, systemd.port = systemd.port, free_port()
    systemd.start()
    systemd.hear("READY=1")
    assert systemd.removed == [f"port-{old}"]
    assert b"200" in answer(ask(systemd.port))


def test_a_socket_of_the_same_port_at_another_address_is_given_up(systemd: Systemd) -> None:
    systemd.start(IOP_HOST=LOOPBACK)
    systemd.hear("READY=1")
    systemd.end(signal.SIGTERM)
    systemd.start(IOP_HOST="0.0.0.0", IOP_DEMO="0")
    systemd.hear("READY=1")
    assert systemd.removed == [f"port-{systemd.port}"]
    assert b"200" in answer(ask(systemd.port))


def test_it_tells_that_it_lives_until_it_hangs(systemd: Systemd) -> None:
    systemd.start(WATCHDOG_USEC="600000")
    systemd.hear("READY=1")
    assert systemd.hear("WATCHDOG=1")
    assert systemd.hear("WATCHDOG=1")
    assert systemd.process is not None
    systemd.process.send_signal(signal.SIGSTOP)
    systemd._heard.settimeout(2)
    with pytest.raises(TimeoutError):
        systemd.hear("what is never told")
