"""An installation whose files the real code has made, and faults are planted in."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import yaml
from sqlalchemy import Connection

from deploy.server.layout import Layout
from desk.keys import signing_keys
from desk.measuring import Room
from desk.parts import load_parts, opened
from desk.settings import Settings, load_settings
from setup.code_print import ROOT
from store import drills, log, persons, staff
from store.database import Database
from store.records import DRILL, Entry, Message
from supervisor import backup
from supervisor.doctor.examining import CHECKS, examine
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation
from supervisor.ports import free_port

Result = TypeVar("Result")
PLENTY = Room(80_000_000_000, 100_000_000_000)
MINUTE, DAY = 60_000, 86_400_000
MACHINE = frozenset(
    {"clock-unkept", "model-old", "model-missing", "environment", "encoder-missing"}
)
"""Faults of the machine that tests run on: the tests of each bring a machine of their own."""


class Clinic:
    """A folder with settings, state and texts; nothing of it runs."""

    def __init__(self, folder: Path) -> None:
        """Use what is in a folder; the ports are this clinic's own."""
        self.folder, self.state, self.answers = folder, folder / "state", folder / "answers"
        self.root = folder / "root"
        self.environment = {
            "IOP_STATE": str(self.state),
            "IOP_CENTER_FILE": str(folder / "center.yml"),
            "IOP_ALERTS_FILE": str(folder / "alerts.yml"),
            "IOP_CREDENTIALS_FILE": str(folder / "credentials.yml"),
            "IOP_SECRETS": str(folder / "secrets"),
            "IOP_PORT": str(free_port()),
            "IOP_CONSOLE_PORT": str(free_port()),
            "IOP_BRAIN_PORT": str(free_port()),
            "IOP_METRICS_PORT": str(free_port()),
            "IOP_DEMO": "0",
        }
        self.room, self.free_memory, self.ahead = PLENTY, 2000.0, 0.0

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return load_settings((), self.environment)

    @property
    def installation(self) -> Installation:
        """What is looked at."""
        return Installation(
            self.settings,
            self.environment,
            Layout(self.root),
            self.answers,
            clock=lambda: time.time() + self.ahead,
            room=lambda _: self.room,
            free_memory=lambda: self.free_memory,
        )

    def findings(self, *subjects: str) -> dict[str, Finding]:
        """Look, at all subjects or at some, and return what was found by the fault's name."""
        checks = {name: CHECKS[name] for name in subjects or CHECKS}
        found = examine(self.installation, checks, 60)
        return {each.fault: each for some in found.values() for each in some}

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Write to the database as the desk does."""

        async def run() -> Result:
            database = Database(self.settings.database)
            try:
                return await database.write(work)
            finally:
                database.close()

        return asyncio.run(run())

    def sql(self, *statements: str) -> None:
        """Write to the file as somebody who passes by the desk."""
        with closing(sqlite3.connect(self.state / "desk.db", isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def edit(self, name: str, **values: Any) -> None:
        """Change keys of a YAML file."""
        path = self.folder / name
        said = yaml.safe_load(path.read_text("utf-8")) or {}
        path.write_text(yaml.safe_dump({**said, **values}), "utf-8")

    def newest_backup(self) -> Path:
        """Return the backup that was made with the rest."""
        (path,) = (self.state / "backups").glob("*.backup")
        return path

    def copy_to(self, folder: Path) -> Clinic:
        """Return the same clinic in another place, with ports of its own."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Clinic(folder)


def new_clinic(folder: Path, hook: int) -> Clinic:
    """Make a clinic whose facts are all set, and that tells its staff at a port of this machine."""
    clinic = Clinic(folder)
    for name in ("secrets", "root"):
        (folder / name).mkdir(parents=True)
    _facts(folder)
    _texts(folder / "answers")
    shutil.copy(ROOT / "credentials.yml", folder / "credentials.yml")
    place = {"webhook": {"url": f"http://127.0.0.1:{hook}/hook"}}
    alerts = {"places": {"pager": place}, "drill_at": "10:00"}
    (folder / "alerts.yml").write_text(yaml.safe_dump(alerts), "utf-8")
    secret = folder / "secrets" / "ALERTS_PAGER_TOKEN"
    secret.write_text("not-told-to-anybody", "utf-8")
    secret.chmod(0o600)
    clinic.state.mkdir(mode=0o700)
    token = clinic.state / "brain.token"
    token.write_text("a-token\n", "ascii")
    token.chmod(0o600)
    _begin(clinic)
    return clinic


def _facts(folder: Path) -> None:
    own, example = (
        yaml.safe_load((ROOT / name).read_text("utf-8"))
        for name in ("center.yml", "center.example.yml")
    )
    unset = {key: value for key, value in example.items() if not own.get(key)}
    facts = {**own, **unset, "speak_drafts": True}
    (folder / "center.yml").write_text(yaml.safe_dump(facts), "utf-8")


def _texts(folder: Path) -> None:
    folder.mkdir()
    approval = "approval: {name: Dr. Ana Diaz, role: clinician, date: '2026-11-01'}"
    for path in (ROOT / "answers").glob("*.yml"):
        text = path.read_text("utf-8").replace("approval: draft", approval)
        (folder / path.name).write_text(text, "utf-8")


def _begin(clinic: Clinic) -> None:
    """Have the real desk make its files, one person write, one of staff sign up; back it up."""
    settings, now = clinic.settings, int(time.time() * 1000)
    signing_keys(clinic.state / "console.keys")

    async def run() -> None:
        async with opened(load_parts(settings)) as desk:
            await desk.database.write(partial(_history, now=now))

    asyncio.run(run())
    with backup.folder_of(settings) as folder:
        backup.make(settings, folder)


def _history(connection: Connection, now: int) -> None:
    said = Message(10, "visitor", "text", "made up words", now, client_id="a")
    log.write(connection, Entry("c1", "web", now, (said,)))
    persons.know(connection, "c1", "phone", "+12135550142")
    staff.add(
        connection,
        staff_id="ana",
        name="Ana",
        email="ana@example.org",
        role="administrator",
        password="hash",
        at=now,
    )
    staff.set_second_factor(connection, "ana", "sealed")
    drills.begin(connection, "today", now)
    drills.end(connection, "today", f"{DRILL}abcdefghijklmnopqrstuv", now, None)


class _Answering(BaseHTTPRequestHandler):
    """Answers every path as its server was told to."""

    def do_GET(self) -> None:
        answers: dict[str, bytes] = self.server.answers  # type: ignore[attr-defined]
        body = answers.get(self.path, b"{}")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 -- its name is that of the method of HTTP

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering(port: int = 0, host: str = "127.0.0.1", **answers: bytes) -> Iterator[int]:
    """Serve HTTP as long as the block does: `healthz` is what is answered at /healthz."""
    server = ThreadingHTTPServer((host, port), _Answering)
    server.answers = {f"/{name}": body for name, body in answers.items()}  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def aged(path: Path, seconds: float) -> None:
    """Make a file look as if it was last written so long ago."""
    moment = time.time() - seconds
    os.utime(path, (moment, moment))
