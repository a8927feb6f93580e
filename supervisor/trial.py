"""`python -m supervisor.trial FILE`: tries this release on a copy of the log, made from a backup.

The copy is brought to this release's form, back again and forth; then desk and brain start with it
on ports of their own, and must answer. Nothing leaves: no alert, no text message, no candidate is
made. The copy holds people's words: it lies in a folder that only the service may enter, and goes
whatever happens.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql
from sqlalchemy import Connection, func, inspect, select, table
from sqlalchemy.engine import make_url

from desk.credentials import OURS
from desk.errors import SettingsError
from desk.settings import Settings, load_settings
from setup import errors, learned_models
from store import key_file
from store.backup_file import BackupReader
from store.database import look
from store.errors import StoreError
from store.key_file import KeyFile
from store.migrate import form_of, migrate, take_back
from supervisor import postgres_tools
from supervisor.backup import end_on_signal
from supervisor.brain import brain_process, wait_until_ready
from supervisor.learning import model_of
from supervisor.ports import LOOPBACK, free_port
from supervisor.postgres_tools import parameters
from supervisor.probe import Probe, ProbeError
from supervisor.processes import Child
from supervisor.trial_folder import private_folder

FAILED = 3
_DATABASE = "iop_trial_"
_LEFT = (
    "SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba"
    f" WHERE r.rolname = current_user AND starts_with(datname, '{_DATABASE}') AND NOT EXISTS"
    " (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
)
"""Copies of a trial that was cut off: nobody is connected with them."""
_KEYS = (key_file.NAME, "identity.key", "web.keys", "console.keys")
_READY_SECONDS = 120.0
_LAST_WORDS = 1500


class TrialError(RuntimeError):
    """This release does not do with the copy what it must; the message says what."""


@contextmanager
def database_of(settings: Settings, folder: Path) -> Iterator[str]:
    """Give the address of an empty database for the copy; it goes in the end.

    Raises:
        TrialError: PostgreSQL's user may not make one.
    """
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{folder / 'desk.db'}"
        return
    name = f"{_DATABASE}{os.getpid()}"
    try:
        with _server(settings) as server:
            for (left,) in server.execute(_LEFT).fetchall():
                _drop(server, left)
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as problem:
        message = errors.TRIAL_NO_DATABASE.format(kind=type(problem).__name__, user=url.username)
        raise TrialError(message) from None
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with _server(settings) as server:
            _drop(server, name)


def _server(settings: Settings) -> psycopg.Connection[tuple[Any, ...]]:
    given: dict[str, Any] = parameters(settings.database)
    return psycopg.connect(**given, autocommit=True)


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def fill(settings: Settings, file: Path, url: str) -> None:
    """Put what is in a backup into an empty database.

    Raises:
        StoreError: The backup is damaged, or is under other keys.
    """
    keys = KeyFile(settings.state / key_file.NAME).read()
    with file.open("rb") as content:
        pieces = BackupReader(content, keys, file.name).database()
        if make_url(url).get_backend_name() == "sqlite":
            path = Path(make_url(url).database or "")
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target:
                target.writelines(pieces)
            with closing(sqlite3.connect(path)) as connection:
                (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
            if answer != "ok":
                raise StoreError(errors.NOT_WHOLE)
        else:
            postgres_tools.put_back(url, pieces, ())


def rows(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    names = inspect(connection).get_table_names()
    counts = {name: select(func.count()).select_from(table(name)) for name in sorted(names)}
    return {name: connection.execute(query).scalar_one() for name, query in counts.items()}


def there_and_back(url: str) -> str | None:
    """Bring a database to this release's form, back, and forth again; nothing may be lost.

    Returns:
        The form that it had before.

    Raises:
        TrialError: Rows are missing after the way back.
        StoreError: A step failed.
    """
    form, before = form_of(url), look(url, rows)
    migrate(url)
    if form is not None and form != form_of(url):
        take_back(url, form)
        after = look(url, rows)
        lost = sorted(name for name, count in before.items() if after.get(name) != count)
        if lost:
            raise TrialError(errors.TRIAL_LOST.format(tables=", ".join(lost)))
        migrate(url)
    return form


def variables(settings: Settings, folder: Path, url: str) -> dict[str, str]:
    """Write what desk and brain of the copy need, and return their environment.

    Nothing in it leads out: no places for alerts, no channels, no secrets.
    """
    for name in _KEYS:
        if (settings.state / name).is_file():
            shutil.copy(settings.state / name, folder / name)
    shutil.copy(settings.token_file, folder / "brain.token")
    if (learned := learned_models.folder_of(settings.state)).is_dir():
        learned_models.folder_of(folder).symlink_to(learned)
    center = yaml.safe_load(settings.center_file.read_text("utf-8")) or {}
    # It names places for alerts, of which there are none.
    center.pop("rota", None)
    (folder / "center.yml").write_text(yaml.safe_dump(center, allow_unicode=True), "utf-8")
    credentials = {OURS: {"token_file": str(folder / "brain.token")}}
    (folder / "credentials.yml").write_text(yaml.safe_dump(credentials), "utf-8")
    (folder / "secrets").mkdir()
    port, brain_port = free_port(), free_port()
    mine = {
        "IOP_STATE": str(folder),
        "IOP_HOST": LOOPBACK,
        "IOP_PORT": str(port),
        "IOP_CONSOLE_PORT": str(free_port()),
        "IOP_METRICS_PORT": "0",
        "IOP_BRAIN_PORT": str(brain_port),
        "IOP_BRAIN_URL": f"http://{LOOPBACK}:{brain_port}",
        "IOP_BRAIN_DATABASE": f"sqlite:///{folder}/brain.db",
        "IOP_BRAIN_TOKEN_FILE": str(folder / "brain.token"),
        learned_models.VARIABLE: str(learned_models.folder_of(folder)),
        "IOP_CENTER_FILE": str(folder / "center.yml"),
        "IOP_DEMO": "1" if settings.demo else "0",
        "IOP_CREDENTIALS_FILE": str(folder / "credentials.yml"),
        "IOP_ALERTS_FILE": os.devnull,
        "IOP_SECRETS": str(folder / "secrets"),
        "IOP_PUBLIC_URL": "",
        "IOP_PROXIES": "0",
        "IOP_RATE_CONVERSATION": "0",
        "IOP_RATE_ADDRESS": "0",
        "DATABASE_URL": url,
        "NOTIFY_SOCKET": "",
        "WATCHDOG_USEC": "",
    }
    return mine


def run(settings: Settings, folder: Path, url: str) -> None:
    """Start desk and brain with the copy, ask them, end them.

    Raises:
        TrialError: One did not start, or they do not answer as they must.
    """
    mine = variables(settings, folder, url)
    model = model_of(url, learned_models.folder_of(folder))
    if model is None:
        raise TrialError(errors.TRIAL_NO_MODEL)
    desk = Child("desk", [sys.executable, "-m", "desk.main"], mine)
    brain = brain_process(model, int(mine["IOP_BRAIN_PORT"]), **mine)
    desk.log, brain.log = folder / "desk.log", folder / "brain.log"
    probe = Probe.of(load_settings((), mine))
    try:
        desk.start()
        brain.start()
        _ask(probe, desk, brain, int(mine["IOP_BRAIN_PORT"]))
    finally:
        desk.ask_to_stop()
        brain.ask_to_stop()
        desk.stop()
        brain.stop()


def _ask(probe: Probe, desk: Child, brain: Child, brain_port: int) -> None:
    try:
        wait_until_ready(brain, brain_port, _READY_SECONDS)
    except SystemExit:
        raise TrialError(errors.TRIAL_NOT_READY.format(name="brain", words=words(brain))) from None
    try:
        probe.wait_until_ready(_READY_SECONDS, lambda: desk.running)
        probe.answers()
        probe.shows_resources()
        probe.alarms()
    except ProbeError as problem:
        if desk.running:
            raise TrialError(str(problem)) from None
        raise TrialError(errors.TRIAL_NOT_READY.format(name="desk", words=words(desk))) from None


def words(child: Child) -> str:
    """Return the last words of a process, which hold none of anybody's (docs/privacy.md)."""
    return child.log.read_text("utf-8", "replace")[-_LAST_WORDS:].strip()


def attempt(settings: Settings, file: Path) -> None:
    """Try this release on a copy.

    Raises:
        TrialError: It does not do what it must.
        StoreError: The backup cannot be read, or the database not be brought to its form.
    """
    with private_folder(settings.state) as folder, database_of(settings, folder) as url:
        fill(settings, file, url)
        form = there_and_back(url)
        run(settings, folder, url)
        if form is not None:
            # And with what this release itself has written.
            take_back(url, form)


def main(arguments: Sequence[str]) -> int:
    """Try this release on a copy of what a backup holds.

    Returns:
        0; 2 when a setting is wrong; 3 when this release must not be put in use.
    """
    end_on_signal()
    try:
        attempt(load_settings((), os.environ), Path(arguments[0]))
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except (TrialError, StoreError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
