"""An erased person is forgotten by the desk's memory, the brain and the spill file, too."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text

from desk import erasure
from desk.conversations import now_ms
from desk.guarding import ANCHORS, Guard
from store import audit, erasing, key_file
from store.audit_chain import DAY, Anchors
from store.compacting import compact
from store.database import Database
from store.sealing import MARK
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import Running

MARKER = "zebrafinch"


async def erase(desk: Running, conversation: str) -> None:
    await desk.desk.database.write(lambda c: erasing.erase_person(c, conversation, "ana", now_ms()))


async def test_nothing_of_an_erased_person_is_left(desk: Running, brain: BrainServer) -> None:
    token, _ = await desk.start()
    await desk.send(token, text=f"how much is {MARKER}")
    conversation = desk.desk.reception.conversation(token)
    assert desk.desk.conversations.get(conversation) is not None
    await erase(desk, conversation)
    assert await desk.desk.upkeep.erase() == 1
    assert desk.desk.conversations.get(conversation) is None
    assert ("forget", conversation) in [
        (name, body.get("conversation")) for name, body in brain.calls
    ]
    assert desk.rows("select count(*) from messages") == [(0,)]
    assert desk.rows("select conversation_id is null, done_at is null from erasures") == [(1, 0)]
    state = desk.desk.parts.settings.state
    for path in state.iterdir():
        if path.is_file():
            content = path.read_bytes()
            assert MARKER.encode() not in content, path.name
            assert conversation.encode() not in content or path.suffix != ".jsonl"


async def test_the_brain_is_asked_again_until_it_has_forgotten(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    await desk.send(token)
    conversation = desk.desk.reception.conversation(token)
    await erase(desk, conversation)
    brain.status = 500
    assert await desk.desk.upkeep.erase() == 0
    assert desk.rows("select conversation_id from erasures") == [(conversation,)]


async def test_files_are_overwritten_once_while_the_brain_is_away(
    desk: Running, brain: BrainServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.desk.upkeep.stop()
    token, _ = await desk.start()
    await erase(desk, desk.desk.reception.conversation(token))
    done: list[object] = []

    async def noted(database: Database, tables: list[str] | None = None) -> None:
        done.append(tables)
        await compact(database, tables)

    monkeypatch.setattr(erasure, "compact", noted)
    brain.status = 500
    assert [await desk.desk.upkeep.erase() for _ in range(3)] == [0, 0, 0]
    assert done == [None]
    brain.status = 200
    assert await desk.desk.upkeep.erase() == 1
    assert done == [None, ["erasures"]]


async def test_words_are_unreadable_in_the_desks_own_file(desk: Running) -> None:
    token, _ = await desk.start()
    await desk.send(token, text=f"how much is {MARKER}")
    stored = await desk.desk.database.read(
        lambda c: c.execute(text("select text from messages where sender = 'visitor'")).scalar()
    )
    assert stored.startswith(MARK)
    state = desk.desk.parts.settings.state
    assert (state / key_file.NAME).stat().st_mode & 0o777 == 0o600
    history = await desk.history(token)
    assert MARKER in str(history)


async def test_the_audit_is_watched_and_its_last_row_noted(
    desk: Running, caplog: pytest.LogCaptureFixture
) -> None:
    state, database = desk.desk.parts.settings.state, desk.desk.database
    await database.write(lambda c: audit.note(c, "ana", "read", "c1", at=1))
    guard = Guard(database, state)
    assert guard.audit_is_whole() is None
    (state / ANCHORS).unlink(missing_ok=True)
    assert await guard.watch_audit() == 0
    last = max(Anchors(state / ANCHORS).read())
    Anchors(state / ANCHORS).add(2, last + 4, "0" * 64)
    assert await guard.watch_audit() == 0
    assert guard.audit_is_whole()
    another = Guard(database, state)
    with caplog.at_level(logging.ERROR):
        assert await another.watch_audit() == 1
    assert another.audit_is_whole() is False
    assert f"to {last + 4} are missing" in caplog.text


async def test_what_was_stored_before_there_were_keys_is_sealed(desk: Running) -> None:
    token, _ = await desk.start()
    await desk.send(token, text="hello")
    desk.write(f"UPDATE messages SET text = 'about a {MARKER}' WHERE sender = 'visitor'")
    guard = Guard(desk.desk.database, desk.desk.parts.settings.state)
    assert await guard.seal_older() == 1
    assert await guard.seal_older() == 0
    stored = await desk.desk.database.read(
        lambda c: c.execute(text("select text from messages where sender = 'visitor'")).scalar()
    )
    assert stored.startswith(MARK)
    assert f"about a {MARKER}" in str(await desk.history(token))


async def test_words_that_were_stored_plain_are_looked_for_each_day(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await desk.start()
    await desk.send(token, text="hello")
    guard, now = Guard(desk.desk.database, desk.desk.parts.settings.state), now_ms()
    assert await guard.seal_older() == 0
    desk.write(f"UPDATE messages SET text = 'about a {MARKER}' WHERE sender = 'visitor'")
    assert await guard.seal_older() == 0
    monkeypatch.setattr("desk.guarding.now_ms", lambda: now + DAY + 1000)
    assert await guard.seal_older() == 1


class ManyRows:
    """A database with 120 rows of plain words."""

    def __init__(self) -> None:
        self.writes: list[int] = []

    async def read(self, look: partial[object]) -> tuple[list[tuple[int]], None]:
        many = 120 if look.keywords["name"] == "messages" else 0
        return [(number,) for number in range(many)], None

    async def write(self, seal: partial[object]) -> int:
        self.writes.append(len(seal.keywords["keys"]))
        return self.writes[-1]


async def test_a_write_that_seals_is_short(tmp_path: Path) -> None:
    many = ManyRows()
    assert await Guard(cast(Any, many), tmp_path).seal_older() == 120
    assert many.writes == [50, 50, 20]
