"""Ownership holds: over an idle hour, over "/restart", over restarts, whatever memory says."""

from __future__ import annotations

import pytest

from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve
from tests.desk.handoff.conftest import MARIA, MINUTE, MovedTime, Staff
from tests.desk.talk import Talk


@pytest.fixture
async def owned(person: Talk, staff: Staff, brain: BrainServer) -> Talk:
    """A conversation that Maria has, which the desk saw last when the bot had it."""
    await person.say("how much is it")
    await staff.claim(person.token)
    brain.calls.clear()
    return person


async def silent(person: Talk, brain: BrainServer) -> None:
    assert await person.say("how much is it") == []
    assert {name for name, _ in brain.calls} == {"read"}


async def test_the_owner_is_read_with_every_message(owned: Talk, brain: BrainServer) -> None:
    await silent(owned, brain)


async def test_memory_is_not_trusted(
    desk: Running, owned: Talk, staff: Staff, brain: BrainServer
) -> None:
    await desk.desk.upkeep.stop()
    live = desk.desk.conversations.get(staff.id_of(owned.token))
    assert live is not None
    live.owner = "bot"
    await silent(owned, brain)


async def test_after_61_idle_minutes(owned: Talk, brain: BrainServer, moved: MovedTime) -> None:
    moved.pass_by(61 * MINUTE)
    await silent(owned, brain)


@pytest.mark.parametrize("words", ["/restart", "/session_start", "/back", "restart"])
async def test_after_a_command_typed_by_the_visitor(
    owned: Talk, staff: Staff, brain: BrainServer, words: str
) -> None:
    assert await owned.say(words) == []
    assert brain.calls
    assert all("/" not in body["text"] for _, body in brain.calls)
    await silent(owned, brain)
    assert (await staff.owned(owned.token)).agent == MARIA


async def test_after_a_restart_of_the_desk(serve: Serve, owned: Talk, brain: BrainServer) -> None:
    await silent(Talk(await serve(), owned.token), brain)


async def test_after_a_restart_of_the_brain(owned: Talk, brain: BrainServer) -> None:
    port = int(brain.url.rsplit(":", 1)[1])
    await brain.stop()
    assert await owned.say("are you there?") == []
    await brain.start(port)
    await silent(owned, brain)


async def test_the_bot_answers_again_once_staff_have_resolved_it(
    owned: Talk, staff: Staff, moved: MovedTime
) -> None:
    moved.pass_by(61 * MINUTE)
    await staff.resolve(owned.token)
    (reply,) = await owned.say("how much is it")
    assert reply["from"] == "bot"


async def test_a_snoozed_conversation_wakes_and_the_bot_stays_silent(
    owned: Talk, staff: Staff, brain: BrainServer
) -> None:
    from store import ownership

    conversation = staff.id_of(owned.token)
    await staff.do(lambda c: ownership.snooze(c, conversation, 2**50, 5, by=MARIA))
    await silent(owned, brain)
    assert (await staff.owned(owned.token)).wake_at is None


async def test_a_crisis_while_the_log_cannot_be_written_reaches_the_person(
    desk: Running, owned: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from store import log
    from store.errors import StoreError

    def broken(*_: object) -> None:
        raise StoreError("broken")

    monkeypatch.setattr(log, "take", broken)
    monkeypatch.setattr(log, "finish", broken)
    replies = await owned.say(CRISIS)
    assert replies[0]["kind"] == "crisis"
