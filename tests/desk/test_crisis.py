from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import text

from answers.catalogue import Answer, Catalogue, load_catalogue
from desk.lines import Lines
from desk.one_turn import AT_ONCE
from desk.settings import Rate
from safety.risk import Risk
from tests.desk.brain_server import BrainServer, reading, reply
from tests.desk.conftest import CRISIS, Running, Serve

SOFT = "i feel so overwhelmed and hopeless lately"
SPANISH_CRISIS = "quiero matarme, no puedo mas con mi vida"


class Fixed:
    """A screen that finds what it is told to."""

    def __init__(self, risk: Risk | None) -> None:
        self.risk = risk

    def screen(self, text: str) -> Risk | None:
        return self.risk


class Broken:
    def screen(self, text: str) -> Risk | None:
        raise RuntimeError(text)


def kinds(body: dict[str, Any]) -> list[str]:
    return [each["kind"] for each in body["replies"]]


@pytest.mark.parametrize(
    ("tier", "owner", "alerts"),
    [("T0", "queue", 1), ("T1", "queue", 1), ("T2", "bot", 1), ("T3", "bot", 0)],
)
async def test_what_each_tier_does(serve: Serve, tier: str, owner: str, alerts: int) -> None:
    category = "SOFT" if tier == "T3" else "S2"
    desk = await serve(screen=Fixed(Risk(category, tier, "a.rule")))
    token, _ = await desk.start()
    _, body = await desk.send(token)
    assert kinds(body) == ["answer" if tier == "T3" else "crisis", "answer"]
    assert desk.rows("select owner from ownership") == [(owner,)]
    assert desk.rows("select count(*) from alerts") == [(alerts,)]
    assert desk.rows("select risk_category, risk_tier, risk_rule from readings") == [
        (category, tier, "a.rule")
    ]


async def test_alerts_hold_no_words(desk: Running) -> None:
    token, _ = await desk.start()
    await desk.send(token, CRISIS)
    assert CRISIS not in str(desk.rows("select * from alerts"))


async def test_resources_come_first_and_the_question_is_answered(desk: Running) -> None:
    token, _ = await desk.start()
    _, body = await desk.send(token, f"{CRISIS}, do you take aetna")
    assert kinds(body) == ["crisis", "answer"]
    assert body["replies"][1]["text"] == "It depends."


@pytest.mark.parametrize("intent", ["safety_crisis", "out_of_scope", "greet"])
async def test_nothing_useless_stands_beside_resources(
    desk: Running, brain: BrainServer, intent: str
) -> None:
    brain.reading = reading(intent)
    token, _ = await desk.start()
    _, body = await desk.send(token, CRISIS)
    assert kinds(body) == ["crisis"]


async def test_the_brains_own_resources_are_not_shown_again(
    desk: Running, brain: BrainServer
) -> None:
    crisis_id = next(name for name in load_catalogue().answers if name.startswith("crisis"))
    brain.replies = [reply(crisis_id, "Call 988."), reply()]
    token, _ = await desk.start()
    _, body = await desk.send(token, CRISIS)
    assert kinds(body) == ["crisis", "answer"]


async def test_a_risk_that_only_the_brain_sees(serve: Serve, brain: BrainServer) -> None:
    crisis_id = next(name for name in load_catalogue().answers if name.startswith("crisis"))
    brain.replies = [reply(crisis_id, "Call 988.")]
    desk = await serve(screen=Fixed(None))
    token, _ = await desk.start()
    _, body = await desk.send(token)
    assert kinds(body) == ["crisis"]
    assert desk.rows("select tier, rule from alerts") == [("T2", "brain:safety_crisis")]


async def test_the_second_time_other_words_are_used(desk: Running, brain: BrainServer) -> None:
    brain.reading = reading("safety_crisis")
    token, _ = await desk.start()
    said = [(await desk.send(token, CRISIS))[1]["replies"][0]["text"] for _ in range(2)]
    assert said[0] != said[1]
    assert all("988" in text for text in said)


async def test_repetition_is_remembered_over_a_restart(serve: Serve) -> None:
    first = await serve()
    token, _ = await first.start()
    said = (await first.send(token, CRISIS))[1]["replies"][0]["text"]
    second = await serve()
    assert (await second.send(token, CRISIS))[1]["replies"][0]["text"] != said


async def test_a_gentle_line_alarms_nobody(desk: Running) -> None:
    token, _ = await desk.start()
    _, body = await desk.send(token, SOFT)
    assert kinds(body)[0] == "answer"
    assert "988" in body["replies"][0]["text"]
    assert desk.rows("select * from alerts") == []


async def test_a_gentle_line_stands_with_the_safe_reply(desk: Running, brain: BrainServer) -> None:
    brain.status = 500
    token, _ = await desk.start()
    _, body = await desk.send(token, SOFT)
    assert kinds(body) == ["answer", "safe"]


async def test_spanish_risk_is_answered_in_spanish(desk: Running, brain: BrainServer) -> None:
    token, _ = await desk.start()
    _, body = await desk.send(token, SPANISH_CRISIS)
    assert kinds(body) == ["crisis"]
    assert body["replies"][0]["lang"] == "es"
    assert "988" in body["replies"][0]["text"]
    assert brain.turns == []


