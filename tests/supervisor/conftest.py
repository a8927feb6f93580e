"""A database with two persons and the small files beside it, to make backups of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desk.settings import Settings, load_settings
from store import key_file, sealing
from store.migrate import migrate
from supervisor import backup, restore
from supervisor.ports import free_port
from tests.postgres import PostgresServer
from tests.supervisor.backups import do, live


@pytest.fixture(params=("sqlite", "postgresql"))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Settings:
    """The settings of a database with two persons, as the environment has them."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    environment = {
        "IOP_STATE": str(state),
        "IOP_PORT": str(free_port()),
        "IOP_CONSOLE_PORT": str(free_port()),
        "IOP_CENTER_FILE": str(tmp_path / "center.yml"),
        "IOP_SECRETS": str(tmp_path / "secrets"),
        "IOP_DEMO": "1",
        "DATABASE_URL": "",
    }
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.new_database().replace("tests@", "tests:pass%20word@")
        environment["DATABASE_URL"] = address
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sealing, "_default", [])
    monkeypatch.setattr(backup, "end_on_signal", lambda: None)
    monkeypatch.setattr(backup, "ANSWERS", tmp_path / "answers")
    monkeypatch.setattr(restore, "BRAIN_PORT", free_port())
    _files(tmp_path)
    made = load_settings((), os.environ)
    sealing.use(state / key_file.NAME)
    (state / "identity.key").write_text("ab" * 32 + "\n")
    migrate(made.database)
    do(made, lambda c: [live(c, each) for each in ("c1", "c2")])
    return made


def _files(folder: Path) -> None:
    facts = Path(__file__).parents[2] / "center.yml"
    (folder / "center.yml").write_bytes(facts.read_bytes())
    for name in ("secrets", "answers"):
        (folder / name).mkdir()
    (folder / "secrets" / "ALERTS_PAGER_TOKEN").write_text("s3cr3tword")
    (folder / "answers" / "cost.yml").write_text("title: Cost")
    (folder / "state" / "web.keys").write_text("cd" * 32 + "\n")
