"""The installation that is looked at: its settings, and what several checks read of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from answers.catalogue import FOLDER, load_catalogue
from answers.errors import CatalogueError
from center.errors import CenterError
from center.facts import load_center
from deploy.server.layout import Layout
from deploy.server.settings import variables as written
from desk import measuring
from desk.alerting.config import Alerting, load_alerting
from desk.channels.opening import ChannelsConfig, load_channels
from desk.credentials import sections
from desk.errors import SettingsError
from desk.lines import Lines
from desk.measuring import Room
from desk.publishing import Publishing
from desk.settings import LOOPBACK, Settings, load_settings
from store.database import Database, look
from store.errors import StoreError
from store.migrate import form_of
from store.standing import Standing, standing
from supervisor.backup import sqlite_file

Result = TypeVar("Result")
_BRAIN_PORT = 5005


def variables(layout: Layout, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the assistant is started with.

    On a server they stand in a file that every unit reads. Elsewhere `make run` adds what it adds.

    Args:
        layout: Where everything is on a server.
        environment: Of the command. Where a variable of the assistant is set, it counts alone.
    """
    own = any(name.startswith("IOP_") or name == "DATABASE_URL" for name in environment)
    file = layout.environment_file
    if file.is_file():
        return {**environment, **({} if own else written(file.read_text("utf-8")))}
    private = environment.get("IOP_HOST") or "127.0.0.1"
    demo = private in LOOPBACK and not environment.get("IOP_PUBLIC_URL")
    return {**environment, "IOP_DEMO": environment.get("IOP_DEMO") or str(int(demo))}


@dataclass(frozen=True)
class Installation:
    """What is looked at. Whatever cannot be read is None; the check it belongs to says why."""

    settings: Settings
    environment: Mapping[str, str] = field(repr=False, default_factory=dict)
    layout: Layout = field(default_factory=Layout)
    answers: Path = FOLDER
    clock: Callable[[], float] = time.time
    """Now, in seconds since 1970."""
    room: Callable[[Path], Room] = measuring.room
    free_memory: Callable[[], float] | None = None
    """In megabytes; None asks this machine."""

    @classmethod
    def of(cls, layout: Layout, environment: Mapping[str, str]) -> Installation:
        """Return the installation of a machine.

        Raises:
            SettingsError: A setting cannot be used.
            OSError: The file of the settings cannot be read.
        """
        given = variables(layout, environment)
        # What is read elsewhere than in the settings, such as SSL_CERT_FILE.
        os.environ.update(given)
        return cls(load_settings((), given), given, layout)

    @property
    def on_server(self) -> bool:
        """Whether it was put up as the server's own service."""
        return self.layout.environment_file.is_file()

    @property
    def milliseconds(self) -> int:
        """Now, as the store has moments."""
        return int(self.clock() * 1000)

    @property
    def brain_port(self) -> int:
        """Where the brain listens."""
        given = self.environment.get("IOP_BRAIN_PORT")
        if given and given.isdigit():
            return int(given)
        return measuring.address_of(self.settings.brain_url)[1] or _BRAIN_PORT

    @cached_property
    def database_file(self) -> Path | None:
        """The database's file; None on PostgreSQL."""
        return sqlite_file(self.settings)

    @cached_property
    def has_database(self) -> bool:
        """Whether there is a database with tables that can be read."""
        if self.database_file is not None and not self.database_file.is_file():
            return False
        try:
            return form_of(self.settings.database) is not None
        except StoreError:
            return False

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run work that reads the database; raises StoreError."""
        return look(self.settings.database, work)

    @cached_property
    def standing(self) -> Standing | None:
        """How much waits; None without a database that can be read."""
        if not self.has_database:
            return None
        return self.read(lambda c: standing(c, self.milliseconds))

    @cached_property
    def lines(self) -> Lines | None:
        """What may be said now: texts and facts of the files, and what was published over them."""
        try:
            center = load_center(self.settings.center_file, demo=self.settings.demo)
            lines = Lines(load_catalogue(self.answers), center)
        except (CenterError, CatalogueError, SettingsError):
            return None
        if self.has_database:
            asyncio.run(self._follow(lines))
        return lines

    async def _follow(self, lines: Lines) -> None:
        database = Database(self.settings.database, read_only=True)
        try:
            await Publishing(lines, database).begin()
        finally:
            database.close()

    @cached_property
    def alerting(self) -> Alerting | None:
        """Where staff are told of alerts."""
        try:
            rota = self.lines.center.rota if self.lines else None
            return load_alerting(self.settings, self.environment, rota)
        except SettingsError:
            return None

    @cached_property
    def channels(self) -> ChannelsConfig | None:
        """Which channels of platforms there are."""
        try:
            said = sections(self.settings.credentials_file)
            return load_channels(self.settings, said, self.environment)
        except SettingsError:
            return None

    @property
    def public_urls(self) -> dict[str, str]:
        """Addresses with HTTPS at which people and staff come, by what sets them."""
        console = self.alerting.console_url if self.alerting else ""
        given = {"IOP_PUBLIC_URL": self.settings.public_url or "", "console_url": console}
        return {name: url for name, url in given.items() if url.startswith("https://")}


def age(seconds: float) -> str:
    """Return how long something has lasted, in its largest unit."""
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} seconds"


def some(names: list[str], most: int = 8) -> str:
    """Return names as a list that stays short."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
