from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve

SAID = "select text from messages where sender = 'visitor' order by seq"


@contextmanager
def locked(desk: Running) -> Iterator[None]:
    """Hold the database as another program could."""
    other = sqlite3.connect(desk.parts.settings.state / "desk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def fill(desk: Running) -> None:
    """Let the database take not one page more, as on a full disk."""
    engine = desk.desk.database._engine

    @event.listens_for(engine, "begin")
    def limit(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")


def spill_of(desk: Running) -> Path:
    return desk.parts.settings.state / "spill.jsonl"


def block_spill(desk: Running) -> None:
    spill_of(desk).unlink(missing_ok=True)
    spill_of(desk).mkdir()


async def test_a_locked_log_costs_nobody_an_answer(desk: Running) -> None:
    token, _ = await desk.start()
    with locked(desk):
        status, body = await desk.send(token, "how much is it")
        assert status == 200
        assert body["replies"][0]["kind"] == "answer"
    assert desk.rows(SAID) == []
    assert stat.S_IMODE(spill_of(desk).stat().st_mode) == 0o600
    assert await desk.desk.upkeep.replay() == 2
    assert desk.rows(SAID) == [("how much is it",)]
    assert desk.rows("select outcome from readings") == [("brain",)]
    assert not spill_of(desk).exists()


async def test_a_full_disk_sends_messages_to_the_spill_file(desk: Running) -> None:
    token, _ = await desk.start()
    fill(desk)
    long = "how much is it " * 6_000
    status, body = await desk.send(token, long)
    assert status == 200
    assert body["replies"]
    assert spill_of(desk).exists()


async def test_a_conversation_that_began_while_the_log_was_locked(desk: Running) -> None:
    with locked(desk):
        token, _ = await desk.start()
        assert (await desk.send(token, "one"))[0] == 200
    assert (await desk.send(token, "two"))[0] == 200
    await desk.desk.upkeep.replay()
    assert desk.rows(SAID) == [("one",), ("two",)]
    texts = [each["text"] for each in await desk.history(token)]
    assert texts[1] == "one"
    assert texts[3] == "two"


async def test_what_was_spilled_is_in_the_history_at_once(desk: Running) -> None:
    token, _ = await desk.start()
    with locked(desk):
        await desk.send(token, "one")
    assert "one" in [each["text"] for each in await desk.history(token)]


async def test_a_message_sent_again_after_it_was_spilled_is_answered_once(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    with locked(desk):
        first = await desk.send(token, id="spilled-id")
    assert await desk.send(token, id="spilled-id") == first
    await desk.desk.upkeep.replay()
    assert await desk.send(token, id="spilled-id") == first
    assert len(brain.turns) == 1


async def test_a_spill_file_of_an_earlier_run_is_replayed(serve: Serve) -> None:
    first = await serve()
    token, _ = await first.start()
    with locked(first):
        await first.send(token, "before the crash")
    second = await serve()
    await second.desk.upkeep.replay()
    assert ("before the crash",) in second.rows(SAID)


@pytest.mark.parametrize("text", ["how much is it", CRISIS])
async def test_with_neither_log_nor_spill_the_person_is_told(
    desk: Running, brain: BrainServer, text: str
) -> None:
    token, _ = await desk.start()
    block_spill(desk)
    with locked(desk):
        status, body = await desk.send(token, text)
    assert status == 503
    assert body["error"]["code"] == "not_taken"
    assert "send it again" in body["error"]["message"]
    assert ("crisis" in body) == (text == CRISIS)
    assert brain.turns == []


async def test_a_message_that_was_not_taken_can_be_sent_again(desk: Running) -> None:
    token, _ = await desk.start()
    block_spill(desk)
    with locked(desk):
        assert (await desk.send(token, id="sent-twice"))[0] == 503
    # A disk that stands still for a moment refuses it once more, as it would a widget.
    statuses = [(await desk.send(token, id="sent-twice"))[0] for _ in range(3)]
    assert statuses[-1] == 200
    assert desk.rows(SAID) == [("how much is it",)]


async def test_resources_are_shown_with_the_log_locked(desk: Running) -> None:
    token, _ = await desk.start()
    with locked(desk):
        status, body = await desk.send(token, CRISIS)
    assert status == 200
    assert body["replies"][0]["kind"] == "crisis"
    await desk.desk.upkeep.replay()
    assert desk.rows("select kind, tier from alerts") == [("crisis", "T1")]
    assert desk.rows("select owner from ownership") == [("queue",)]


async def test_readyz_says_that_the_log_cannot_be_written(desk: Running) -> None:
    with locked(desk):
        async with desk.http.get(f"{desk.url}/readyz") as answer:
            assert answer.status == 503
            body = await answer.json()
    assert body == {"ready": False, "brain": True, "model": "model-1", "database": False}


async def test_the_bot_does_not_speak_where_nobody_knows_who_has_the_conversation(
    serve: Serve, brain: BrainServer
) -> None:
    first = await serve()
    token, _ = await first.start()
    second = await serve()
    second.desk.database._readers.shutdown()
    with locked(second):
        status, body = await second.send(token, "how much is it")
    assert status == 200
    assert [reply["kind"] for reply in body["replies"]] == ["safe"]
    assert brain.turns == []
