"""What is asked of the machine, and files with exact permissions."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from deploy.server import machine
from deploy.server.errors import DeployError
from deploy.server.machine import Files
from supervisor.ports import LOOPBACK, free_port


def test_who_holds_a_port_is_named() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        own = Path("/proc/self/comm").read_text().strip()
        assert machine.holder(taken.getsockname()[1], Path("/proc")) == own
    assert machine.holder(free_port(), Path("/proc")) is None


def test_a_port_of_another_program_stops_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "_os_release", lambda _: {"ID": "debian", "VERSION_ID": "12"})
    monkeypatch.setattr(machine, "holder", lambda port, _: "apache2" if port == 80 else "nginx")
    monkeypatch.setattr(Path, "is_dir", lambda _: True)
    with pytest.raises(DeployError, match="Port 80 is taken by apache2"):
        machine.check()


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"ID": "ubuntu", "VERSION_ID": "24.04", "PRETTY_NAME": "Ubuntu 24.04"}, "Ubuntu"),
        ({"ID": "debian", "VERSION_ID": "11", "PRETTY_NAME": "Debian 11"}, "Debian 11"),
        ({}, "Debian 12"),
    ],
)
def test_another_system_is_refused(
    about: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "_os_release", lambda _: about)
    with pytest.raises(DeployError, match=said):
        machine.check()


def test_who_is_not_root_is_told_of_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(DeployError, match="sudo"):
        machine.check()


def test_a_file_is_written_once_and_its_permissions_are_mended(tmp_path: Path) -> None:
    files, path = Files(), tmp_path / "settings.env"
    assert files.write(path, "A=1\n", 0o640)
    path.chmod(0o666)
    assert not files.write(path, "A=1\n", 0o640)
    assert path.stat().st_mode & 0o777 == 0o640
    assert files.write(path, "A=2\n", 0o640)
    assert [each.name for each in tmp_path.iterdir()] == ["settings.env"]


def test_a_command_that_fails_tells_its_words_and_the_remedy() -> None:
    with pytest.raises(DeployError, match=r"certbot failed .exit code 3.:\nno\nAsk somebody"):
        machine.run("certbot", ["sh", "-c", "echo no; exit 3"], "Ask somebody.")


@pytest.mark.parametrize("planted", ["brain.token", ".brain.token.new"])
def test_no_link_that_the_service_has_put_there_is_followed(tmp_path: Path, planted: str) -> None:
    secret = tmp_path / "shadow"
    secret.write_text("root's own")
    secret.chmod(0o600)
    (tmp_path / planted).symlink_to(secret)
    Files().write(tmp_path / "brain.token", "a token", 0o644, "service")
    assert secret.read_text() == "root's own"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "brain.token").is_symlink()
    assert (tmp_path / "brain.token").read_text() == "a token"
