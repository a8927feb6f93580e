from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from center.rota import Rota
from desk.alerting.config import Alerting
from desk.alerting.courier import Courier
from desk.alerting.places import Place
from store.database import Database
from store.migrate import migrate
from store.reminders import Pace
from tests.desk.alerting.couriers import (
    PACE,
    Clock,
    Start,
)
from tests.desk.alerting.servers import APPRISE_BODY, SLACK_BODY, HookServer, MailServer


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
async def listener() -> AsyncIterator[HookServer]:
    """Where Apprise's json:// leads to."""
    server = HookServer(APPRISE_BODY)
    await server.start()
    yield server
    await server.stop()
    assert server.broken == []


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HookServer]:
    """Plays Slack's incoming webhooks; Apprise's own way to Slack leads here."""
    server = HookServer(SLACK_BODY, answer="ok")
    await server.start()
    server.status = 200
    monkeypatch.setattr("apprise.plugins.slack.NotifySlack.webhook_url", f"{server.root}/services")
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

    async def begin(
        *places: Place, pace: Pace = PACE, of: Database = database, rota: Rota | None = None
    ) -> Courier:
        alerting = Alerting(places, pace, console_url="http://127.0.0.1:8081", rota=rota)
        courier = Courier(alerting, of, clock)
        await courier.register()
        made.append(courier)
        return courier

    yield begin
    for courier in made:
        await courier.stop()
