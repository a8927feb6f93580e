"""Set-up: skipped when nothing changed, and clear about what it cannot do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from setup import environments
from setup.code_print import ROOT, fingerprint
from setup.encoder import read_weights
from supervisor import test as test_command


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("setup.code_print.ROOT", tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.yml").write_text("one")
    return tmp_path


def test_a_fingerprint_follows_names_and_contents(project: Path) -> None:
    before = fingerprint([project / "data"])
    (project / "data" / "__pycache__").mkdir()
    (project / "data" / "__pycache__" / "a.pyc").write_text("bytecode")
    assert fingerprint([project / "data"]) == before
    (project / "data" / "a.yml").write_text("two")
    changed = fingerprint([project / "data"])
    (project / "data" / "a.yml").rename(project / "data" / "b.yml")
    assert len({before, changed, fingerprint([project / "data"])}) == 3


@pytest.mark.parametrize(("written", "done"), [("same", True), ("other", False), (None, False)])
def test_a_step_is_skipped_only_when_made_from_the_same(
    tmp_path: Path, written: str | None, done: bool
) -> None:
    stamp = tmp_path / "stamp"
    if written is not None:
        stamp.write_text(written)
    assert environments.stamped(stamp, "same") is done


@pytest.mark.parametrize("version", ["3.10", "3.11"])
def test_a_python_under_pyenv_is_found(version: str) -> None:
    assert Path(environments.find_python((version,))).exists()


def test_a_missing_python_says_what_to_install() -> None:
    with pytest.raises(SystemExit, match=r"No Python 3\.4 found.*Install it"):
        environments.find_python(("3.4",))


def test_the_token_is_the_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "STATE", tmp_path / "state")
    environments.ensure_token()
    path = tmp_path / "state" / "brain.token"
    first = path.read_text()
    assert len(first) > 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    environments.ensure_token()
    assert path.read_text() == first


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    with pytest.raises(SystemExit, match="not the published"):
        read_weights(path)


def test_missing_packages_fail_with_the_line_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_command, "PACKAGES", {"no-such-program": "some-package"})
    monkeypatch.setattr(test_command.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"sudo apt-get .*some-package"):
        test_command.ensure_packages()


def test_locks_name_no_address() -> None:
    locks = list((ROOT / "requirements").glob("*.txt"))
    assert {lock.stem for lock in locks} >= {"brain", "desk", "uv"}
    assert not [lock.name for lock in locks if "://" in lock.read_text("utf-8")]
