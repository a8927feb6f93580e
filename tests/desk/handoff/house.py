"""A desk without a web server over a real SQLite, with a brain in hand and a clock to move."""

from __future__ import annotations

import asyncio
import functools
import shutil
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import sqlalchemy as sa
from sqlalchemy import Connection

from answers.catalogue import load_catalogue
from center.facts import load_center
from desk.brain_answer import Answer, parse
from desk.callbacks.turns import Callbacks
from desk.composing import Composer
from desk.conversations import Conversations, Listener
from desk.errors import BrainError
from desk.handoff.choices import Choices
from desk.handoff.clock import Clock
from desk.handoff.follower import Follower
from desk.handoff.waiting import Waiting
from desk.inbound import Inbound
from desk.keeping import Keeper
from desk.lines import Lines
from desk.one_turn import Outcome
from desk.screening import Screener
from desk.turn import Turns
from safety.layers import load_layers
from store import log
from store.database import Database
from store.migrate import migrate
from store.records import Entry, Message
from store.spill import Spill
from store.tables.staff import staff as accounts
from tests.desk.brain_server import reading, reply

Result = TypeVar("Result")
AGENTS = {"maria-id": "Maria", "sam-id": "Sam"}
CHATS = ("chat-one", "chat-two")


@functools.cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp()) / "log.db"
    migrate(f"sqlite:///{path}")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for staff_id, name in AGENTS.items():
            row = {"id": staff_id, "name": name, "email": name.lower(), "role": "agent"}
            connection.execute(accounts.insert().values(**row, password="x", created_at=1))
    engine.dispose()
    return path


@functools.cache
def _lines() -> Lines:
    return Lines(load_catalogue(), load_center())


@functools.cache
def _screen() -> Any:
    return load_layers("rules")[0]


class Brain:
    """Answers as it is told to; `midway` happens while it thinks."""

    def __init__(self) -> None:
        self.fails = self.hands_off = False
        self.midway: Callable[[], Awaitable[object]] | None = None
        self.asked: list[str] = []

    async def turn(self, body: dict[str, Any], limit: float) -> Answer:
        return await self._answer("turn")

    async def read(self, body: dict[str, Any], limit: float) -> Answer:
        return await self._answer("read")

    async def _answer(self, name: str) -> Answer:
        self.asked.append(name)
        midway, self.midway = self.midway, None
        if midway is not None:
            await midway()
        if self.fails:
            raise BrainError("no connection")
        signals = [{"name": "handoff"}] if self.hands_off else []
        body = {"v": 1, "reading": reading(), "replies": [reply()], "signals": signals}
        return parse(body, replies=name == "turn")


class House:
    """The desk, and the console's connection beside it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(_template(), self.folder / "log.db")
        self.url = f"sqlite:///{self.folder / 'log.db'}"
        self.runner = asyncio.Runner()
        self.ahead, real = 0, time.time_ns

        def moved() -> int:
            return real() + self.ahead * 1_000_000

        self._clock = mock.patch.object(time, "time_ns", moved)
        self._clock.start()
        # A busy machine must not look like a log that is away, which is not what is tried here.
        self._patience = [
            mock.patch(f"desk.{name}", 60.0)
            for name in ("keeping.LIMIT", "handoff.choices._LIMIT", "handoff.waiting._LIMIT")
        ]
        for each in self._patience:
            each.start()
        self.brain, self.console = Brain(), Database(self.url)
        self.heard: dict[str, list[Message]] = {chat: [] for chat in CHATS}
        """What each person's page was sent, which is open all the time."""
        self.pages: dict[str, Listener] = {}
        self.start()
        for chat in CHATS:
            self.run(self.turns.begin(chat))
        self._open_pages()

    def start(self) -> None:
        """Start a desk that remembers nothing."""
        lines, database = _lines(), Database(self.url)
        self.desk_database, self.conversations = database, Conversations()
        self.keeper = Keeper(database, Spill(self.folder))
        self.screener = Screener(_screen())
        composer = Composer(
            lines=lines,
            brain=self.brain,
            encoder=None,
            waiting=Waiting(lines, database),
            choices=Choices(lines, database),
            limit=5.0,
        )
        self.turns = Turns(
            conversations=self.conversations,
            keeper=self.keeper,
            screener=self.screener,
            lines=lines,
            composer=composer,
            callbacks=Callbacks(lines),
            topics=frozenset({"cost"}),
        )
        self.follower = Follower(lines, database, self.conversations)
        self.clock = Clock(lines, database)

    def restart(self) -> None:
        self.desk_database.close()
        self.screener.close()
        self.pages = {}
        self.start()
        self._open_pages()

    def _open_pages(self) -> None:
        """Open the page of each person, which asks for what came after all that it has."""

        async def opened(chat: str) -> Listener:
            live, page = await self.turns.open(chat), Listener()
            live.listeners.add(page)
            last = max((message.seq for message in self.heard[chat]), default=0)
            self.heard[chat] += await self.turns.resumed(chat, last)
            return page

        for chat in CHATS:
            self.pages[chat] = self.run(opened(chat))
        # As a desk does ten times a second, from its start on.
        self.run(self.follower.follow())

    def close(self) -> None:
        self.desk_database.close()
        self.screener.close()
        self.console.close()
        self.runner.close()
        self._clock.stop()
        for each in self._patience:
            each.stop()
        shutil.rmtree(self.folder)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        found = self.runner.run(work)
        self.runner.run(self._pages_are_sent())
        return found

    async def _pages_are_sent(self) -> None:
        for chat, page in self.pages.items():
            page.tell(("end", None))
            while (event := await page.next()) is not None and event[0] != "end":
                if event[0] == "message":
                    self.heard[chat].append(event[1])
            assert event is not None, "a page was cut off"

    @property
    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def staff(self, work: Callable[[Connection], Result]) -> Result:
        """Do something as the console does."""
        return self.run(self.console.write(work))

    def look(self, work: Callable[[Connection], Result]) -> Result:
        return self.run(self.console.read(work))

    def rows(self, statement: str, **values: Any) -> list[Any]:
        return self.look(lambda c: list(c.execute(sa.text(statement), values)))

    def say(self, chat: str, text: str = "", button: str | None = None) -> Outcome:
        """Send a message of a person."""
        inbound = Inbound(uuid.uuid4().hex, text=text, button=button)
        return self.run(self.turns.handle(chat, inbound))

    def offered(self, chat: str) -> set[str]:
        live = self.run(self.turns.open(chat))
        return live.offered

    def logged(self, chat: str) -> list[Message]:
        return self.look(lambda c: log.messages_after(c, chat, 0))

    def write(self, entry: Entry) -> None:
        self.staff(lambda c: log.write(c, entry))