async def test_a_missing_text_costs_nobody_the_resources(serve: Serve) -> None:
    parts = await serve(screen=Fixed(Risk("S2", "T2", "a.rule")))
    known = dict(parts.parts.lines.catalogue.answers)
    lines = Lines(replace_answers(without_crisis(known)), parts.parts.center)
    desk = await serve(screen=Fixed(Risk("S2", "T2", "a.rule")), lines=lines)
    token, _ = await desk.start()
    _, body = await desk.send(token)
    assert kinds(body) == ["crisis", "answer"]
    assert "988" in body["replies"][0]["text"]


def without_crisis(answers: dict[str, Answer]) -> dict[str, Answer]:
    return {name: answer for name, answer in answers.items() if not name.startswith("crisis")}


def replace_answers(answers: dict[str, Answer]) -> Catalogue:
    whole = load_catalogue()
    return Catalogue(answers, whole.titles, whole.sources)


async def test_a_screen_that_breaks_counts_as_a_risk(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk = await serve(screen=Broken())
    token, _ = await desk.start()
    _, body = await desk.send(token, "how much is it zanzibar")
    assert kinds(body) == ["crisis", "answer"]
    assert "988" in body["replies"][0]["text"]
    assert desk.rows("select kind from alerts") == [("unscreened",)]
    assert "zanzibar" not in caplog.text


@pytest.mark.parametrize(
    "change",
    [{"rate_address": Rate(1, 0.001)}, {"rate_conversation": Rate(1, 0.001)}],
)
async def test_over_the_limit_a_risk_is_still_answered(
    serve: Serve, change: dict[str, Any]
) -> None:
    desk = await serve(change)
    token, _ = await desk.start()
    assert (await desk.send(token))[0] == 200
    status, body = await desk.send(token)
    assert status == 429
    assert "988" in body["error"]["message"]
    assert "crisis" not in body
    status, body = await desk.send(token, CRISIS)
    assert status == 200
    assert kinds(body)[0] == "crisis"


async def test_far_over_the_limit_resources_still_come(serve: Serve) -> None:
    desk = await serve({"rate_conversation": Rate(1, 0.001)})
    token, _ = await desk.start()
    bodies = [await desk.send(token, CRISIS) for _ in range(4)]
    assert [status for status, _ in bodies][-1] == 429
    for _, body in bodies:
        shown = body.get("crisis") or body["replies"][0]
        assert shown["kind"] == "crisis"


async def test_resources_are_not_behind_other_peoples_messages(
    desk: Running, brain: BrainServer
) -> None:
    brain.gate.clear()
    tokens = [(await desk.start())[0] for _ in range(20)]
    crowd = [asyncio.create_task(desk.send(token)) for token in tokens]
    while desk.desk.turns.queues.brain.waiting < 20 - AT_ONCE:
        await asyncio.sleep(0.001)
    token, _ = await desk.start()
    async with asyncio.timeout(3):
        _, body = await desk.send(token, CRISIS)
    assert kinds(body) == ["crisis"]
    brain.gate.set()
    await asyncio.gather(*crowd)


async def test_a_conversation_that_staff_own_gets_resources_only(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    await desk.send(token)
    await give_to_staff(desk)
    _, body = await desk.send(token, CRISIS)
    assert kinds(body) == ["crisis"]
    _, body = await desk.send(token, "hello?")
    assert body["replies"] == []
    assert [name for name, _ in brain.calls] == ["turn", "read", "read"]
    assert desk.rows("select outcome, intent from readings order by seq")[1:] == [
        ("read", "cost"),
        ("read", "cost"),
    ]
    assert desk.rows("select owner from ownership") == [("human",)]


async def give_to_staff(desk: Running) -> None:
    change = text("update ownership set owner = 'human', agent = 'a', reason = 'claimed'")
    await desk.desk.database.write(lambda c: c.execute(change) and None)


async def test_staff_hear_of_a_risk_in_a_message_that_was_turned_away(serve: Serve) -> None:
    desk = await serve({"rate_conversation": Rate(1, 0.001)})
    token, _ = await desk.start()
    assert (await desk.send(token))[0] == 200
    too_long = f"{'word ' * 20_001}{CRISIS}"
    status, body = await desk.send(token, too_long)
    assert (status, body["crisis"]["kind"]) == (413, "crisis")
    (alert,) = desk.rows("select kind, tier from alerts")
    assert alert[0] == "crisis"
    assert desk.rows("select owner from ownership") == [("queue",)]
    assert "kill" not in str(desk.rows("select text from messages where sender = 'visitor'"))
    # Not one alert for each try.
    await desk.send(token, too_long)
    assert desk.rows("select count(*) from alerts") == [(1,)]


async def test_the_person_hears_that_staff_know_only_once_they_do(desk: Running) -> None:
    token, _ = await desk.start()
    await desk.send(token, CRISIS)
    _, body = await desk.send(token, "how much is it")
    assert "knows about this chat" not in str(body["replies"])
    desk.write("update alerts set acknowledged_at = 1, acknowledged_by = 'Ann'")
    _, body = await desk.send(token, "do you take aetna")
    assert "knows about this chat" in body["replies"][-1]["text"]
    assert body["replies"][-1]["kind"] == "notice"
    _, body = await desk.send(token, "how long is it")
    assert "knows about this chat" not in str(body["replies"])
