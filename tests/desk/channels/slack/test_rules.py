"""One test for each binding rule of Slack's, which stands in the test's name."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, SectionBlock

from desk.channels.slack import blocks
from desk.channels.slack.seen import MOST, Seen
from store.records import Message
from tests.desk.channels.slack.conftest import ADDRESS, CONTACT, House
from tests.desk.channels.slack.posting import (
    SECRET,
    command,
    envelope,
    mention,
    message,
    presses,
)
from tests.desk.channels.slack.test_blocks import offers, render

ACK = 3.0
REASONS = [
    "http_timeout",
    "too_many_redirects",
    "connection_failed",
    "ssl_error",
    "http_error",
    "unknown_error",
]


async def test_the_signature_is_v0_and_hmac_sha256_of_version_timestamp_and_raw_body(
    house: House,
) -> None:
    raw, stamp = json.dumps(envelope(message())).encode(), str(int(time.time()))
    base = b"v0:" + stamp.encode() + b":" + raw
    mark = "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": mark}
    assert (await house.post.raw("events", raw, "application/json", headers)).status == 200


async def test_an_event_is_acknowledged_within_3_seconds_though_slacks_api_hangs(
    house: House,
) -> None:
    house.slack.next = ["slow"]
    begun = time.monotonic()
    assert (await house.post.event(mention())).status == 200
    assert time.monotonic() - begun < ACK


async def test_a_command_is_acknowledged_within_3_seconds_though_slacks_api_hangs(
    house: House,
) -> None:
    house.slack.next = ["slow"]
    begun = time.monotonic()
    assert (await house.post.command(command())).status == 200
    assert time.monotonic() - begun < ACK


@pytest.mark.parametrize("reason", REASONS)
async def test_slack_tries_3_times_again_for_6_reasons_and_all_are_acknowledged_and_one(
    house: House, reason: str
) -> None:
    event = message()
    await house.post.event(event, "Ev1")
    headers = [{"X-Slack-Retry-Num": n, "X-Slack-Retry-Reason": reason} for n in "123"]
    answers = [await house.post.event(event, "Ev1", **each) for each in headers]
    assert [each.status for each in answers] == [200, 200, 200]
    assert len(house.arrivals) == 1


@pytest.mark.parametrize("number", ["1", "2", "3"])
async def test_a_retry_of_what_never_came_through_is_taken(house: House, number: str) -> None:
    headers = {"X-Slack-Retry-Num": number, "X-Slack-Retry-Reason": "http_timeout"}
    await house.post.event(message(), **headers)
    assert len(house.arrivals) == 1


async def test_no_retry_is_said_beside_a_refusal(house: House) -> None:
    assert (await house.post.json([])).headers.get("X-Slack-No-Retry") == "1"


async def test_no_retry_is_not_said_where_a_retry_would_help(house: House) -> None:
    house.taker.trouble = RuntimeError("down")
    answer = await house.post.event(message())
    assert answer.status == 500
    assert "X-Slack-No-Retry" not in answer.headers


async def test_an_event_id_is_handled_once(house: House) -> None:
    await house.post.event(mention(), "Ev1")
    await house.post.event(mention(), "Ev1")
    await house.channel.settle()
    assert len(house.slack.ephemeral) == 1


async def test_a_channel_and_ts_are_handled_once_though_event_ids_differ(house: House) -> None:
    event = message()
    await house.post.event(event, "Ev1")
    await house.post.event(event, "Ev2")
    assert len(house.arrivals) == 1


def test_at_30000_events_an_hour_those_of_the_minutes_of_retries_are_remembered() -> None:
    seen = Seen()
    assert seen.add("first")
    for number in range(30_000 // 10):
        seen.add(str(number))
    assert "first" in seen
    assert MOST >= 30_000 // 10


def test_what_is_remembered_has_an_end() -> None:
    seen = Seen(2)
    assert [seen.add(mark) for mark in ("a", "b", "c")] == [True, True, True]
    assert "a" not in seen


async def test_events_of_no_use_get_a_200_since_too_few_of_them_end_the_subscription(
    house: House,
) -> None:
    assert (await house.post.event({"type": "team_join"})).status == 200


async def test_url_verification_echoes_the_challenge(house: House) -> None:
    answer = await house.post.json({"type": "url_verification", "challenge": "x1"})
    assert answer.text == "x1"


def test_a_section_holds_3000_signs_and_actions_25_elements_of_75_and_2000() -> None:
    assert blocks.SECTION == SectionBlock.text_max_length == 3000
    assert blocks.BUTTONS == ActionsBlock.elements_max_length == 25
    assert blocks.TITLE == ButtonElement.text_max_length == 75
    assert blocks.VALUE == ButtonElement.value_max_length == 2000


def test_a_message_holds_50_blocks() -> None:
    found = render(text="&" * 20_000, buttons=offers(200))
    assert len(found.body["blocks"]) <= 50


def test_an_action_id_holds_255_signs() -> None:
    found = render(buttons=offers(200))
    ids = [e["action_id"] for b in found.body["blocks"] for e in b.get("elements", ())]
    assert len(ids) == 200
    assert max(map(len, ids)) <= 255


async def test_a_press_comes_form_encoded_and_is_acknowledged_within_3_seconds(
    house: House,
) -> None:
    said = Message(1, "bot", "answer", "Hi.", 5, buttons=offers(2))
    await house.channel.send(ADDRESS, house.channel.render(said, CONTACT), "c.1")
    house.slack.next = ["slow"]
    begun = time.monotonic()
    assert (await house.post.press(presses(house.slack.posted[0]))).status == 200
    assert time.monotonic() - begun < ACK


@pytest.mark.parametrize(
    "event",
    [message(bot_id="B1"), message(subtype="bot_message"), message(subtype="message_deleted")],
)
async def test_bots_and_deletes_are_dropped_so_that_nothing_goes_round(
    house: House, event: dict[str, object]
) -> None:
    await house.post.event(event)
    assert house.arrivals == []
