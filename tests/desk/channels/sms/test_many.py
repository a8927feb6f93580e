"""Many at once: each is answered once, and in the order in which its person wrote."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from tests.desk.brain_server import BrainServer, reply
from tests.desk.channels.sms.conftest import Phone

PEOPLE, EACH = 25, 8


async def test_hundreds_of_texts_are_each_answered_once_in_order(
    phone: Phone, brain: BrainServer
) -> None:
    brain.replies = [reply(buttons=[])]
    phones = [Phone(phone.desk, phone.twilio, f"+1213555{1000 + n}") for n in range(PEOPLE)]

    async def write(one: Phone) -> None:
        for number in range(EACH):
            form = one.form(f"question {number}")
            assert await one.post(form) == 200
            # Twilio tries again where it believes that it was not heard.
            assert await one.post(form) == 200

    await asyncio.gather(*map(write, phones))
    await phone.twilio.texts(PEOPLE * (EACH + 1), seconds=60)
    await phone.settled()
    asked: dict[str, list[str]] = defaultdict(list)
    for turn in brain.turns:
        asked[turn["conversation"]].append(turn["text"])
    assert list(asked.values()) == [[f"question {n}" for n in range(EACH)]] * PEOPLE
    answers: dict[str, int] = defaultdict(int)
    for each in phone.twilio.sent:
        answers[each["To"]] += 1
    assert set(answers.values()) == {EACH + 1}
    open_ = phone.desk.rows("select count(*) as n from deliveries where state <> 'sent'")
    assert open_[0].n == 0
