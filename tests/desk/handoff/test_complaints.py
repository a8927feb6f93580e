"""What users of other products complain of, each as a test that would catch it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from desk.handoff.follower import Follower
from desk.settings import Settings
from store import log, ownership
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running
from tests.desk.handoff.conftest import MARIA, MINUTE, MovedTime, Staff, lines, now
from tests.desk.talk import Talk
from tests.desk.test_events import listening


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A brain that may take its time, so that it is staff who end what waits for it."""
    return replace(settings, brain_limit=60.0)


async def test_bot_keeps_answering_after_handoff(
    person: Talk, staff: Staff, brain: BrainServer
) -> None:
    # chatwoot/rasa-agent-bot-demo#12, chatwoot/chatwoot#11429, #11363, HKUDS/nanobot#3322
    await person.say("how much is it")
    await staff.say(person.token)
    brain.calls.clear()
    for words in ("hello?", "how much is it", "/restart", "and for teens?"):
        assert await person.say(words) == []
    assert {name for name, _ in brain.calls} == {"read"}


async def test_agent_replies_but_forgets_status(person: Talk, staff: Staff) -> None:
    # chatwoot/chatwoot#11025
    await person.say("how much is it")
    await staff.say(person.token, "About what it costs: it depends on your plan.")
    assert await person.say("thanks, which plans?") == []
    assert (await staff.owned(person.token)).owner == "human"


async def test_bot_is_paused_though_nothing_was_returned_by_an_action(
    person: Talk, staff: Staff, brain: BrainServer
) -> None:
    # RasaHQ/rasa#3683: a pause that an action forgot to return. Here no action is asked: the
    # brain replies as ever, and the desk does not.
    await staff.claim(person.token)
    brain.signals = [{"name": "handoff"}]
    assert await person.say("how much is it") == []
    assert (await staff.owned(person.token)).owner == "human"


async def test_handoff_is_a_two_way_chat_and_not_one_answer(
    desk: Running, person: Talk, staff: Staff
) -> None:
    # RasaHQ/rasa-demo#292
    async with listening(desk, person.token) as events:
        await events.messages(1)
        for number in range(3):
            await staff.say(person.token, f"answer {number}")
            await person.say(f"question {number}")
        found = [item["text"] for item in await events.messages(7) if item["from"] != "system"]
    assert sorted(found) == sorted(f"{kind} {n}" for kind in ("answer", "question") for n in "012")


async def test_nobody_is_notified_when_the_bot_hands_off(
    desk: Running, person: Talk, brain: BrainServer
) -> None:
    # chatwoot/chatwoot#5077, #6112
    brain.signals = [{"name": "handoff"}]
    await person.say("a person please")
    assert desk.rows("select kind, acknowledged_at from alerts") == [("handoff", None)]
    kinds = {row[0] for row in desk.rows("select kind from feed")}
    assert {"owner", "alert", "message"} <= kinds


async def test_typing_bubble_stuck_after_a_human_takes_over(
    desk: Running, person: Talk, staff: Staff, brain: BrainServer
) -> None:
    # chatwoot/chatwoot#9685, #11363
    brain.gate.clear()
    async with listening(desk, person.token) as events:
        await events.messages(1)
        asking = asyncio.create_task(person.say("how much is it"))
        while await events.next() != ("typing", {"on": True, "from": "bot"}):
            pass
        await staff.claim(person.token)
        async with asyncio.timeout(20):
            while await events.next() != ("typing", {"on": False, "from": "bot"}):
                pass
        # The answer that was being made comes to nothing: staff have the conversation.
        brain.gate.set()
        assert await asking == []
    assert desk.rows("select count(*) from messages where sender = 'bot'") == [(1,)]


async def test_bot_failure_flips_ownership(
    desk: Running, person: Talk, staff: Staff, brain: BrainServer
) -> None:
    # chatwoot/chatwoot#12720
    brain.status = 500
    (reply,) = await person.say("how much is it")
    assert reply["kind"] == "safe"
    assert (await staff.owned(person.token)).owner == "bot"
    assert desk.rows("select * from transitions") == []
    brain.status = 200
    (reply,) = await person.say("how much is it")
    assert reply["kind"] == "answer"


async def test_status_change_event_missing_when_auto_assign_runs_in_the_same_step(
    desk: Running, person: Talk, staff: Staff, follower: Follower
) -> None:
    # chatwoot/chatwoot#9277
    conversation, at = staff.id_of(person.token), now()

    def both(c: Connection) -> None:
        ownership.ask(c, conversation, "asked for a person", at)
        ownership.assign(c, conversation, at, by=MARIA, agent=MARIA)

    await staff.do(both)
    await follower.follow()
    assert desk.rows("select event from transitions order by id") == [("asked",), ("claim",)]
    assert desk.rows("select count(*) from feed where kind = 'owner'") == [(2,)]
    assert lines(desk) == ["staff_joined"]


async def test_push_outside_a_reply(desk: Running, person: Talk, staff: Staff) -> None:
    # RasaHQ/rasa_core#1379, RasaHQ/rasa#5578: nobody has asked for anything when it comes.
    async with listening(desk, person.token) as events:
        await events.messages(1)
        await staff.say(person.token, "Hello, I am Maria.")
        joined, hello = await events.messages(2)
    assert joined["text"].startswith("Maria, staff, has joined.")
    assert (joined["from"], hello["from"], hello["name"]) == ("system", "staff", "Maria")
    assert hello["text"] == "Hello, I am Maria."
    assert joined["seq"] < hello["seq"]


async def test_cannot_delete_conversations_by_age(
    desk: Running, person: Talk, staff: Staff, moved: MovedTime
) -> None:
    # chatwoot/chatwoot#947, #5792, #5583, #12526, Rocket.Chat#35399: ownership goes with the rest.
    await staff.say(person.token)
    await staff.resolve(person.token)
    days = desk.parts.center.retention_days
    moved.pass_by((days + 1) * 24 * 60 * MINUTE)
    assert await desk.desk.upkeep.purge() == 1
    for table in ("conversations", "messages", "ownership", "transitions", "feed"):
        assert desk.rows(f"select count(*) from {table}") == [(0,)], table


async def test_no_way_out_of_the_queue(person: Talk, staff: Staff, brain: BrainServer) -> None:
    brain.signals = [{"name": "handoff"}]
    replies = await person.say("a person please")
    assert "handoff_cancel" in [b["id"] for b in replies[-1]["buttons"]]
    (reply,) = await person.press("handoff_cancel")
    assert "off the team's list" in reply["text"]
    assert (await staff.owned(person.token)).owner == "bot"


async def test_history_is_gone_after_the_handoff(desk: Running, person: Talk, staff: Staff) -> None:
    await person.say("how much is it")
    await staff.say(person.token)
    await staff.resolve(person.token)
    conversation = staff.id_of(person.token)
    logged = await staff.database.read(lambda c: log.messages_after(c, conversation, 0))
    shown = await desk.history(person.token)
    assert [item["seq"] for item in shown] == [message.seq for message in logged]
    assert {"visitor", "bot", "staff"} <= {item["from"] for item in shown}


async def test_risk_brings_resources_though_staff_own_it(
    desk: Running, person: Talk, staff: Staff
) -> None:
    await staff.say(person.token)
    (resources,) = await person.say(CRISIS)
    assert resources["kind"] == "crisis"
    assert desk.rows("select kind from alerts") == [("crisis",)]
    assert (await staff.owned(person.token)).owner == "human"
