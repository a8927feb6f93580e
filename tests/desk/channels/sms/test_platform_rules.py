"""Each line of Twilio's and the law's rules that binds this channel, by the line's name."""

from __future__ import annotations

import pytest

from store import contacts
from tests.desk.brain_server import BrainServer
from tests.desk.channels.sms.conftest import PUBLIC, Phone, Texting
from tests.desk.channels.sms.twilio_server import NUMBER

STOPS = ["STOP", "stop", "StopAll", "UNSUBSCRIBE", "cancel", "End", "QUIT"]
WORDS = ["Stop please", "stop texting me", "opt out", "REVOKE", "please take me off your list"]


def said(phone: Phone, answer_id: str) -> str:
    return phone.desk.desk.lines.say(answer_id, channel="sms").text


def out(phone: Phone) -> list[str]:
    return [row.how for row in phone.desk.rows("select how from opt_outs where ended_at is null")]


async def test_idempotency_the_same_message_sid_is_answered_once(
    phone: Phone, brain: BrainServer
) -> None:
    form = phone.form("how much is it")
    for _ in range(3):
        assert await phone.post(form) == 200
    await phone.next(2)
    await phone.nothing()
    assert len(brain.turns) == 1


async def test_idempotency_a_message_sid_is_known_after_a_restart(
    phone: Phone, brain: BrainServer
) -> None:
    form = phone.form("how much is it")
    assert await phone.post(form) == 200
    await phone.next(2)
    phone.desk.desk.mailroom._seen.clear()
    assert await phone.post(form) == 200
    await phone.nothing()
    assert len(brain.turns) == 1


async def test_ack_does_not_wait_for_the_brain(phone: Phone, brain: BrainServer) -> None:
    brain.gate.clear()
    assert await phone.post(phone.form("how much is it")) == 200
    assert phone.twilio.sent == []
    brain.gate.set()
    await phone.next(2)


async def test_ack_is_empty_twiml(phone: Phone) -> None:
    from twilio.request_validator import RequestValidator

    from tests.desk.channels.sms.twilio_server import TOKEN

    form = phone.form("hi")
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/webhooks/sms", form)
    headers = {"X-Twilio-Signature": signature}
    async with phone.desk.http.post(
        f"{phone.desk.url}/webhooks/sms", data=form, headers=headers
    ) as answer:
        assert answer.content_type == "text/xml"
        assert (await answer.text()).endswith("<Response/>")


