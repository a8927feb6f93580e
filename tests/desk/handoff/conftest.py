from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, update

from desk.handoff.clock import Clock
from desk.handoff.follower import Follower
from store import ownership, staff_messages
from store.database import Database
from store.errors import StoreError
from store.records import Ownership
from store.tables.staff import staff as accounts
from tests.desk.conftest import Running
from tests.desk.talk import Talk, talk

Result = TypeVar("Result")
MARIA, SAM = "maria-staff-id", "sam-staff-id"
MINUTE = 60_000


class Staff:
    """What staff do in the console: on a connection of its own, beside the desk."""

    def __init__(self, desk: Running, database: Database) -> None:
        self.desk, self.database = desk, database
        self.sent = 0

    def id_of(self, token: str) -> str:
        return self.desk.desk.reception.conversation(token)

    async def do(self, work: Callable[[Connection], Result]) -> Result:
        for _ in range(10):
            # The desk writes as well, and a disk may stand still meanwhile.
            with suppress(StoreError):
                return await self.database.write(work)
        return await self.database.write(work)

    async def open_accounts(self) -> None:
        def add(c: Connection) -> None:
            for staff_id, name in ((MARIA, "Maria"), (SAM, "Sam")):
                row: dict[str, object] = {
                    "id": staff_id,
                    "name": name,
                    "email": f"{name}@example.org",
                }
                row |= {"role": "agent", "password": "x", "created_at": 1}
                c.execute(accounts.insert().values(**row))

        await self.do(add)

    async def say(self, token: str, text: str = "Hello, I am Maria.", by: str = MARIA) -> int:
        self.sent += 1
        key, at = f"form-{self.sent}", now()
        conversation = self.id_of(token)
        return await self.do(lambda c: staff_messages.send(c, conversation, by, text, at, key))

    async def claim(self, token: str, by: str = MARIA) -> bool:
        at = now()
        return await self.do(lambda c: ownership.claim(c, self.id_of(token), by, at, by=by))

    async def resolve(self, token: str, by: str = MARIA) -> bool:
        at = now()
        return await self.do(lambda c: ownership.resolve(c, self.id_of(token), at, by=by))

    async def release(self, token: str, by: str = MARIA) -> bool:
        at = now()
        return await self.do(lambda c: ownership.release(c, self.id_of(token), at, by=by))

    async def block(self, token: str, by: str = MARIA) -> bool:
        at = now()
        return await self.do(lambda c: ownership.block(c, self.id_of(token), at, by=by))

    async def present(self, presence: str = "available", seen_at: int | None = None) -> None:
        values = {"presence": presence, "seen_at": now() if seen_at is None else seen_at}
        await self.do(lambda c: c.execute(update(accounts).values(**values)))

    async def owned(self, token: str) -> Ownership:
        found = await self.database.read(lambda c: ownership.state(c, self.id_of(token)))
        assert found is not None
        return found


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def staff(desk: Running) -> AsyncIterator[Staff]:
    database = Database(desk.parts.settings.database)
    found = Staff(desk, database)
    await found.open_accounts()
    yield found
    database.close()


@pytest.fixture
async def person(desk: Running) -> Talk:
    return await talk(desk)


@pytest.fixture
def follower(desk: Running) -> Follower:
    """A second follower, as another desk would have: what it does bears to be done twice."""
    return Follower(desk.desk.lines, desk.desk.database, desk.desk.conversations)


class MovedTime:
    """The clock of every process in this test, moved forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, real = 0, time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: real() + self.ahead * 1_000_000)

    def pass_by(self, milliseconds: int) -> None:
        self.ahead += milliseconds


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> MovedTime:
    return MovedTime(monkeypatch)


@pytest.fixture
def ticking(desk: Running) -> Clock:
    return Clock(desk.desk.lines, desk.desk.database)


def lines(desk: Running) -> list[str]:
    """Ids of the lines of the log, in order."""
    query = "select answer_id from messages where sender = 'system' order by seq"
    return [row[0] for row in desk.rows(query)]


def ids(replies: list[dict[str, Any]]) -> list[str]:
    return [button["id"] for reply in replies for button in reply["buttons"]]
