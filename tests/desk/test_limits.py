"""Many messages at once: others are answered, and a message of risk among them gets resources."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from desk.conversations import Conversations, Live
from desk.limits import Held, network
from desk.one_turn import AT_ONCE
from desk.screening import Screener
from desk.settings import Rate, Settings
from store.log import MANY_CHARACTERS
from store.records import Message
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve
from tests.desk.raw import PATIENCE, asked, get, post
from tests.desk.talk import RISK


def kinds(body: dict[str, Any]) -> list[str]:
    return [each["kind"] for each in body["replies"]]


async def until(holds: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


async def crowd(desk: Running, count: int) -> list[asyncio.Task[tuple[int, dict[str, Any]]]]:
    """Let so many people write, and wait until all are in the queue or at the brain."""
    tokens = [(await desk.start())[0] for _ in range(count)]
    queue = desk.desk.turns.queues.brain
    before = queue.waiting
    sent = [asyncio.create_task(desk.send(token)) for token in tokens]
    await until(lambda: queue.waiting >= before + count - (0 if before else AT_ONCE))
    return sent


@pytest.fixture
async def narrow(serve: Serve, brain: BrainServer) -> AsyncIterator[Running]:
    """A desk whose brain hangs, and where three messages may wait for it."""
    brain.gate.clear()
    yield await serve({"waiting": 3, "brain_limit": 120.0})
    # A test that failed has left messages waiting, for which the desk's end would wait.
    brain.gate.set()


async def test_the_brain_is_asked_of_a_few_at_a_time(narrow: Running, brain: BrainServer) -> None:
    sent = await crowd(narrow, AT_ONCE + 3)
    assert len(brain.turns) == AT_ONCE
    brain.gate.set()
    assert [kinds(body) for _, body in await asyncio.gather(*sent)] == [["answer"]] * len(sent)


async def test_when_too_many_wait_that_is_said_and_nothing_is_kept(
    narrow: Running, brain: BrainServer
) -> None:
    sent = await crowd(narrow, AT_ONCE + 3)
    token, _ = await narrow.start()
    status, body = await narrow.send(token)
    assert status == 503
    assert body["error"]["code"] == "crowded"
    assert "Many people are writing" in body["error"]["message"]
    assert "988" in body["error"]["message"]
    assert [each["from"] for each in await narrow.history(token)] == ["bot"]
    brain.gate.set()
    await asyncio.gather(*sent)
    assert (await narrow.send(token))[0] == 200


async def test_who_waits_too_long_is_told_that_many_write(serve: Serve, brain: BrainServer) -> None:
    desk = await serve({"brain_limit": 0.2})
    queue = desk.desk.turns.queues.brain
    async with AsyncExitStack() as places:
        for number in range(AT_ONCE):
            await places.enter_async_context(queue.place("others", str(number)))
        token, _ = await desk.start()
        status, body = await desk.send(token)
    assert status == 200
    assert kinds(body) == ["safe"]
    assert "Many people are writing" in body["replies"][0]["text"]
    assert "988" in body["replies"][0]["text"]
    assert brain.turns == []


async def test_a_risk_waits_for_nobody_though_the_queue_is_full(
    narrow: Running, brain: BrainServer
) -> None:
    sent = await crowd(narrow, AT_ONCE + 3)
    token, _ = await narrow.start()
    status, body = await narrow.send(token, CRISIS)
    assert status == 200
    assert kinds(body)[0] == "crisis"
    assert narrow.desk.turns.queues.brain.waiting == 3
    brain.gate.set()
    await asyncio.gather(*sent)


async def test_a_risk_takes_ones_own_earlier_message_out_of_the_queue(
    narrow: Running, brain: BrainServer
) -> None:
    sent = await crowd(narrow, AT_ONCE + 1)
    token, _ = await narrow.start()
    first = asyncio.create_task(narrow.send(token))
    await until(lambda: narrow.desk.turns.queues.brain.waiting == 2)
    risk = asyncio.create_task(narrow.send(token, CRISIS))
    await until(lambda: narrow.desk.turns.queues.brain.waiting == 1)
    await until(lambda: len(brain.turns) > AT_ONCE)
    assert not any(each.done() for each in sent)
    brain.gate.set()
    assert kinds((await risk)[1])[0] == "crisis"
    assert kinds((await first)[1]) == ["answer"]
    await asyncio.gather(*sent)


@pytest.mark.parametrize("name", ["brain", "vectors"])
async def test_all_that_one_wrote_before_a_risk_waits_no_longer(serve: Serve, name: str) -> None:
    desk = await serve({"brain_limit": 120.0})
    turns = desk.desk.turns
    queue = getattr(turns.queues, name)
    async with AsyncExitStack() as places:
        for number in range(AT_ONCE if name == "brain" else 1):
            await places.enter_async_context(queue.place("others", str(number)))
        token, _ = await desk.start()
        live = turns.conversations.get(desk.desk.reception.conversation(token))
        assert live is not None
        earlier = [asyncio.create_task(desk.send(token))]
        await until(lambda: queue.waiting == 1)
        earlier.append(asyncio.create_task(desk.send(token)))
        await until(lambda: len(live.running) == 2)
        risk = asyncio.create_task(desk.send(token, CRISIS))
        await until(lambda: desk.rows("select 1 from alerts where kind = 'crisis'"))
        assert [kinds(body) for _, body in await asyncio.gather(*earlier)] == [["answer"]] * 2
    assert kinds((await risk)[1])[0] == "crisis"
    assert live.pressing == 0


async def test_a_brain_that_hangs_at_earlier_messages_does_not_hold_up_an_alert(
    narrow: Running, brain: BrainServer
) -> None:
    sent = await crowd(narrow, AT_ONCE + 1)
    token, _ = await narrow.start()
    sent += [asyncio.create_task(narrow.send(token)) for _ in range(2)]
    await until(lambda: narrow.desk.turns.queues.brain.waiting == 2)
    risk = asyncio.create_task(narrow.send(token, CRISIS))
    await until(lambda: narrow.rows("select 1 from alerts where kind = 'crisis'"))
    brain.gate.set()
    assert kinds((await risk)[1])[0] == "crisis"
    await asyncio.gather(*sent)


async def test_a_risk_whose_turn_never_came_presses_no_longer(serve: Serve) -> None:
    desk = await serve()
    token, _ = await desk.start()
    live = desk.desk.turns.conversations.get(desk.desk.reception.conversation(token))
    assert live is not None
    async with live.turn:
        sent = asyncio.create_task(desk.send(token, CRISIS))
        await until(lambda: live.pressing == 1)
        (waits,) = live.running.values()
        waits.cancel()
        await until(lambda: live.pressing == 0)
    await asyncio.gather(sent, return_exceptions=True)


@pytest.mark.parametrize("owner", ["human", "queue"])
async def test_whoever_staff_look_after_is_taken_though_the_queue_is_full(
    narrow: Running, brain: BrainServer, owner: str
) -> None:
    token, _ = await narrow.start()
    live = narrow.desk.turns.conversations.get(narrow.desk.reception.conversation(token))
    assert live is not None
    live.owner = owner  # type: ignore[assignment]
    sent = await crowd(narrow, AT_ONCE + 3)
    status, _ = await narrow.send(token, "are you still there")
    assert status == 200
    assert "are you still there" in [each["text"] for each in await narrow.history(token)]
    brain.gate.set()
    await asyncio.gather(*sent)


async def test_what_was_answered_is_answered_again_though_the_queue_is_full(
    narrow: Running, brain: BrainServer
) -> None:
    token, _ = await narrow.start()
    brain.gate.set()
    first = await narrow.send(token, id="once-and-again")
    brain.gate.clear()
    sent = await crowd(narrow, AT_ONCE + 3)
    assert await narrow.send(token, id="once-and-again") == first
    brain.gate.set()
    await asyncio.gather(*sent)


async def test_far_beyond_the_limits_nobody_looks_and_resources_are_shown(serve: Serve) -> None:
    desk = await serve({"rate_address": Rate(6, 0.0001)})
    token, _ = await desk.start()
    bodies = [await desk.send(token, "i have had enough of all of it") for _ in range(12)]
    assert [status for status, _ in bodies] == [200] * 6 + [429] * 6
    assert "crisis" not in bodies[6][1]
    for _, body in bodies[7:]:
        assert body["crisis"]["kind"] == "crisis"
    assert desk.rows("select count(*) from alerts where kind = 'crisis'") == [(0,)]


async def test_in_a_flood_of_refusals_the_rules_still_tell_staff(serve: Serve) -> None:
    desk = await serve({"rate_address": Rate(6, 0.0001), "rate_conversation": Rate(1, 0.0001)})
    token, _ = await desk.start()
    for _ in range(9):
        await desk.send(token, "how much is it")
    status, body = await desk.send(token, CRISIS)
    assert status == 200
    assert kinds(body)[0] == "crisis"
    status, body = await desk.send(token, CRISIS)
    assert status == 429
    assert body["crisis"]["kind"] == "crisis"
    # The one that was taken, and the one that was turned away.
    assert desk.rows("select count(*) from alerts where kind = 'crisis'") == [(2,)]


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [(RISK, "no", "answer:not_safe"), ("i want", "to die", "joined:")],
)
async def test_what_only_the_course_tells_reaches_staff_though_nobody_looked(
    serve: Serve, first: str, second: str, rule: str
) -> None:
    desk = await serve({"rate_address": Rate(6, 0.0001), "rate_conversation": Rate(1, 0.0001)})
    # Without a token: uses up what is looked at of refused messages.
    await desk.send(None, "how much is it")
    token, _ = await desk.start()
    await desk.send(token, first)
    status, body = await desk.send(token, second)
    assert status == 200
    assert kinds(body)[0] == "crisis"
    *_, latest = desk.rows("select rule from alerts where kind = 'crisis' order by seq")
    assert latest.rule.startswith(rule)


@pytest.mark.parametrize("body", ["i want to kill myself tonight", '{"text": "kill myself"}', "{"])
async def test_bodies_that_are_no_message_are_looked_at_however_many_come(
    serve: Serve, body: str
) -> None:
    desk = await serve({"rate_address": Rate(6, 0.0001)})
    answers = [await asked(desk.url, post("/api/v1/messages", body)) for _ in range(4)]
    assert [answer.status for answer in answers] == [400] * 4
    # The first is screened; from the second on nobody looked, or the rules alone.
    assert ["crisis" in answer.json for answer in answers] == [body != "{", True, True, True]


async def test_one_address_cannot_begin_conversations_without_end(serve: Serve) -> None:
    desk = await serve({"rate_address": Rate(6, 0.0001)})
    answers = [await asked(desk.url, post("/api/v1/conversations", "{}")) for _ in range(5)]
    assert [answer.status for answer in answers] == [201, 201, 201, 429, 429]
    assert "988" in answers[-1].json["error"]["message"]
    assert answers[-1].headers["retry-after"]


async def test_one_address_cannot_ask_without_end_but_messages_pass(serve: Serve) -> None:
    desk = await serve({"rate_address": Rate(2, 0.0001)})
    statuses = [(await asked(desk.url, get("/chat"))).status for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    preflight = get("/api/v1/messages").replace("GET", "OPTIONS", 1)
    assert (await asked(desk.url, preflight)).status == 204
    body = json.dumps({"id": uuid.uuid4().hex, "text": CRISIS})
    for path in ("/api/v1/messages", "/api/v1/messages/"):
        answer = await asked(desk.url, post(path, body))
        assert answer.status == 401
        assert answer.json["crisis"]["kind"] == "crisis"


async def test_streams_of_one_address_are_counted_and_forgotten(serve: Serve) -> None:
    desk = await serve({"connections_address": 4, "proxies": 1})
    headers = {"X-Forwarded-For": "203.0.113.9"}
    tokens = [(await desk.start())[0] for _ in range(5)]
    streams = []
    for token in tokens[:4]:
        bearer = {"Authorization": f"Bearer {token}", **headers}
        streams.append(await desk.http.get(f"{desk.url}/api/v1/events", headers=bearer))
    bearer = {"Authorization": f"Bearer {tokens[4]}"}
    url = f"{desk.url}/api/v1/events"
    async with desk.http.get(url, headers={**bearer, **headers}) as refused:
        assert refused.status == 429
    async with desk.http.get(url, headers={**bearer, "X-Forwarded-For": "203.0.113.8"}) as other:
        assert other.status == 200
    for stream in streams:
        stream.close()
    await until(lambda: desk.desk.reception.streams.count == 0)


def test_what_is_held_is_counted_by_key_and_in_all() -> None:
    held = Held(3, 2)
    with held.one("a") as first, held.one("a") as second, held.one("a") as third:
        assert (first, second, third) == (True, True, False)
        with held.one("b") as fourth, held.one("c") as fifth:
            assert (fourth, fifth) == (True, False)
    assert held.count == 0


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 1.2.3.4", "unknown"),
        ("_hidden", "unknown"),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert network(address) == counted


def _message(seq: int, text: str) -> Message:
    return Message(seq=seq, sender="visitor", kind="text", text=text, at=seq)


def test_a_conversation_of_long_messages_takes_little_memory() -> None:
    live = Live("a", "web")
    for seq in range(1, 60):
        live.pass_on(_message(seq, "x" * 100_000))
    assert sum(len(each.text) for each in live.recent) <= 400_000
    assert live.recent[-1].seq == 59


async def test_of_conversations_nobody_is_in_the_longest_unused_are_forgotten_first() -> None:
    conversations = Conversations()
    for number in range(10):
        live = conversations.add(Live(str(number), "web"))
        live.pass_on(_message(1, "x" * 50_000))
    conversations.get("0")
    assert await conversations.trim(200_000) == 7
    assert conversations.ids() == ["8", "9", "0"]
    assert await conversations.trim(200_000) == 0


async def test_a_history_of_very_long_messages_comes_in_parts(desk: Running) -> None:
    token, _ = await desk.start()
    for _ in range(12):
        assert (await desk.send(token, "how much is it " * 6_600))[0] == 200
    conversation = desk.desk.reception.conversation(token)
    logged = await desk.desk.turns.keeper.after(conversation, 0)
    assert sum(len(each.text) for each in logged) < MANY_CHARACTERS + 100_000
    rest = await desk.desk.turns.keeper.after(conversation, logged[-1].seq)
    assert rest


class Slow:
    """A screen that notes the order in which it is asked."""

    def __init__(self) -> None:
        self.order: list[str] = []

    def screen(self, text: str) -> None:
        self.order.append(text)

    def by_rules(self, text: str) -> None:
        return None


@pytest.mark.parametrize("length", [10, 1_000])
async def test_a_flood_of_messages_is_screened_in_turns_with_others(length: int) -> None:
    screen = Slow()
    screener = Screener(screen)
    flood = [asyncio.create_task(screener.screen("f" * length, "flood")) for _ in range(30)]
    await asyncio.sleep(0)
    one = asyncio.create_task(screener.screen("o" * length, "other"))
    await asyncio.gather(*flood, one)
    assert "o" * length in screen.order[:4]
    screener.close()


def test_the_settings_of_limits_follow_that_of_an_address() -> None:
    made = Settings(rate_address=Rate(120, 4))
    assert made.rate_begun == Rate(60, 1)
    assert made.rate_requests == Rate(600, 40)
    assert Settings(rate_address=Rate(0, 0)).rate_begun == Rate(0, 0)
