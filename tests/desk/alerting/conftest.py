from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.alerting.config import Alerting, Place
from desk.alerting.courier import Courier
from store.database import Database
from store.migrate import migrate
from store.reminders import Pace
from tests.desk.alerting.couriers import (
    PACE,
    Clock,
    Start,
)
from tests.desk.alerting.servers import HookServer, MailServer


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def hook() -> AsyncIterator[HookServer]:
    server = HookServer()
    await server.start()
    yield server
    await server.stop()
    assert server.broken == []


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'log.db'}"
    migrate(address)
    return address


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def start(database: Database, clock: Clock) -> AsyncIterator[Start]:
    """Make couriers; all are ended with the test."""
    made: list[Courier] = []

    async def begin(*places: Place, pace: Pace = PACE, of: Database = database) -> Courier:
        alerting = Alerting(places, pace, console_url="http://127.0.0.1:8081")
        courier = Courier(alerting, of, clock)
        await courier.register()
        made.append(courier)
        return courier

    yield begin
    for courier in made:
        await courier.stop()
