"""The tracker store: live in memory, resumed from disk, nothing kept past its session."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from brain.conversation_store import EVENTS_KEPT, ConversationStore, _events

DOMAIN = Domain.from_dict({"intents": ["cost"], "actions": []})
PARSED = {"intent": {"name": "cost", "confidence": 0.9}, "entities": [], "text": "how much"}


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/brain.db"


def user(text: str = "how much") -> UserUttered:
    parsed = {**PARSED, "text": text, "intent_ranking": [{"name": "cost"}], "text_tokens": [[0, 3]]}
    return UserUttered(text, parsed["intent"], [], parsed, metadata={"private": "words"})


def start(store: ConversationStore, name: str = "web:1") -> DialogueStateTracker:
    tracker = store.init_tracker(name)
    for event in (SessionStarted(), ActionExecuted("action_listen"), user()):
        tracker.update(event)
    return tracker


def rows(store: ConversationStore) -> list[str]:
    with store._engine.connect() as connection:
        return list(connection.execute(sql.select(_events.c.event)).scalars())


async def test_the_live_tracker_is_returned_without_a_replay(address: str) -> None:
    store = ConversationStore(DOMAIN, host=address)
    tracker = start(store)
    await store.save(tracker)
    assert await store.retrieve("web:1") is tracker


async def test_a_restarted_brain_goes_on(address: str) -> None:
    store = ConversationStore(DOMAIN, host=address)
    await store.save(start(store))
    await store.keys()  # behind the writes, in the same queue
    again = await ConversationStore(DOMAIN, host=address).retrieve("web:1")
    assert again is not None
    assert again.latest_message.text == "how much"
    assert again.latest_message.intent["name"] == "cost"


async def test_each_event_is_written_once(address: str) -> None:
    store = ConversationStore(DOMAIN, host=address)
    tracker = start(store)
    await store.save(tracker)
    await store.save(tracker)
    for number in range(30):
        tracker.update(user(f"message {number}"))
        await store.save(tracker)
    await store.keys()
    assert len(rows(store)) == 3 + 30


async def test_a_long_conversation_stays_short_in_memory(address: str) -> None:
    # Through Rasa's wrapper, which makes new trackers without a limit of its own.
    wrapped = FailSafeTrackerStore(ConversationStore(DOMAIN, host=address))
    tracker = await wrapped.get_or_create_tracker("web:1")
    for number in range(60):
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(user(f"message {number}"))
        await wrapped.save(tracker)
        assert len(tracker.events) <= 2 * EVENTS_KEPT + 2
    assert tracker.latest_message.text == "message 59"
    assert isinstance(tracker.events[0], ActionExecuted)


async def test_readings_are_kept_without_what_nobody_reads(address: str) -> None:
    store = ConversationStore(DOMAIN, host=address)
    await store.save(start(store))
    await store.keys()
    assert not [row for row in rows(store) if "ranking" in row or "private" in row]


async def test_a_new_session_leaves_nothing_of_the_old(address: str) -> None:
    store = ConversationStore(DOMAIN, host=address)
    tracker = start(store)
    await store.save(tracker)
    tracker.update(SessionStarted())
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    await store.keys()
    assert not [row for row in rows(store) if "how much" in row]


async def test_an_ended_session_is_swept_by_another_conversation(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ConversationStore(DOMAIN, host=address)
    await store.save(start(store, "web:old"))
    await store.keys()
    clock = __import__("time").time
    monkeypatch.setattr("brain.conversation_store.time.time", lambda: clock() + 61 * 60)
    fresh = start(store, "web:new")
    for event in fresh.events:
        event.timestamp += 61 * 60
    await store.save(fresh)
    assert list(await store.keys()) == ["web:new"]


async def test_forgotten_is_gone_from_memory_and_disk(address: str) -> None:
    store = ConversationStore(DOMAIN, host=address)
    await store.save(start(store))
    await store.delete("web:1")
    assert await store.retrieve("web:1") is None
    assert rows(store) == []


async def test_conversations_do_not_mix(address: str) -> None:
    store = ConversationStore(DOMAIN, host=address)
    await store.save(start(store, "web:1"))
    await store.save(start(store, "sms:1"))
    await store.delete("web:1")
    assert await store.retrieve("sms:1") is not None


def test_what_is_unwritten_when_the_process_ends_is_written_then(address: str) -> None:
    code = f"""
import asyncio
from tests.brain.test_conversation_store import DOMAIN, start
from brain.conversation_store import ConversationStore
store = ConversationStore(DOMAIN, host={address!r})
asyncio.run(store.save(start(store)))
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
    assert len(rows(ConversationStore(DOMAIN, host=address))) == 3
