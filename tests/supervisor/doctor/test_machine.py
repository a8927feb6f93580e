"""What belongs to the machine: models, environments, services, PostgreSQL, crisis lines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from safety import data, resources
from setup.code_print import ROOT, fingerprint
from setup.train import made_from
from store.migrate import migrate
from supervisor.doctor import database, machine, models
from tests.postgres import PostgresServer
from tests.supervisor.doctor.clinic import Clinic

# Models and environments: a machine of the test's own, on which all was made.


@pytest.fixture
def complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with models and environments that are whole."""
    made, venvs = tmp_path / "models", tmp_path / "venv"
    (made / "encoder").mkdir(parents=True)
    (made / "encoder" / "model.onnx").touch()
    (made / "current").write_text("20261130-000000\n")
    (made / "20261130-000000.tar.gz").touch()
    (made / "made_from").write_text(made_from())
    for name in ("desk", "brain"):
        (venvs / name / "bin").mkdir(parents=True)
        (venvs / name / "bin" / "python").touch()
        (venvs / f"{name}.stamp").write_text(fingerprint([ROOT / "requirements" / f"{name}.txt"]))
    for module in ("setup.train", "supervisor.doctor.models"):
        monkeypatch.setattr(f"{module}.MODELS", made)
    monkeypatch.setattr("setup.train.CURRENT", made / "current")
    monkeypatch.setattr("supervisor.doctor.models.VENVS", venvs)
    monkeypatch.setattr("setup.environments.VENVS", venvs)
    monkeypatch.setattr(models, "passages_are_current", lambda: True)
    return tmp_path


def test_where_all_was_made_nothing_is_found(clinic: Clinic, complete: Path) -> None:
    assert clinic.findings("models") == {}


@pytest.mark.parametrize(
    ("file", "content", "fault", "remedy"),
    [
        ("models/20261130-000000.tar.gz", None, "model-missing", "make train"),
        ("models/made_from", "something else", "model-old", "make train"),
        ("models/encoder/model.onnx", None, "encoder-missing", "make setup"),
        ("venv/desk.stamp", "something else", "environment", "make setup"),
        ("venv/brain.stamp", None, "environment", "make setup"),
        ("venv/brain/bin/python", None, "environment", "make setup"),
    ],
)
def test_what_was_not_made_is_found(
    clinic: Clinic, complete: Path, file: str, content: str | None, fault: str, remedy: str
) -> None:
    path = complete / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    found = clinic.findings("models")
    assert found.keys() == {fault}
    assert remedy in found[fault].remedy


def test_free_memory_is_that_of_the_machine_or_the_container() -> None:
    assert 0 < machine.free_megabytes() < 10_000_000


# Services: systemd's own answers, given by a program of the test's.


@pytest.fixture
def systemd(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that systemd runs, on which the units are; write a unit's state into its file."""
    (clinic.root / "run/systemd/system").mkdir(parents=True)
    units, states, programs = (
        clinic.installation.layout.units,
        tmp_path / "states",
        tmp_path / "programs",
    )
    for folder in (units, states, programs):
        folder.mkdir(parents=True)
    for name in ("iop-desk.service", "iop-brain.service", "iop-backup.timer", "iop-doctor.timer"):
        (units / name).touch()
        (states / name).write_text("active\n")
    (units / "iop-backup.service").touch()
    (states / "iop-backup.service").write_text("inactive\n")
    program = programs / "systemctl"
    program.write_text(f'#!/bin/sh\ncat "{states}/$2"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    return states


def test_services_that_are_up_are_fine(clinic: Clinic, systemd: Path) -> None:
    assert clinic.findings("machine") == {}


@pytest.mark.parametrize(
    ("unit", "state"),
    [
        ("iop-desk.service", "failed"),
        ("iop-brain.service", "activating"),
        ("iop-backup.timer", "inactive"),
        ("iop-backup.service", "failed"),
    ],
)
def test_a_service_that_is_down_is_found(
    clinic: Clinic, systemd: Path, unit: str, state: str
) -> None:
    (systemd / unit).write_text(f"{state}\n")
    found = clinic.findings("machine")
    assert found.keys() == {"unit-down"}
    assert f"{unit} is {state}" in found["unit-down"].what
    assert f"systemctl restart {unit}" in found["unit-down"].remedy


# PostgreSQL.


@pytest.fixture
def on_postgres(clinic: Clinic, postgres: PostgresServer) -> Clinic:
    """A clinic whose log is on PostgreSQL."""
    clinic.environment["DATABASE_URL"] = postgres.new_database()
    migrate(clinic.settings.database)
    return clinic


def test_a_whole_postgresql_has_no_fault(on_postgres: Clinic) -> None:
    assert on_postgres.findings("database", "keys", "queues", "alerting") == {}


def test_a_postgresql_that_is_away_is_found(on_postgres: Clinic, postgres: PostgresServer) -> None:
    with postgres.away():
        found = on_postgres.findings("database", "keys", "queues")
    assert found.keys() == {"postgres-away"}
    assert "DATABASE_URL" in found["postgres-away"].remedy


@pytest.mark.parametrize(("version", "there"), [(None, "is missing"), (9, "is 9")])
def test_programs_that_cannot_back_up_the_server_are_found(
    on_postgres: Clinic, monkeypatch: pytest.MonkeyPatch, version: int | None, there: str
) -> None:
    monkeypatch.setattr(database, "tools_version", lambda _: version)
    found = on_postgres.findings("database")
    assert found.keys() == {"postgres-tools"}
    assert there in found["postgres-tools"].what
    assert "apt-get install postgresql-client-" in found["postgres-tools"].remedy


def test_a_server_without_fixes_is_found(
    on_postgres: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_OLDEST_POSTGRES", 99)
    assert on_postgres.findings("database").keys() == {"postgres-old"}


# Crisis lines.


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Safety's data in a place where it can be changed."""
    copy = tmp_path / "safety"
    shutil.copytree(data.DATA, copy)
    monkeypatch.setattr(resources, "DATA", copy)
    resources.load_resources.cache_clear()
    yield copy / "resources.yml"
    resources.load_resources.cache_clear()


def test_a_crisis_line_that_nobody_has_checked_lately_is_found(
    clinic: Clinic, lines: Path, healthy: frozenset[str]
) -> None:
    text = lines.read_text("utf-8")
    day = next(line for line in text.splitlines() if line.strip().startswith("checked:"))
    lines.write_text(text.replace(day, day.partition(":")[0] + ": 2020-01-01", 1), "utf-8")
    found = clinic.findings("crisis lines")
    assert found.keys() == {"resources-stale"}
    assert "checked" in found["resources-stale"].remedy
    assert "resources-stale" not in healthy
