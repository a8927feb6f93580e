from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.desk.channels.slack.conftest import House
from tests.desk.channels.slack.posting import envelope, message, signed

JSON = "application/json"


def body(text: str = "hello") -> bytes:
    return json.dumps(envelope(message(text))).encode()


async def test_a_request_that_slacks_own_package_has_signed_is_taken(house: House) -> None:
    answer = await house.post.raw("events", body("hello"), JSON)
    assert answer.status == 200
    assert house.texts == ["hello"]


async def test_words_beyond_ascii_are_signed_over_their_raw_bytes(house: House) -> None:
    raw = json.dumps(envelope(message("¿cuánto cuesta? 🙂")), ensure_ascii=False).encode()
    assert (await house.post.raw("events", raw, JSON)).status == 200
    assert house.texts == ["¿cuánto cuesta? 🙂"]


async def test_a_body_that_was_altered_is_refused(house: House) -> None:
    raw = body("hello")
    answer = await house.post.raw("events", raw.replace(b"hello", b"jello"), JSON, signed(raw))
    assert answer.status == 401
    assert house.arrivals == []


async def test_a_body_that_was_written_anew_is_refused(house: House) -> None:
    raw = body()
    again = json.dumps(json.loads(raw), separators=(",", ":")).encode()
    answer = await house.post.raw("events", again, JSON, signed(raw))
    assert answer.status == 401
    assert house.arrivals == []


async def test_another_apps_secret_is_refused(house: House) -> None:
    raw = body()
    answer = await house.post.raw("events", raw, JSON, signed(raw, secret="another"))
    assert answer.status == 401


@pytest.mark.parametrize("off", [-310, 310])
async def test_more_than_five_minutes_off_is_refused(house: House, off: int) -> None:
    raw = body()
    assert (await house.post.raw("events", raw, JSON, signed(raw, off=off))).status == 401
    assert house.arrivals == []


@pytest.mark.parametrize("off", [-290, 290])
async def test_less_than_five_minutes_off_is_taken(house: House, off: int) -> None:
    raw = body()
    assert (await house.post.raw("events", raw, JSON, signed(raw, off=off))).status == 200


@pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
async def test_a_request_without_one_of_the_headers_is_refused(house: House, name: str) -> None:
    answer = await house.post.raw("events", body(), JSON, {name: ""})
    assert answer.status == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Slack-Request-Timestamp", "now"),
        ("X-Slack-Request-Timestamp", "9" * 400),
        ("X-Slack-Signature", "v0="),
        ("X-Slack-Signature", "v0=é"),
        ("X-Slack-Signature", "v1=" + "0" * 64),
    ],
)
async def test_headers_that_slack_never_sends_are_refused(
    house: House, name: str, value: str
) -> None:
    answer = await house.post.raw("events", body(), JSON, {name: value})
    assert answer.status == 401


@pytest.mark.parametrize("path", ["events", "interactive", "command"])
async def test_every_address_refuses_what_is_not_signed(house: House, path: str) -> None:
    raw = urlencode({"payload": "{}", "command": "/iop", "user_id": "U7"}).encode()
    headers = {"X-Slack-Signature": "v0=" + "0" * 64}
    answer = await house.post.raw(path, raw, "application/x-www-form-urlencoded", headers)
    assert answer.status == 401
    assert house.arrivals == []


async def test_nothing_is_read_of_a_body_before_its_signature(house: House) -> None:
    headers = {"X-Slack-Signature": "v0=" + "0" * 64}
    answer = await house.post.raw("events", b"{not json", JSON, headers)
    assert answer.status == 401


async def test_a_body_that_is_no_utf_8_is_refused(house: House) -> None:
    answer = await house.post.raw("events", b"\xff\xfe", JSON, signed(b""))
    assert answer.status == 401


async def test_a_challenge_is_refused_without_a_signature(house: House) -> None:
    raw = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    answer = await house.post.raw("events", raw, JSON, signed(raw, secret="another"))
    assert answer.status == 401
    assert "abc" not in answer.text


async def test_a_refusal_tells_slack_not_to_send_it_again(house: House) -> None:
    answer = await house.post.raw("events", body(), JSON, {"X-Slack-Signature": "v0="})
    assert answer.headers["X-Slack-No-Retry"] == "1"
