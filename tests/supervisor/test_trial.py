"""A release is tried on a copy of the log; nothing comes out of it, and nothing of it stays."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from desk.channels.opening import load_channels
from desk.credentials import sections
from desk.settings import Settings, load_settings
from setup.code_print import ROOT
from store import key_file, sealing
from store.backup_file import BackupError
from store.database import Database, look
from store.migrate import form_of, migrate, present_form, take_back
from store.tables.alerts import alerts
from store.tables.conversations import conversations
from supervisor import backup, probe, trial
from supervisor.ports import free_port
from supervisor.probe import Probe, ProbeError
from supervisor.trial_folder import private_folder, remove_left
from tests.postgres import PostgresServer
from tests.running import RunningDesk
from tests.store import talks


@pytest.fixture(params=("sqlite", "postgresql"))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Settings:
    """The settings of a server with conversations, a rota, places for alerts and text messages."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    shutil.copy(ROOT / "state" / "brain.token", state / "brain.token")
    shutil.copy(ROOT / "center.yml", tmp_path / "center.yml")
    (tmp_path / "credentials.yml").write_text(
        "brain.connector.DeskConnector:\n"
        "  sms: {account_sid_from: SID, auth_token_from: TOKEN, number: '+12135550142'}\n"
    )
    environment = {
        "IOP_STATE": str(state),
        "IOP_PORT": str(free_port()),
        "IOP_CENTER_FILE": str(tmp_path / "center.yml"),
        "IOP_CREDENTIALS_FILE": str(tmp_path / "credentials.yml"),
        "IOP_SECRETS": str(tmp_path / "secrets"),
        "IOP_DEMO": "1",
        "DATABASE_URL": "",
    }
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        environment["DATABASE_URL"] = server.new_database()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sealing, "_default", [])
    made = load_settings((), os.environ)
    sealing.use(state / key_file.NAME)
    migrate(made.database)
    do(made.database, talks.fill)
    return made


ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def do(url: str, work: Callable[[sa.Connection], object]) -> None:
    async def run() -> None:
        database = Database(url)
        try:
            await database.write(work)
        finally:
            database.close()

    asyncio.run(run())


@pytest.fixture
def file(settings: Settings) -> Path:
    with backup.folder_of(settings) as folder:
        return backup.make(settings, folder)


def databases(settings: Settings) -> list[str]:
    """Return the copies that are left on a server."""
    if settings.database.startswith("sqlite"):
        return []
    names = sa.text("SELECT datname FROM pg_database WHERE datname LIKE 'iop_trial%'")
    return list(look(settings.database, lambda c: c.execute(names).scalars().all()))


def test_a_release_that_answers_passes_and_nothing_of_the_copy_is_left(
    settings: Settings, file: Path
) -> None:
    before = look(settings.database, trial.rows)
    trial.attempt(settings, file)
    assert list(settings.state.glob("trial-*")) == []
    assert databases(settings) == []
    # What was asked of the copy is not in the log itself.
    assert look(settings.database, trial.rows) == before


@ON_SQLITE
def test_nothing_leads_out_of_the_copy(settings: Settings, tmp_path: Path) -> None:
    center = yaml.safe_load(settings.center_file.read_text())
    center["rota"] = {"shifts": [], "fallback": ["pager"]}
    settings.center_file.write_text(yaml.safe_dump(center))
    folder = tmp_path / "copy"
    folder.mkdir()
    # The demo has a provider of its own, on the same desk.
    real = replace(settings, demo=False)
    mine = trial.variables(real, folder, "sqlite:///nowhere.db")
    copy = load_settings((), mine)
    channels = load_channels(copy, sections(copy.credentials_file), mine)
    assert (channels.sms, channels.slack) == (None, None)
    assert copy.alerts_file == Path(os.devnull)
    assert "rota" not in yaml.safe_load(copy.center_file.read_text())
    assert list(copy.secrets.iterdir()) == []
    places = (copy.state, copy.token_file, copy.center_file, copy.credentials_file, copy.secrets)
    assert all(place.is_relative_to(folder) for place in places)
    assert mine["IOP_BRAIN_DATABASE"] == f"sqlite:///{folder}/brain.db"
    assert copy.port != settings.port
    # systemd is not told that a copy is ready.
    assert mine["NOTIFY_SOCKET"] == ""


@ON_SQLITE
def test_a_way_back_that_loses_rows_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_back(settings.database, "0010")

    def losing(url: str, form: str) -> None:
        take_back(url, form)
        do(url, lambda c: c.execute(sa.text("DELETE FROM ratings")))

    monkeypatch.setattr(trial, "take_back", losing)
    with pytest.raises(trial.TrialError, match="would lose rows of these tables: ratings"):
        trial.there_and_back(settings.database)


