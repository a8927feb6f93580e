"""Set-up: skipped when nothing changed, and clear about what it cannot do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from setup import environments
from setup.code_print import ROOT, fingerprint
from setup.encoder import read_weights
from setup.lock import SYMBOLS, TENSORFLOW, without
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


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
    pinned = [line.split(" ")[0] for line in lines if line and not line[0].isspace()]
    return dict(line.split("==") for line in pinned)


@pytest.mark.parametrize("name", ["brain", "desk"])
def test_a_server_gets_the_same_versions_and_fewer_packages(name: str) -> None:
    whole, server = _pins(name), _pins(f"{name}-server")
    assert server.items() < whole.items()


def test_a_server_is_spared_tensorflow_and_nothing_else_of_the_brain() -> None:
    assert _pins("brain").keys() - _pins("brain-server").keys() == TENSORFLOW


@pytest.mark.parametrize(
    "package", ["playwright", "mypy", "pytest", "scikit-learn", *sorted(SYMBOLS)]
)
def test_a_server_is_spared_what_only_tests_need(package: str) -> None:
    assert package in _pins("desk")
    assert package not in _pins("desk-server")


def test_a_package_is_left_out_with_its_hashes() -> None:
    lock = "a==1 \\\n    --hash=x\na-b==2 ; python_version < '4' \\\n    --hash=y\nc==3\n"
    assert without(lock, {"a-b"}) == "a==1 \\\n    --hash=x\nc==3\n"


def test_where_no_shorter_list_is_a_server_gets_all(tmp_path: Path) -> None:
    lock = environments.lock_of(tmp_path, "brain", server=True)
    assert lock == tmp_path / "requirements" / "brain.txt"


def test_a_copy_that_was_set_up_for_a_server_stays_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    assert not environments.for_a_server([])
    assert environments.for_a_server(["--server"])
    # `make backup` sets up without that word, and must not install TensorFlow.
    assert environments.for_a_server([])


def test_a_component_that_needs_tensorflow_stops_the_set_up_of_a_server(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("pipeline: [{name: brain.spacy_reader.SpacyTokenizer}]")
    environments.require_no_tensorflow(config)
    config.write_text("pipeline: [{name: DIETClassifier}]")
    with pytest.raises(SystemExit, match=r"needs TensorFlow.*brain-server\.txt"):
        environments.require_no_tensorflow(config)
