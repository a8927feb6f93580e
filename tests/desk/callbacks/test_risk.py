"""Invariant 1 with the form half filled: resources in the same turn, whatever it waits for."""

from __future__ import annotations

import pytest

from tests.desk.brain_server import BrainServer
from tests.desk.callbacks.asking import WALK, Asker, asker, knows, texts
from tests.desk.conftest import CRISIS, Serve
from tests.desk.talk import buttons

STEPS = [question for question, _ in WALK]
SOFT = "i feel so hopeless lately"


def shows_resources(replies: list[dict[str, object]]) -> bool:
    return any(each["kind"] == "crisis" and "988" in str(each["text"]) for each in replies)


@pytest.mark.parametrize("step", [*STEPS, None])
async def test_invariant_1_with_the_form_half_filled(asks: Asker, step: str | None) -> None:
    asked = await asks.walk(step)
    question = asked[-1]["text"]
    said = await asks.say(CRISIS)
    assert said[0]["kind"] == "crisis"
    assert shows_resources(said)
    assert question not in texts(said)
    # Offered once, by a button, and not asked.
    assert buttons(said[-1]) == ["callback_go_on", "callback_cancel"]
    assert "can wait" not in texts(await asks.say("okay"))
    assert question in texts(await asks.press("callback_go_on"))
    assert len(asks.desk.rows("select 1 from alerts where kind = 'crisis'")) == 1


async def test_it_is_offered_once_however_often_a_risk_is_said(asks: Asker) -> None:
    await asks.walk("good time")
    assert "can wait" in texts(await asks.say(CRISIS))
    said = await asks.say(CRISIS)
    assert shows_resources(said)
    assert "can wait" not in texts(said)


@pytest.mark.parametrize("step", ["What name", "Which phone number", "good time"])
async def test_invariant_1_with_the_form_half_filled_and_the_brain_down(
    asks: Asker, brain: BrainServer, step: str
) -> None:
    await asks.walk(step)
    await brain.stop()
    assert shows_resources(await asks.say(CRISIS))


@pytest.mark.parametrize("step", ["What name", "good time"])
async def test_invariant_1_with_the_form_half_filled_and_the_log_out_of_order(
    asks: Asker, step: str
) -> None:
    await asks.walk(step)
    asks.desk.write("drop table messages")
    said = await asks.say(CRISIS)
    assert shows_resources(said)


@pytest.mark.parametrize("step", ["What name", "good time"])
async def test_invariant_1_with_the_form_half_filled_after_a_restart(
    serve: Serve, brain: BrainServer, step: str
) -> None:
    knows(brain, "out_of_scope")
    asks = await asker(await serve({"demo": True}, whole=True))
    await asks.walk(step)
    asks.desk = await serve({"demo": True}, whole=True)
    assert shows_resources(await asks.say(CRISIS))
    assert step in texts(await asks.press("callback_go_on"))


@pytest.mark.parametrize("owner", ["human", "queue"])
async def test_invariant_1_with_the_form_half_filled_whoever_owns_it(
    asks: Asker, owner: str
) -> None:
    await asks.walk("What name")
    asks.desk.write(f"update ownership set owner = '{owner}'")
    assert shows_resources(await asks.say(CRISIS))


async def test_while_staff_own_it_the_form_adds_nothing_to_resources(asks: Asker) -> None:
    await asks.walk("What name")
    asks.desk.write("update ownership set owner = 'human', agent = 'ann'")
    await asks.press("cost")
    assert "can wait" not in texts(await asks.say(CRISIS))


@pytest.mark.parametrize("step", ["What name", "Which phone number"])
async def test_words_of_risk_where_a_name_is_waited_for_stay_in_the_log(
    asks: Asker, brain: BrainServer, step: str
) -> None:
    await asks.walk(step)
    await asks.say(CRISIS)
    # Staff must be able to read them; the brain, which could learn a name, is not asked.
    assert CRISIS in asks.logged()
    assert brain.calls == []


async def test_a_number_among_words_of_risk_reaches_nobody(asks: Asker, brain: BrainServer) -> None:
    await asks.walk("Which phone number")
    said = await asks.say(f"818-555-0177 and {CRISIS}")
    assert shows_resources(said)
    assert "0177" not in asks.logged()
    assert "0177" not in str(brain.calls)
    assert "Which phone number" in texts(await asks.press("callback_go_on"))


@pytest.mark.parametrize("step", ["call about", "leave a voicemail"])
async def test_a_gentle_sign_gets_its_line_and_no_question(asks: Asker, step: str) -> None:
    asked = await asks.walk(step)
    said = await asks.say(SOFT)
    assert "988" in texts(said)
    assert asked[-1]["text"] not in texts(said)
    assert asked[-1]["text"] in texts(await asks.press("callback_go_on"))


async def test_what_follows_a_crisis_is_no_answer_to_the_form(asks: Asker) -> None:
    await asks.walk("leave a voicemail")
    await asks.say(CRISIS)
    said = await asks.say("no")
    assert "say the center's name" not in texts(said)
    assert "leave a voicemail" in texts(await asks.press("callback_go_on"))


async def test_a_crisis_ends_nothing_and_a_cancelled_form_stays_cancelled(asks: Asker) -> None:
    await asks.walk("good time")
    await asks.say(CRISIS)
    assert "dropped" in texts(await asks.press("callback_cancel"))
    said = await asks.say(CRISIS)
    assert shows_resources(said)
    assert "callback_go_on" not in buttons(said[-1])


async def test_the_form_is_offered_in_the_language_of_the_resources(asks: Asker) -> None:
    await asks.walk("good time")
    said = await asks.say("quiero morir, ya no quiero vivir")
    assert said[0]["lang"] == "es"
    assert said[-1]["lang"] == "es"
    assert "puede esperar" in said[-1]["text"]


async def test_a_screen_that_fails_does_not_stop_the_form(serve: Serve, brain: BrainServer) -> None:
    class Broken:
        def screen(self, text: str) -> None:
            raise RuntimeError

        by_rules = screen

    knows(brain, "out_of_scope")
    asks = await asker(await serve({"demo": True}, screen=Broken()))
    await asks.walk("What name")
    said = await asks.say("Marguerite")
    assert "988" in said[0]["text"]
    assert "Which phone number" in said[-1]["text"]
