"""Who is told what a person has given: the staff's list alone."""

from __future__ import annotations

import logging

import pytest

from store import callbacks
from tests.desk.brain_server import BrainServer
from tests.desk.callbacks.asking import NAME, PHONE, WALK, Asker, texts
from tests.desk.conftest import Running

OURS = ("desk", "store", "safety")
"""Whose loggers."""
SECRETS = ("Marguerite", "Beatrix", "5550177", "555-0177", "555 0177")


async def test_name_and_number_never_reach_the_brain(asks: Asker, brain: BrainServer) -> None:
    await asks.walk()
    await asks.press("callback_agree")
    assert not any(secret in str(brain.calls) for secret in SECRETS)
    assert brain.calls == []


async def test_no_answer_is_read_with_a_later_question(asks: Asker, brain: BrainServer) -> None:
    await asks.walk("leave a voicemail")
    await asks.say("and how much is it?")
    assert len(brain.turns) == 1
    assert "begin" not in str(brain.turns)
    assert [each["text"] for each in brain.turns[0]["clauses"]] == []


async def test_a_number_that_comes_with_the_wish_reaches_nobody(
    asks: Asker, brain: BrainServer
) -> None:
    assert "are you 18" in texts(await asks.say(f"call me at {PHONE} please"))
    assert brain.calls == []
    assert "0177" not in asks.logged()


@pytest.mark.parametrize("step", ["call about", "leave a voicemail", "safe to call", "are you 18"])
async def test_a_number_at_another_question_reaches_nobody(
    asks: Asker, brain: BrainServer, step: str
) -> None:
    await asks.walk(step)
    await asks.say("213-555-0199")
    assert brain.calls == []
    assert "0199" not in asks.logged()


async def test_the_transcript_holds_neither_name_nor_number(asks: Asker) -> None:
    await asks.walk()
    await asks.press("callback_agree")
    logged = asks.logged()
    assert not any(secret in logged for secret in SECRETS)
    assert "[name]" in logged
    assert "[phone]" in logged
    assert "[others]" in logged


async def test_failed_answers_are_hidden_too(asks: Asker) -> None:
    await asks.walk("What name")
    await asks.say("marguerite@example.org")
    await asks.say(NAME)
    await asks.say("213 555 017")
    assert "marguerite@" not in asks.logged()
    assert "017" not in asks.logged()


async def test_nothing_typed_is_said_back(asks: Asker) -> None:
    asked = await asks.begin()
    said = texts(asked)
    for _, answer in WALK:
        asked = await asks.give(answer)
        said += texts(asked)
    said += texts(await asks.press("callback_agree"))
    assert "ends in 77" in said
    typed = [answer for _, answer in WALK if not answer.startswith("callback")]
    assert not any(each in said for each in [*typed, *SECRETS])


async def test_a_page_that_is_opened_again_shows_no_identifier(asks: Asker) -> None:
    await asks.walk()
    shown = str(await asks.desk.history(asks.token))
    assert not any(secret in shown for secret in ("Marguerite", "Beatrix"))
    assert f"'{PHONE}'" not in shown


async def test_alert_and_feed_hold_no_words(asks: Asker) -> None:
    await asks.walk()
    await asks.press("callback_agree")
    for table in ("alerts", "notices", "feed", "readings"):
        rows = str(asks.desk.rows(f"select * from {table}"))
        assert not any(secret in rows for secret in SECRETS)


async def test_no_line_of_the_process_log_holds_words(
    asks: Asker, brain: BrainServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    brain.status = 500
    await asks.say(f"It is {NAME}, will you call {PHONE}?")
    brain.status = 200
    await asks.walk()
    await asks.press("callback_agree")
    ours = [each for each in caplog.records if each.name.partition(".")[0] in OURS]
    assert ours, "Nothing was logged, though the brain failed."
    assert not any(secret in each.getMessage() for secret in SECRETS for each in ours)


async def _kept(asks: Asker) -> str:
    ((conversation, stored),) = asks.desk.rows("select conversation_id, state from callback_forms")
    assert "Marguerite" not in stored, "it lies open in the file"
    return str(await asks.desk.desk.database.read(lambda c: callbacks.form_of(c, conversation)))


async def test_what_was_given_is_gone_when_it_is_over(asks: Asker) -> None:
    await asks.walk()
    assert "Marguerite" in await _kept(asks)
    await asks.press("callback_agree")
    assert "Marguerite" not in await _kept(asks)


async def test_other_conversations_see_nothing_of_it(desk: Running, asks: Asker) -> None:
    await asks.walk("Which phone number")
    token, _ = await desk.start()
    status, body = await desk.send(token, "213 555 0142")
    assert status == 200
    assert "good time" not in texts(body["replies"])
