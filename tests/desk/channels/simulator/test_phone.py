"""Texts: what a phone writes reaches the desk signed; what the desk sends is taken as by Twilio."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest
from aiohttp import web

from tests.desk.channels.simulator.conftest import (
    PHONE,
    SID,
    SIGNED_IN,
    TOKEN,
    Trial,
    Webhooks,
    messages,
    until,
)

INBOUND, STATUS = "/webhooks/sms", "/webhooks/sms/status"


async def test_a_text_reaches_the_desk_signed(trial: Trial, hooks: Webhooks) -> None:
    await trial.text("¿Cuánto cuesta? é & = +")
    (fields,) = hooks.at(INBOUND)
    assert hooks.refused == []
    assert fields["Body"] == "¿Cuánto cuesta? é & = +"
    assert (fields["From"], fields["To"]) == (PHONE, trial.twilio.number)
    assert fields["AccountSid"] == SID
    assert re.fullmatch("SM[0-9a-f]{32}", fields["MessageSid"])
    assert "OptOutType" not in fields
    (shown,) = await trial.phone()
    assert (shown["from"], shown["state"]) == ("you", "received")


async def test_a_photo_can_be_deleted_by_the_desk_alone(trial: Trial, hooks: Webhooks) -> None:
    await trial.text("", media=True)
    (fields,) = hooks.at(INBOUND)
    assert (fields["NumMedia"], fields["MediaContentType0"]) == ("1", "image/jpeg")
    assert fields["Body"] == ""
    path = fields["MediaUrl0"].removeprefix(hooks.url) + ".json"
    async with trial.http.delete(trial.url + path) as answer:
        assert answer.status == 401
    assert (await trial.phone())[0]["photos_kept"] == 1
    async with trial.http.delete(trial.url + path, headers=SIGNED_IN) as answer:
        assert answer.status == 204
    shown = (await trial.phone())[0]
    assert (shown["photos"], shown["photos_kept"]) == (1, 0)
    async with trial.http.delete(trial.url + path, headers=SIGNED_IN) as answer:
        assert answer.status == 404


async def test_what_the_desk_refuses_is_shown(trial: Trial, hooks: Webhooks) -> None:
    hooks.answers[INBOUND] = [web.Response(status=403)]
    await trial.text("hello")
    (shown,) = await trial.phone()
    assert (shown["state"], shown["note"]) == ("refused", "HTTP 403")


async def test_a_desk_that_is_not_there_is_shown(trial: Trial) -> None:
    trial.twilio.url = "http://127.0.0.1:1"
    await trial.text("hello")
    assert (await trial.phone())[0]["note"] == "no connection"


async def test_a_message_is_delivered_and_reported_in_order(trial: Trial, hooks: Webhooks) -> None:
    made = await trial.sms("Hello")
    assert made["status"] == "queued"
    assert (made["to"], made["from"]) == (PHONE, trial.twilio.number)
    await trial.settle()
    reports = hooks.at(STATUS)
    assert [each["MessageStatus"] for each in reports] == ["queued", "sent", "delivered"]
    assert {each["MessageSid"] for each in reports} == {made["sid"]}
    assert hooks.refused == []
    (shown,) = await trial.phone()
    assert (shown["from"], shown["text"], shown["state"]) == ("desk", "Hello", "delivered")


@pytest.mark.parametrize(
    ("text", "count", "alphabet"),
    [("x" * 160, 1, "GSM-7"), ("x" * 161, 2, "GSM-7"), ("x" * 71 + "’", 2, "UCS-2")],
)
async def test_segments_are_shown(trial: Trial, text: str, count: int, alphabet: str) -> None:
    made = await trial.sms(text)
    (shown,) = await trial.phone()
    assert (shown["segments"], shown["alphabet"]) == (count, alphabet)
    assert made["num_segments"] == str(count)


async def test_a_messaging_service_may_send(trial: Trial, hooks: Webhooks) -> None:
    service = "MG" + "a" * 32
    made = await trial.sms(From="", MessagingServiceSid=service)
    assert made["messaging_service_sid"] == service
    await trial.settle()
    assert hooks.at(STATUS)[0]["MessagingServiceSid"] == service


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Body": "x" * 1601}, 21617),
        ({"Body": ""}, 21602),
        ({"To": "12135550123"}, 21211),
        ({"From": "+12135550199"}, 21606),
        ({"From": ""}, 21603),
        ({"From": "", "MessagingServiceSid": "MGnone"}, 21701),
        ({"StatusCallback": "http://example.com/webhooks/sms/status"}, 21609),
    ],
)
async def test_what_twilio_would_not_take(trial: Trial, change: dict[str, str], code: int) -> None:
    form = {"To": PHONE, "From": trial.twilio.number, "Body": "Hello", **change}
    form = {name: value for name, value in form.items() if value}
    answer = await trial.json("POST", messages(), 400, data=form, headers=SIGNED_IN)
    assert (answer["code"], answer["status"]) == (code, 400)
    assert answer["message"]


async def test_1600_characters_are_taken(trial: Trial) -> None:
    await trial.sms("x" * 1600)


@pytest.mark.parametrize("known", [None, (SID, "wrong"), ("AC" + "1" * 32, TOKEN), ("", "")])
async def test_only_the_desk_may_send(trial: Trial, known: tuple[str, str] | None) -> None:
    form = {"To": PHONE, "From": trial.twilio.number, "Body": "Hello"}
    headers = {"Authorization": aiohttp.encode_basic_auth(*known)} if known else {}
    answer = await trial.json("POST", messages(), 401, data=form, headers=headers)
    assert answer["code"] == 20003
    await trial.json("GET", messages(), 401, headers=headers)
    assert await trial.phone() == []


async def test_the_carrier_keeps_the_list_of_those_who_stopped(
    trial: Trial, hooks: Webhooks
) -> None:
    await trial.text("Stop")
    shown = await trial.phone()
    assert [each["from"] for each in shown] == ["you", "carrier"]
    assert "unsubscribed" in shown[1]["text"]
    assert hooks.at(INBOUND)[0]["Body"] == "Stop"
    assert (await trial.sms("Hello", 400))["code"] == 21610
    assert [each["state"] for each in await trial.phone()][-1] == "refused"
    await trial.text("STOP")
    assert (await trial.phone())[-1]["from"] == "you"
    await trial.text("start")
    assert "re-subscribed" in (await trial.phone())[-1]["text"]
    await trial.sms("Hello")


async def test_yes_is_an_answer_for_whoever_has_not_stopped(trial: Trial) -> None:
    await trial.text("yes")
    assert [each["from"] for each in await trial.phone()] == ["you"]


async def test_words_around_a_keyword_are_no_keyword(trial: Trial) -> None:
    await trial.text("stop please")
    assert len(await trial.phone()) == 1
    await trial.sms("Hello")


async def test_help_is_answered_by_the_carrier(trial: Trial) -> None:
    await trial.text(" help ")
    assert (await trial.phone())[-1]["text"].startswith("Reply STOP to unsubscribe.")


async def test_keywords_are_marked_where_that_is_switched_on(trial: Trial, hooks: Webhooks) -> None:
    trial.twilio.advanced_opt_out = True
    await trial.text("QUIT")
    await trial.text("hello")
    assert [each.get("OptOutType") for each in hooks.at(INBOUND)] == ["STOP", None]


@pytest.mark.parametrize(("mode", "code"), [("unreachable", "30003"), ("blocked", "30007")])
async def test_what_is_not_delivered_is_reported_and_still_shown(
    trial: Trial, hooks: Webhooks, mode: str, code: str
) -> None:
    await trial.json("POST", "/try/phone/deliver", json={"mode": mode})
    await trial.sms("Call or text 988")
    await trial.settle()
    last = hooks.at(STATUS)[-1]
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", code)
    (shown,) = await trial.phone()
    assert (shown["text"], shown["code"]) == ("Call or text 988", int(code))


async def test_tries_while_the_provider_is_down_are_one_bubble(trial: Trial) -> None:
    await trial.json("POST", "/try/phone/deliver", json={"mode": "down"})
    for _ in range(2):
        assert (await trial.sms("Hello", 503))["code"] == 20503
    await trial.json("GET", messages(), 503, headers=SIGNED_IN)
    (shown,) = await trial.phone()
    assert (shown["state"], shown["code"], shown["tries"]) == ("refused", 20503, 2)
    await trial.json("POST", "/try/phone/deliver", json={"mode": "yes"})
    await trial.sms("Hello")
    await trial.settle()
    (shown,) = await trial.phone()
    assert (shown["state"], shown["tries"]) == ("delivered", 3)


async def test_a_slow_provider_has_taken_it_all_the_same(trial: Trial, hooks: Webhooks) -> None:
    trial.twilio.delivery, trial.twilio.slow_seconds = "slow", 30.0
    with pytest.raises(asyncio.TimeoutError):
        async with asyncio.timeout(0.3):
            await trial.sms("Hello")
    await until(lambda: len(hooks.at(STATUS)) == 3)
    query = {"To": PHONE, "DateSent>": "2020-01-01", "PageSize": "50"}
    found = await trial.json("GET", messages(), params=query, headers=SIGNED_IN)
    assert [each["body"] for each in found["messages"]] == ["Hello"]


async def test_messages_are_found_by_whom_and_when(trial: Trial) -> None:
    await trial.sms("one")
    await trial.sms("two")
    await trial.sms("other", To="+12135550177")
    await trial.sms("", 400)
    await trial.text("in")

    async def found(**query: str) -> list[str]:
        named = {name.replace("Since", "DateSent>"): value for name, value in query.items()}
        answer = await trial.json("GET", messages(), params=named, headers=SIGNED_IN)
        return [each["body"] for each in answer["messages"]]

    assert await found(To=PHONE) == ["two", "one"]
    assert await found(To=PHONE, PageSize="1") == ["two"]
    assert await found(From=PHONE) == ["in"]
    assert await found(To=PHONE, Since="2099-01-01") == []
    assert await found(To=PHONE, Since="2020-01-01T00:00:00Z") == ["two", "one"]
    await trial.json("GET", messages(), 400, params={"DateSent>": "soon"}, headers=SIGNED_IN)


async def test_memory_is_bounded(trial: Trial) -> None:
    for number in range(210):
        trial.twilio.write(PHONE, f"text {number}")
    shown = await trial.phone()
    assert (len(shown), shown[-1]["text"]) == (200, "text 209")
    for number in range(60):
        trial.twilio.write(f"+1213555{number:04}", "hello")
    assert await trial.phone() == []
    await trial.settle()


@pytest.mark.parametrize("number", ["", "none", "+0123456789", "+1213555012a", "٢١٣٥٥٥٠١٢٣"])
async def test_only_numbers_are_numbers(trial: Trial, number: str) -> None:
    await trial.json("GET", "/try/phone/state", 400, params={"number": number})
    body = {"number": number, "text": "hello"}
    answer = await trial.json("POST", "/try/phone/send", 400, json=body)
    assert "country code" in answer["error"]


async def test_a_number_may_be_written_as_people_do(trial: Trial) -> None:
    for number in ("+1 213 555 0123", "(213) 555-0123", "213.555.0123"):
        read = await trial.json("GET", "/try/phone/state", params={"number": number})
        assert read["number"] == PHONE


@pytest.mark.parametrize("text", ["", "  ", "x" * 1601, None, 7])
async def test_only_texts_are_sent(trial: Trial, text: object) -> None:
    body = {"number": PHONE, "text": text, "media": False}
    await trial.json("POST", "/try/phone/send", 400, json=body)
    assert await trial.phone() == []
