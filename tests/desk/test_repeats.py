from __future__ import annotations

import asyncio
import uuid

from desk.inbound import Inbound
from store import log
from store.records import Entry, Message
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve


async def test_a_repeated_id_is_answered_once(desk: Running, brain: BrainServer) -> None:
    token, _ = await desk.start()
    first = await desk.send(token, id="the-same-id")
    again = await desk.send(token, "other words", id="the-same-id")
    assert again == first
    assert len(brain.turns) == 1


async def test_repeats_at_the_same_time_are_answered_once(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    brain.gate.clear()
    sending = [asyncio.create_task(desk.send(token, CRISIS, id="the-same-id")) for _ in range(5)]
    while not brain.calls:
        await asyncio.sleep(0)
    brain.gate.set()
    answers = await asyncio.gather(*sending)
    assert all(answer == answers[0] for answer in answers)
    assert len(brain.turns) == 1
    assert desk.rows("select count(*) from messages where kind = 'crisis'") == [(1,)]


async def test_a_repeat_after_a_restart_is_answered_from_the_log(
    serve: Serve, brain: BrainServer
) -> None:
    first = await serve()
    token, _ = await first.start()
    answer = await first.send(token, CRISIS, id="the-same-id")
    second = await serve()
    assert await second.send(token, CRISIS, id="the-same-id") == answer
    assert len(brain.turns) == 1


async def test_the_same_id_in_two_conversations_is_two_messages(
    desk: Running, brain: BrainServer
) -> None:
    for _ in range(2):
        token, _ = await desk.start()
        await desk.send(token, id="the-same-id")
    assert len(brain.turns) == 2


async def test_a_turn_that_a_crash_cut_short_is_taken_when_it_is_sent_again(
    desk: Running, brain: BrainServer
) -> None:
    message = Message(5, "visitor", "text", "how much is it", 5, client_id="cut-short")
    entry = Entry("conversation", "web", 5, (message,))
    await desk.desk.database.write(lambda c: log.take(c, entry))
    outcome = await desk.desk.turns.handle("conversation", Inbound("cut-short", text="how much"))
    assert outcome.message == message
    assert [reply.reply_to for reply in outcome.replies if reply.answer_id == "cost"] == [5]
    assert desk.rows("select seq, outcome from readings") == [(5, "brain")]
    assert len(brain.turns) == 1


async def test_a_client_that_hangs_up_does_not_end_the_turn(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    brain.gate.clear()
    sending = asyncio.create_task(desk.send(token, id="hung-up-on"))
    while not brain.calls:
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    brain.gate.set()
    status, body = await desk.send(token, id="hung-up-on")
    assert status == 200
    assert body["replies"][0]["kind"] == "answer"
    assert len(brain.turns) == 1


async def test_messages_of_one_conversation_are_taken_in_turn(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    brain.gate.clear()
    sending = [asyncio.create_task(desk.send(token, f"question {n}")) for n in range(3)]
    while not brain.calls:
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    assert len(brain.calls) == 1
    brain.gate.set()
    await asyncio.gather(*sending)
    assert len(brain.calls) == 3


async def test_too_many_that_wait_are_turned_away_with_resources(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    brain.gate.clear()
    waiting = [asyncio.create_task(desk.send(token, f"question {n}")) for n in range(8)]
    while len(desk.desk.conversations.running()) < 8:
        await asyncio.sleep(0)
    status, body = await desk.send(token, CRISIS, id=str(uuid.uuid4()))
    assert status == 429
    assert body["crisis"]["kind"] == "crisis"
    brain.gate.set()
    await asyncio.gather(*waiting)