def test_an_older_form_is_brought_forth_and_its_name_is_told(settings: Settings) -> None:
    take_back(settings.database, "0010")
    assert trial.there_and_back(settings.database) == "0010"
    assert form_of(settings.database) == present_form()


def test_a_damaged_backup_is_refused_and_nothing_of_the_copy_is_left(
    settings: Settings, file: Path
) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(BackupError, match="is damaged"):
        trial.attempt(settings, file)
    assert list(settings.state.glob("trial-*")) == []
    assert databases(settings) == []


@ON_SQLITE
def test_a_desk_that_does_not_start_is_named_with_its_last_words(
    settings: Settings, file: Path
) -> None:
    center = settings.center_file.read_text()
    settings.center_file.write_text(center + "\nnot_a_key: 1\n")
    with pytest.raises(trial.TrialError, match=r"(?s)the desk did not start.*not_a_key"):
        trial.attempt(settings, file)
    assert list(settings.state.glob("trial-*")) == []


def test_what_a_trial_has_left_that_was_cut_off_goes_and_one_that_runs_stays(
    tmp_path: Path,
) -> None:
    left = tmp_path / "trial-left"
    left.mkdir()
    (left / "desk.db").write_text("words")
    with private_folder(tmp_path) as mine:
        assert not left.exists()
        assert mine.stat().st_mode & 0o777 == 0o700
        remove_left(tmp_path)
        assert mine.exists()
    assert list(tmp_path.iterdir()) == []


@ON_SQLITE
def test_a_backup_removes_what_a_trial_has_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "end_on_signal", lambda: None)
    (settings.state / "trial-left").mkdir()
    handle = os.open(settings.state / "trial-left", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert backup.main() == 0
    assert (settings.state / "trial-left").exists()
    os.close(handle)
    assert backup.main() == 0
    assert not (settings.state / "trial-left").exists()


ON_POSTGRESQL = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


def administer(settings: Settings, statement: str) -> None:
    with trial._server(settings) as server:
        server.execute(statement)


@ON_POSTGRESQL
def test_who_may_not_make_databases_is_told_what_to_allow(
    settings: Settings, tmp_path: Path
) -> None:
    administer(settings, "CREATE ROLE poor LOGIN")
    poor = sa.make_url(settings.database).set(username="poor").render_as_string(False)
    limited = replace(settings, database_url=poor)
    with (
        pytest.raises(trial.TrialError, match="ALTER ROLE poor CREATEDB"),
        trial.database_of(limited, tmp_path),
    ):
        pass


@ON_POSTGRESQL
def test_a_copy_on_a_server_that_a_trial_has_left_goes(settings: Settings, tmp_path: Path) -> None:
    administer(settings, "CREATE DATABASE iop_trial_1")
    with trial.database_of(settings, tmp_path) as url:
        assert databases(settings) == [sa.make_url(url).database]
    assert databases(settings) == []


def asking(running: RunningDesk) -> Probe:
    return Probe.of(
        load_settings((), {"IOP_STATE": str(running.state), "IOP_PORT": str(running.port)})
    )


def counted(running: RunningDesk) -> tuple[int, int]:
    """Return how many conversations are in lists, and how many alerts there are."""
    listed = sa.select(sa.func.count()).where(conversations.c.drill == 0)
    told = sa.select(sa.func.count()).select_from(alerts)
    url = f"sqlite:///{running.state}/desk.db"
    return look(url, lambda c: (c.execute(listed).scalar_one(), c.execute(told).scalar_one()))


def test_an_assistant_that_answers_is_found_to_and_nobody_is_alarmed(
    running_desk: RunningDesk,
) -> None:
    before = counted(running_desk)
    found = asking(running_desk)
    found.wait_until_ready(30)
    found.answers()
    found.shows_resources()
    assert counted(running_desk) == before


def test_a_question_that_is_misunderstood_is_found(
    running_desk: RunningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "QUESTIONS", (("How much does the program cost?", "location"),))
    with pytest.raises(ProbeError, match="understood as cost instead of location"):
        asking(running_desk).answers()


def test_an_assistant_that_is_not_there_is_found_to_be_silent(tmp_path: Path) -> None:
    nobody: dict[str, Any] = {"IOP_STATE": str(tmp_path), "IOP_PORT": str(free_port())}
    found = Probe.of(load_settings((), nobody))
    with pytest.raises(ProbeError, match="did not answer within 0 seconds"):
        found.wait_until_ready(0.3)
    with pytest.raises(ProbeError, match="not answered with crisis resources"):
        found.shows_resources()
