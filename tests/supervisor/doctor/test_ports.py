"""Ports as this machine has them: real sockets, and once the real desk and brain."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desk.settings import load_settings
from supervisor.doctor.examining import CHECKS, examine
from supervisor.doctor.installation import Installation
from supervisor.ports import answers
from tests.running import RunningDesk
from tests.supervisor.doctor.clinic import Clinic, answering

ALIVE = b'{"alive": true}'
READY = b'{"ready": true, "brain": true, "database": true, "model": null}'
STOPPED = {"desk-silent", "console-silent", "brain-silent"}


@contextmanager
def listening(address: str, port: int) -> Iterator[None]:
    """Listen on a port as long as the block does."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
        yield


def found(clinic: Clinic) -> dict[str, str]:
    """Return the remedies of what is found beside that nothing runs."""
    return {
        name: each.remedy for name, each in clinic.findings("ports").items() if name not in STOPPED
    }


def test_a_port_that_another_program_has_is_found(clinic: Clinic) -> None:
    with answering(clinic.settings.port):
        (each,) = (f for f in clinic.findings("ports").values() if f.fault not in STOPPED)
    assert each.fault == "port-taken"
    assert "IOP_PORT" in each.remedy
    assert "python" in each.what or "pytest" in each.what


@pytest.mark.parametrize(
    ("variable", "fault", "remedy"),
    [
        ("IOP_CONSOLE_PORT", "console-open", "firewall"),
        ("IOP_BRAIN_PORT", "brain-open", "127.0.0.1 alone"),
        ("IOP_METRICS_PORT", "metrics-open", "127.0.0.1 alone"),
    ],
)
def test_a_port_that_is_reached_from_outside_is_found(
    clinic: Clinic, variable: str, fault: str, remedy: str
) -> None:
    port = int(clinic.environment[variable])
    with listening("127.0.0.1", port):
        assert found(clinic) == {}
    with listening("0.0.0.0", port):
        told = found(clinic)
    assert told.keys() == {fault}
    assert remedy in told[fault]


def test_a_desk_that_the_world_reaches_without_tls_is_found(clinic: Clinic) -> None:
    with answering(clinic.settings.port, "0.0.0.0", healthz=ALIVE, readyz=READY):
        told = found(clinic)
    assert told.keys() == {"desk-open"}
    assert "IOP_HOST=127.0.0.1" in told["desk-open"]


@pytest.mark.parametrize(
    ("ready", "fault", "remedy"),
    [
        (b'{"brain": false, "database": true}', "brain-not-ready", "restart iop-brain"),
        (b'{"brain": true, "database": false}', "database-not-writable", "disk"),
        (
            b'{"brain": true, "database": true, "model": "20200101-000000"}',
            "model-other",
            "restart iop-brain",
        ),
    ],
)
def test_what_the_desk_says_of_itself_is_told(
    clinic: Clinic, ready: bytes, fault: str, remedy: str
) -> None:
    brain = int(clinic.environment["IOP_BRAIN_PORT"])
    with (
        listening("127.0.0.1", brain),
        answering(clinic.settings.port, healthz=ALIVE, readyz=ready),
    ):
        told = found(clinic)
    assert told.keys() == {fault}
    assert remedy in told[fault]


def test_a_desk_that_may_open_few_files_is_found(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "healthz").write_bytes(ALIVE)
    (tmp_path / "readyz").write_bytes(READY)
    port = clinic.settings.port
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    few = (256, 256)
    server = subprocess.Popen(
        [*command, "--directory", str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, few),
    )
    try:
        while not answers("127.0.0.1", port):
            assert server.poll() is None
        told = found(clinic)
    finally:
        server.kill()
        server.wait()
    assert told.keys() == {"open-files"}
    assert "LimitNOFILE" in told["open-files"]


def test_of_the_real_desk_and_brain_nothing_is_found_until_the_brain_is_killed(
    tmp_path: Path,
) -> None:
    with RunningDesk(tmp_path) as running:
        # The desk's own variables, as its units would have them.
        environment = {**running._environment, "IOP_BRAIN_PORT": str(running.brain_port)}
        environment["IOP_METRICS_PORT"] = "0"
        installation = Installation(load_settings((), environment), environment)
        checks = {name: CHECKS[name] for name in ("ports", "files", "keys", "database", "queues")}

        def names() -> set[str]:
            looked = examine(installation, checks, 60)
            return {each.fault for some in looked.values() for each in some}

        assert names() == set()
        running.kill_brain()
        assert names() == {"brain-silent"}
