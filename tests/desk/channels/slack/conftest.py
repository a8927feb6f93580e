from __future__ import annotations

import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from answers.catalogue import load_catalogue
from center.facts import load_center
from desk.channels.contract import Arrival
from desk.channels.slack.channel import SlackChannel
from desk.channels.slack.config import SlackConfig
from desk.channels.slack.routes import routes
from desk.lines import Lines
from desk.screening import NOTHING, Screening
from desk.web_answers import Errors
from safety.risk import Risk
from store.contacts import Contact
from tests.desk.channels.slack.posting import DIRECT, SECRET, TEAM, USER, Poster
from tests.desk.channels.slack.server import BOT, SlackServer
from tests.desk.serving import serving_app

RISK = "i want to kill myself tonight"
SOFT = "i feel very low"
STAFF = "C0STAFF"
ADDRESS = {"team": TEAM, "user": USER, "channel": DIRECT}
CONTACT = Contact("conversation", "slack", "digest", ADDRESS)


@dataclass
class Taker:
    """Takes arrivals as the mailroom does: each platform id once."""

    arrivals: list[Arrival] = field(default_factory=list)
    trouble: Exception | None = None

    async def take(self, channel: str, arrival: Arrival) -> bool:
        assert channel == "slack"
        if self.trouble is not None:
            raise self.trouble
        # What the database keeps is what comes back.
        assert Arrival.from_plain(arrival.plain()) == arrival
        assert len(arrival.platform_id) <= 128
        new = arrival.platform_id not in {each.platform_id for each in self.arrivals}
        if new:
            self.arrivals.append(arrival)
        return new


async def screen(text: str) -> Screening:
    if "kill" in text:
        return Screening(Risk("S4", "T0", "test"))
    return Screening(Risk("SOFT", "T3", "test")) if "low" in text else NOTHING


@dataclass
class House:
    """A desk with Slack alone, whose arrivals are only written down."""

    channel: SlackChannel
    taker: Taker
    post: Poster
    slack: SlackServer
    relayed: list[tuple[str, str, str]]

    @property
    def arrivals(self) -> list[Arrival]:
        return self.taker.arrivals

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.taker.arrivals]


@pytest.fixture(scope="session")
def lines() -> Lines:
    return Lines(load_catalogue(), load_center(demo=False))


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    server = SlackServer()
    await server.start()
    yield server
    await server.stop()
    assert server.broken == []


@pytest.fixture
def config(slack: SlackServer) -> SlackConfig:
    return SlackConfig(signing_secret=SECRET, bot_token=BOT, api_url=slack.url)


@pytest.fixture
async def house(config: SlackConfig, slack: SlackServer, lines: Lines) -> AsyncIterator[House]:
    taker, relayed = Taker(), []

    async def relay(conversation: str, user: str, text: str) -> None:
        relayed.append((conversation, user, text))

    channel = SlackChannel(config, taker.take, screen, lines, relay)
    app: Any = Sanic(f"slack-{uuid.uuid4().hex}", configure_logging=False)
    app.config.update(ACCESS_LOG=False, MOTD=False, TOUCHUP=False)
    app.error_handler = Errors(lines)
    app.ctx.desk = SimpleNamespace(channels={"slack": channel})
    app.blueprint(routes())
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serving_app(app, listener), aiohttp.ClientSession() as http:
        yield House(channel, taker, Poster(url, http), slack, relayed)
    await channel.close()
