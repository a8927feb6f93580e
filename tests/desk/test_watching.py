"""The desk looks after its server, and tells staff of what is wrong until it is gone."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk import measuring
from desk.measuring import Room
from desk.settings import Settings
from desk.watching import THREAD, Watcher
from store import server_troubles
from store.database import Database
from store.migrate import migrate
from tests.tls import Authority, tls_server

NOW = 1_800_000_000_000
PLENTY = Room(80_000_000_000, 100_000_000_000)
HOST = "chat.example.org"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    address = f"sqlite:///{tmp_path / 'log.db'}"
    migrate(address)
    opened = Database(address)
    yield opened
    opened.close()


class Server:
    """A server that is looked after, with what can go wrong in the test's hand."""

    def __init__(self, state: Path, database: Database, public_url: str | None = None) -> None:
        self.database, self.state = database, state
        self.room, self.whole, self.now = PLENTY, True, NOW
        settings = Settings(state=state, public_url=public_url)
        self.watcher = Watcher(
            settings,
            "http://127.0.0.1:8081",
            database,
            lambda: self.whole,
            clock=lambda: self.now,
            room=lambda _: self.room,
        )

    async def told(self) -> set[str]:
        """Look, and return what staff are told of."""
        await self.watcher.look()
        return set(await self.database.read(server_troubles.open_ones))

    def backup(self, hours: float) -> Path:
        """Put a backup of a certain age there."""
        folder = self.state / measuring.BACKUPS
        folder.mkdir(exist_ok=True)
        moment = self.now / 1000 - hours * 3600
        path = folder / f"iop-{measuring.stamp(moment)}.backup"
        path.touch()
        return path

    def touched(self, name: str, minutes: float) -> Path:
        """Put a file there that was last written so long ago."""
        path = self.state / name
        path.write_text("{}\n")
        os.utime(path, (self.now / 1000 - minutes * 60,) * 2)
        return path


@pytest.fixture
def server(tmp_path: Path, database: Database) -> Server:
    return Server(tmp_path, database)


async def test_a_server_that_is_well_raises_no_alarm(server: Server) -> None:
    server.backup(hours=2)
    assert await server.told() == set()


async def test_a_disk_that_fills_is_told_until_there_is_room(server: Server) -> None:
    server.room = Room(900_000_000, 10_000_000_000)
    assert await server.told() == {"disk"}
    server.room = PLENTY
    assert await server.told() == set()


@pytest.mark.parametrize(
    ("free", "size", "scarce"),
    [
        (0.99, 4, True),
        (1.01, 4, False),
        (2.9, 30, True),
        (3.1, 30, False),
        (4.9, 500, True),
        (5.1, 500, False),
    ],
)
def test_a_tenth_must_be_free_and_1_gb_and_never_more_than_5(
    free: float, size: float, scarce: bool
) -> None:
    assert Room(int(free * 1e9), int(size * 1e9)).scarce is scarce


async def test_a_backup_that_is_old_is_told_until_there_is_a_fresh_one(server: Server) -> None:
    server.backup(hours=27)
    assert await server.told() == {"backup"}
    server.backup(hours=0)
    assert await server.told() == set()


async def test_a_public_server_must_begin_to_make_backups(
    tmp_path: Path, database: Database
) -> None:
    server = Server(tmp_path, database, "http://chat.example.org")
    server.touched("web.keys", minutes=25 * 60)
    assert await server.told() == set()
    server.touched("web.keys", minutes=27 * 60)
    assert await server.told() == {"backup"}


async def test_on_ones_own_machine_nobody_need_make_backups(server: Server) -> None:
    server.touched("web.keys", minutes=100 * 60)
    assert await server.told() == set()


@pytest.mark.parametrize(
    ("name", "minutes", "told"),
    [
        ("spill.jsonl", 1, False),
        ("spill.jsonl", 6, True),
        ("spill.replaying.jsonl", 6, True),
        ("spill.locked.jsonl", 0, True),
    ],
)
async def test_what_waits_beside_the_database_is_told(
    server: Server, name: str, minutes: float, told: bool
) -> None:
    server.touched(name, minutes)
    assert await server.told() == ({"spill"} if told else set())


async def test_an_audit_that_was_changed_is_told(server: Server) -> None:
    server.whole = False
    assert await server.told() == {"audit"}


@pytest.mark.parametrize(("days", "told"), [(60, False), (20, True), (-1, True)])
async def test_a_certificate_that_is_not_renewed_is_told(
    tmp_path: Path, database: Database, days: float, told: bool
) -> None:
    certificate = Authority(tmp_path).issue(HOST, days)
    with tls_server(certificate) as port:
        server = Server(tmp_path, database, f"https://{HOST}:{port}")
        server.now = int(os.stat(certificate).st_mtime * 1000)
        assert await server.told() == ({"certificate"} if told else set())


async def test_what_cannot_be_looked_at_leaves_an_alert_as_it_was(
    tmp_path: Path, database: Database
) -> None:
    certificate = Authority(tmp_path).issue(HOST, 3)
    with tls_server(certificate) as port:
        server = Server(tmp_path, database, f"https://{HOST}:{port}")
        server.now = int(os.stat(certificate).st_mtime * 1000)
        assert await server.told() == {"certificate"}
    assert await server.told() == {"certificate"}


async def test_a_look_that_hangs_holds_up_no_end_of_the_desk(server: Server) -> None:
    begun, end = threading.Event(), threading.Event()

    def hanging(_: Path) -> Room:
        begun.set()
        end.wait()
        return PLENTY

    server.watcher._room = hanging
    look = asyncio.create_task(server.watcher.look())
    while not begun.is_set():
        await asyncio.sleep(0)
    (thread,) = (each for each in threading.enumerate() if each.name == THREAD)
    assert thread.daemon
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look
    end.set()
    thread.join()


async def test_what_breaks_in_a_look_is_told_to_upkeep(server: Server) -> None:
    def breaking(_: Path) -> Room:
        raise ZeroDivisionError

    server.watcher._room = breaking
    with pytest.raises(ZeroDivisionError):
        await server.watcher.look()


async def test_where_nobody_serves_tls_there_is_no_alarm(
    tmp_path: Path, database: Database
) -> None:
    server = Server(tmp_path, database, "https://nowhere.invalid:1")
    assert await server.told() == set()
