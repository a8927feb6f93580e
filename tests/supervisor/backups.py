"""What tests of backups share: two persons in a database, and the two commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select

from desk.settings import Settings
from store import erasing, log, notes, review
from store.callback_records import Callback
from store.database import Database
from store.records import Entry, Message
from store.tables.conversations import conversations
from supervisor import backup, restore

AT = 1_795_579_500_000
ANA = "ana-id"
WORDS = ("zebrafinch", "quokkaname", "5550142", "platypusnote", "An answer.", "s3cr3tword")
Result = TypeVar("Result")
ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


def do(settings: Settings, work: Callable[[Connection], Result]) -> Result:
    async def run() -> Result:
        database = Database(settings.database)
        try:
            return await database.write(work)
        finally:
            database.close()

    return asyncio.run(run())


def live(connection: Connection, conversation: str) -> None:
    said = (
        Message(10, "visitor", "text", f"I said zebrafinch once in {conversation}", AT),
        Message(12, "bot", "answer", "An answer.", AT, reply_to=10),
    )
    call = Callback(
        **{"seq": 10, "asked_at": AT, "name": "quokkaname", "phone": "+12135550142"},
        **{"best_time": None, "topic": None, "voicemail": 0, "others": None},
        **{"safe_time": None, "minor": 0, "quiet": 1, "consent": "yes", "consent_version": 1},
        **{"start_at": AT, "due_at": AT},
    )
    log.write(connection, Entry(conversation, "web", AT, said, callback=call))
    notes.add(connection, conversation, ANA, "platypusnote", AT)


def erase(settings: Settings, conversation: str) -> None:
    do(settings, lambda c: erasing.erase_person(c, conversation, ANA, AT + 5))


def text_of(settings: Settings, conversation: str) -> list[str]:
    return [row["text"] for row in do(settings, lambda c: review.transcript(c, conversation))]


def make(settings: Settings) -> Path:
    """Make a backup as the command does, and return the newest."""
    assert backup.main() == 0
    return max((settings.state / backup.FOLDER).glob("*.backup"))


def put_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("FILE", str(path))
    return restore.main()


def ids(connection: Connection) -> list[str]:
    return list(
        connection.execute(select(conversations.c.id).order_by(conversations.c.id)).scalars()
    )


def plain_left(settings: Settings) -> list[str]:
    """Return what there is beside whole backups where copies are made."""
    inside = (settings.state / backup.FOLDER).iterdir()
    beside = settings.state.glob("desk.db.restoring*")
    return [path.name for path in (*inside, *beside) if path.suffix != ".backup"]
