"""What Rasa's own Twilio channel gets wrong; one test for each that ours does not."""

from __future__ import annotations

import asyncio

import pytest

from tests.desk.brain_server import BrainServer, reply
from tests.desk.channels.sms.conftest import Phone, signed_by_nobody


async def test_forged_requests_are_refused(phone: Phone) -> None:
    assert await signed_by_nobody(phone) == 403


async def test_a_photo_without_words_crashes_nothing(phone: Phone) -> None:
    assert len(await phone.text("", 1, NumMedia="1")) == 1


async def test_an_empty_message_is_answered(phone: Phone) -> None:
    assert (await phone.text("  ", 2))[0].startswith("I did not get any words")


async def test_stop_is_not_read_by_the_brain_as_a_question(
    phone: Phone, brain: BrainServer
) -> None:
    assert await phone.post(phone.form("STOP")) == 200
    await phone.nothing()
    assert brain.turns == []


async def test_a_place_is_no_intent(phone: Phone, brain: BrainServer) -> None:
    await phone.text("", 1, Latitude="1", Longitude="2")
    assert brain.turns == []


async def test_sending_does_not_stop_everybody_else(phone: Phone) -> None:
    phone.twilio.gate.clear()
    assert await phone.post(phone.form("how much is it")) == 200
    async with asyncio.timeout(5):
        token, _ = await phone.desk.start()
        status, _ = await phone.desk.send(token)
    assert status == 200
    phone.twilio.gate.set()
    await phone.next(2)


async def test_an_answer_of_two_paragraphs_is_one_message(phone: Phone, brain: BrainServer) -> None:
    brain.replies = [reply(text="One.\n\nTwo.", buttons=[])]
    answer, _ = await phone.text("how much is it", 2)
    assert answer == "One.\n\nTwo."


async def test_choices_are_no_payloads_and_one_message(phone: Phone, brain: BrainServer) -> None:
    answer, _ = await phone.text("how much is it", 2)
    assert "/" not in answer
    assert "insurance_coverage" not in answer


async def test_one_curly_quote_does_not_double_the_price(phone: Phone, brain: BrainServer) -> None:
    brain.replies = [reply(text="It’s “typically” 3–5 days…", buttons=[])]
    answer, _ = await phone.text("how much is it", 2)
    assert answer == 'It\'s "typically" 3-5 days...'


@pytest.mark.parametrize("failure", [(503, 20503), "cut before", "broken"])
async def test_a_failed_message_is_not_swallowed(phone: Phone, failure: object) -> None:
    phone.twilio.failures = [failure]
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.settled()
    rows = phone.desk.rows("select state, trouble from deliveries order by seq")
    assert rows[0].state in ("waiting", "sent")


async def test_the_number_is_no_key_of_the_brains(phone: Phone, brain: BrainServer) -> None:
    await phone.text("how much is it", 2)
    assert phone.number not in str(brain.turns)
