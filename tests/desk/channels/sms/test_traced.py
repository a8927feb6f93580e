"""Texts wait for each other in one task; each has an id of its own all the same."""

from __future__ import annotations

from twilio.request_validator import RequestValidator

from monitoring import trace
from tests.desk.brain_server import BrainServer
from tests.desk.channels.sms.conftest import PUBLIC, Phone
from tests.desk.channels.sms.twilio_server import TOKEN


async def test_each_text_of_a_person_has_an_id_of_its_own(phone: Phone, brain: BrainServer) -> None:
    brain.gate.clear()
    for text in ("how much is it", "where are you", "can i come today"):
        assert await phone.post(phone.form(text)) == 200
    brain.gate.set()
    await phone.settled()
    assert len(set(brain.traces)) == len(brain.turns) == 3
    assert all(each and len(each) == 32 for each in brain.traces)


async def test_it_is_the_id_that_twilio_was_answered_with(phone: Phone, brain: BrainServer) -> None:
    await phone.text("how much is it", 2)
    before = brain.traces[:]
    form = phone.form("where are you")
    url = f"{phone.desk.url}/webhooks/sms"
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/webhooks/sms", form)
    headers = {"X-Twilio-Signature": signature}
    async with phone.desk.http.post(url, data=form, headers=headers) as answer:
        given = answer.headers[trace.HEADER]
    await phone.settled()
    assert brain.traces == [*before, given]
