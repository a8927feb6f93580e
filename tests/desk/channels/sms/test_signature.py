"""What Twilio's own library has signed is taken; anything else is not, and moves nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from tests.desk.brain_server import BrainServer
from tests.desk.channels.sms.conftest import PUBLIC, Phone
from tests.desk.channels.sms.twilio_server import TOKEN

PATH = "/webhooks/sms"


def signature(form: dict[str, str], url: str = PUBLIC + PATH, token: str = TOKEN) -> dict[str, str]:
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}


async def refused(phone: Phone, brain: BrainServer, status: int = 403, **how: Any) -> None:
    form = how.pop("form", phone.form("how much is it"))
    assert await phone.post(form, how.pop("path", PATH), **how) == status
    await phone.nothing()
    assert brain.calls == []
    assert phone.desk.rows("select * from arrivals") == []


async def test_a_signed_form_is_taken_in_any_order_of_its_fields(phone: Phone) -> None:
    form = phone.form("how much is it")
    turned = dict(reversed(form.items()))
    assert await phone.post(form, headers=signature(form), data=turned) == 200
    await phone.next(2)


async def test_without_a_signature_it_is_refused(phone: Phone, brain: BrainServer) -> None:
    await refused(phone, brain, headers={})


@pytest.mark.parametrize("field", ["Body", "From", "MessageSid", "To", "NumMedia"])
async def test_a_form_that_was_altered_is_refused(
    phone: Phone, brain: BrainServer, field: str
) -> None:
    form = phone.form("how much is it")
    altered = {**form, field: form[field] + "1"}
    await refused(phone, brain, headers=signature(form), data=altered)


async def test_a_field_that_was_added_is_refused(phone: Phone, brain: BrainServer) -> None:
    form = phone.form("how much is it")
    await refused(phone, brain, headers=signature(form), data={**form, "OptOutType": "START"})


async def test_values_that_changed_places_are_refused(phone: Phone, brain: BrainServer) -> None:
    form = phone.form("how much is it")
    turned = {**form, "From": form["To"], "To": form["From"]}
    await refused(phone, brain, headers=signature(form), data=turned)


@pytest.mark.parametrize(
    "url",
    [
        "http://help.example.org/webhooks/sms",
        "https://other.example.org/webhooks/sms",
        "https://help.example.org/webhooks/sms/status",
        "http://127.0.0.1/webhooks/sms",
    ],
)
async def test_a_signature_over_another_address_is_refused(
    phone: Phone, brain: BrainServer, url: str
) -> None:
    form = phone.form("how much is it")
    await refused(phone, brain, form=form, headers=signature(form, url))


async def test_the_query_is_part_of_what_is_signed(phone: Phone, brain: BrainServer) -> None:
    form = phone.form("how much is it")
    await refused(phone, brain, form=form, path=f"{PATH}?x=1", headers=signature(form))
    headers = signature(form, f"{PUBLIC}{PATH}?x=1")
    assert await phone.post(form, f"{PATH}?x=1", headers=headers) == 200
    await phone.next(2)


async def test_another_token_is_refused(phone: Phone, brain: BrainServer) -> None:
    form = phone.form("how much is it")
    await refused(phone, brain, form=form, headers=signature(form, token="another"))


@pytest.mark.parametrize("account", ["AC" + "9" * 32, "", "Ä€"])
async def test_another_account_is_refused_though_it_is_signed(
    phone: Phone, brain: BrainServer, account: str
) -> None:
    form = {**phone.form("how much is it"), "AccountSid": account}
    await refused(phone, brain, form=form, headers=signature(form))


async def test_the_public_address_counts_behind_a_proxy(phone: Phone) -> None:
    form = phone.form("how much is it")
    headers = {**signature(form), "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    assert await phone.post(form, headers=headers) == 200
    await phone.next(2)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe=1", b"Body=a&Body=b&From=%2B1213", b"{}", b"a" * 2000, b"%", b"=&=&=="],
)
async def test_what_is_no_form_gets_a_clear_answer(
    phone: Phone, brain: BrainServer, body: bytes
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "x"}
    status = await phone.post({}, headers=headers, data=body)
    assert status in (400, 403)
    assert brain.calls == []


async def test_json_is_no_form(phone: Phone, brain: BrainServer) -> None:
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": "x"}
    await refused(phone, brain, 400, headers=headers, data=b"{}")


async def test_a_signed_form_without_a_sid_gets_a_clear_answer(
    phone: Phone, brain: BrainServer
) -> None:
    form = {**phone.form("hi"), "MessageSid": "none"}
    await refused(phone, brain, 400, form=form, headers=signature(form))


async def test_a_report_must_be_signed_too(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await phone.settled()
    form = {"MessageSid": phone.twilio.sent[0]["sid"], "MessageStatus": "delivered"}
    assert await phone.post(form, f"{PATH}/status", headers={}) == 403
    assert {row.state for row in phone.desk.rows("select state from deliveries")} == {"sent"}


async def test_a_report_on_a_message_that_is_not_ours_moves_nothing(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await phone.settled()
    phone.twilio.sent.append({"sid": "SM" + "e" * 32})
    assert await phone.reports("failed") == 204
    assert {row.state for row in phone.desk.rows("select state from deliveries")} == {"sent"}


async def test_a_refusal_repeats_nothing_of_what_was_sent(
    phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    body = urlencode(phone.form("zebrafinch"))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "x"}
    async with phone.desk.http.post(phone.desk.url + PATH, data=body, headers=headers) as answer:
        said = await answer.text()
    assert "zebrafinch" not in said + caplog.text
    assert phone.number not in said + caplog.text
    assert "IOP_PUBLIC_URL" in caplog.text
