from __future__ import annotations

import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from desk.app import build_app
from desk.parts import Desk, Parts, load_parts
from desk.settings import Rate, Settings
from store.database import Database
from store.migrate import migrate
from store.sealing import KeyRing, opened_words
from tests.desk.brain_server import TOKEN, BrainServer, reading
from tests.desk.serving import serving_app

CRISIS = "i want to kill myself tonight"


@dataclass
class Running:
    """A desk that serves on a port of its own."""

    desk: Desk
    parts: Parts
    url: str
    http: aiohttp.ClientSession
    app: Any

    async def start(self) -> tuple[str, list[dict[str, Any]]]:
        async with self.http.post(f"{self.url}/api/v1/conversations", json={}) as answer:
            assert answer.status == 201
            body = await answer.json()
            return body["token"], body["messages"]

    async def send(
        self, token: str | None, text: str = "how much is it", **body: Any
    ) -> tuple[int, dict[str, Any]]:
        sent = {"id": str(uuid.uuid4()), "text": text, **body}
        if "button" in body:
            del sent["text"]
        return await self.post(token, json=sent)

    async def post(self, token: str | None, **how: Any) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}/api/v1/messages"
        async with self.http.post(url, headers=headers, **how) as answer:
            return answer.status, await answer.json()

    async def history(self, token: str, after: int = 0) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/api/v1/messages?after={after}"
        async with self.http.get(url, headers=headers) as answer:
            assert answer.status == 200
            found: list[dict[str, Any]] = (await answer.json())["messages"]
            return found

    def write(self, statement: str) -> None:
        """Change the log behind the desk's back, as the console does."""
        engine = sa.create_engine(self.parts.settings.database)
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()

    def rows(self, statement: str) -> list[Any]:
        """Read the log beside the desk."""
        engine = sa.create_engine(self.parts.settings.database)
        with engine.connect() as connection:
            found = list(connection.execute(sa.text(statement)))
        KeyRing(engine)
        opened = [Opened(row, engine.dialect) for row in found]
        engine.dispose()
        return opened


class Opened(tuple[Any, ...]):
    """A row as SQLAlchemy gives it, with sealed words opened."""

    _mapping: dict[str, Any]

    def __new__(cls, row: Any, dialect: sa.Dialect) -> Opened:
        words = [opened_words(v, dialect) if isinstance(v, str) else v for v in row]
        made = super().__new__(cls, words)
        made._mapping = dict(zip(row._mapping, words, strict=False))
        return made

    def __getattr__(self, name: str) -> Any:
        try:
            return self._mapping[name]
        except KeyError:
            raise AttributeError(name) from None


@pytest.fixture
async def brain() -> AsyncIterator[BrainServer]:
    server = BrainServer()
    await server.start()
    yield server
    await server.stop()
    assert server.broken == []


@pytest.fixture
def settings(tmp_path: Path, brain: BrainServer) -> Settings:
    state = tmp_path / "state"
    state.mkdir()
    (state / "brain.token").write_text(TOKEN)
    return Settings(
        state=state,
        brain_url=brain.url,
        # A busy machine stands still for seconds; this brain is slow only where a test says so.
        brain_limit=15.0,
        rate_conversation=Rate(0, 0),
        rate_address=Rate(0, 0),
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    migrate(url)
    opened = Database(url)
    yield opened
    opened.close()


Serve = Callable[..., Any]


@pytest.fixture
async def serve(settings: Settings) -> AsyncIterator[Serve]:
    """Start desks with changed settings; all are ended with the test."""
    async with AsyncExitStack() as stack:

        async def start(change: dict[str, Any] | None = None, **parts: Any) -> Running:
            made = replace(load_parts(replace(settings, **(change or {}))), **parts)
            return await stack.enter_async_context(serving(made))

        yield start


@asynccontextmanager
async def serving(parts: Parts) -> AsyncIterator[Running]:
    app = build_app(parts, f"desk-{uuid.uuid4().hex}")
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving_app(app, listener), aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Running(app.ctx.desk, parts, url, http, app)


@pytest.fixture
async def desk(serve: Serve) -> Running:
    running: Running = await serve()
    return running


@pytest.fixture
async def chat(desk: Running, brain: BrainServer) -> Any:
    """A conversation (tests.desk.talk) in which the brain understands nothing."""
    from tests.desk.talk import talk

    brain.reading = reading("out_of_scope")
    return await talk(desk)


@pytest.fixture(autouse=True)
def _only_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("IOP_")]:
        monkeypatch.delenv(name)