async def test_status_callback_is_asked_for_at_our_public_address(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    assert phone.twilio.sent[0]["StatusCallback"] == f"{PUBLIC}/webhooks/sms/status"
    assert phone.twilio.sent[0]["From"] == NUMBER


async def test_a_messaging_service_sends_in_place_of_the_number(texting: Texting) -> None:
    service = "MG" + "1" * 32
    phone: Phone = await texting(number=None, messaging_service=service)
    await phone.text("how much is it", 2)
    assert phone.twilio.sent[0]["MessagingServiceSid"] == service
    assert "From" not in phone.twilio.sent[0]


@pytest.mark.parametrize("word", STOPS)
async def test_keywords_of_opting_out_end_all_texts_and_are_not_answered(
    phone: Phone, brain: BrainServer, word: str
) -> None:
    await phone.text("how much is it", 2)
    assert await phone.post(phone.form(word)) == 200
    await phone.nothing()
    assert out(phone) == ["keyword"]
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.nothing()
    assert len(brain.turns) == 1


@pytest.mark.parametrize("words", WORDS)
async def test_fcc_any_wording_revokes_and_gets_one_confirmation_with_988(
    phone: Phone, words: str
) -> None:
    await phone.text("how much is it", 2)
    (stopped,) = await phone.text(words, 1)
    assert stopped == said(phone, "sms_stopped")
    assert "988" in stopped
    assert out(phone) == ["words"]
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.nothing()


async def test_stop_is_confirmed_by_us_where_twilios_handling_is_off(texting: Texting) -> None:
    phone: Phone = await texting(keywords="ours")
    await phone.text("how much is it", 2)
    assert await phone.text("STOP", 1) == [said(phone, "sms_stopped")]
    assert await phone.text("START", 1) == [said(phone, "sms_started")]
    assert out(phone) == []


async def test_opt_out_type_of_advanced_opt_out_counts_whatever_the_word(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    assert await phone.post(phone.form("basta", OptOutType="STOP")) == 200
    await phone.nothing()
    assert out(phone) == ["keyword"]
    assert await phone.post(phone.form("vuelve", OptOutType="START")) == 200
    await phone.nothing()
    assert out(phone) == []


async def test_opt_out_type_help_is_answered_by_twilio_alone(phone: Phone) -> None:
    assert await phone.post(phone.form("help", OptOutType="HELP")) == 200
    await phone.nothing()


@pytest.mark.parametrize("word", ["HELP", "help", "Info"])
async def test_help_says_who_we_are_how_to_end_and_988(phone: Phone, word: str) -> None:
    (text,) = await phone.text(word, 1)
    assert text == said(phone, "sms_help")
    assert "988" in text
    assert "STOP" in text
    assert "rates may apply" in text


@pytest.mark.parametrize("word", ["START", "unstop", "YES"])
async def test_opting_in_again_ends_the_opt_out(
    phone: Phone, brain: BrainServer, word: str
) -> None:
    await phone.text("how much is it", 2)
    for text in ("STOP", word):
        assert await phone.post(phone.form(text)) == 200
    await phone.nothing()
    assert out(phone) == []
    assert len(await phone.text("how much is it", 1)) == 1


@pytest.mark.parametrize("word", ["yes", "start"])
async def test_yes_is_an_answer_where_nobody_has_opted_out(
    phone: Phone, brain: BrainServer, word: str
) -> None:
    await phone.text(word, 2)
    assert brain.turns[-1]["text"] == word


async def test_after_opt_out_error_21610_is_written_to_the_same_list(phone: Phone) -> None:
    phone.twilio.failures = [(400, 21610)]
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.nothing()
    assert out(phone) == ["provider"]
    rows = phone.desk.rows("select state, trouble from deliveries order by seq")
    assert ("withheld", "21610") in [tuple(row) for row in rows]


async def test_the_list_outlives_the_person_who_is_erased(phone: Phone) -> None:
    from store import erasing

    await phone.text("how much is it", 2)
    assert await phone.post(phone.form("STOP")) == 200
    await phone.nothing()
    chat = phone.desk.rows("select id from conversations")[0].id
    await phone.desk.desk.database.write(lambda c: erasing.erase_person(c, chat, "ana", 2**50))
    phone.desk.desk.conversations.drop(chat)
    assert phone.desk.rows("select * from contacts") == []
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.nothing()
    assert out(phone) == ["keyword"]


async def test_length_no_answer_is_longer_than_1600(phone: Phone) -> None:
    from desk.channels.sms.cutting import LONGEST, whole

    assert len(whole("word " * 1000).text) <= LONGEST


async def test_delivery_codes_are_kept_for_staff(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await phone.settled()
    assert await phone.reports("undelivered", 0, "30007") == 204
    row = phone.desk.rows("select state, trouble from deliveries order by seq")[0]
    assert tuple(row) == ("undelivered", "30007")


async def test_delivery_reports_come_in_any_order(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await phone.settled()
    for status in ("delivered", "sent", "queued"):
        assert await phone.reports(status, 0) == 204
    assert phone.desk.rows("select state from deliveries order by seq")[0].state == "delivered"


async def test_a_short_code_is_a_machine_and_is_not_answered(phone: Phone) -> None:
    phone.number = "72345"
    assert await phone.post(phone.form("your code is 123")) == 200
    await phone.nothing()


async def test_a_canadian_number_is_answered(phone: Phone) -> None:
    phone.number = "+14165550123"
    assert len(await phone.text("how much is it", 2)) == 2


async def test_the_opt_out_is_known_by_a_hash_alone(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    assert await phone.post(phone.form("STOP")) == 200
    await phone.nothing()
    row = phone.desk.rows("select digest, channel from opt_outs")[0]
    assert len(row.digest) == 64
    assert phone.number[1:] not in row.digest

    def is_out(connection: object) -> bool:
        return contacts.is_out(connection, row.digest)  # type: ignore[arg-type]

    assert await phone.desk.desk.database.read(is_out)
