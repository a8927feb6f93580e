"""What Rasa's own Slack channel gets wrong, and this one does not."""

from __future__ import annotations

import json

import pytest

from desk.channels.slack import blocks
from store.records import Message
from tests.desk.channels.slack.conftest import ADDRESS, CONTACT, RISK, House
from tests.desk.channels.slack.posting import (
    PUBLIC,
    command,
    edit,
    envelope,
    mention,
    message,
    presses,
    signed,
)
from tests.desk.channels.slack.test_blocks import buttons, offers, render


@pytest.mark.parametrize("reason", ["http_error", "connection_failed", "ssl_error"])
async def test_a_retry_for_another_reason_than_a_timeout_runs_no_second_turn(
    house: House, reason: str
) -> None:
    event = message()
    await house.post.event(event, "Ev1")
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": reason}
    await house.post.event(event, "Ev1", **retry)
    assert len(house.arrivals) == 1


async def test_events_are_known_by_their_ids(house: House) -> None:
    first, second = message("one"), message("two")
    await house.post.event(first, "Ev1")
    await house.post.event(second, "Ev1")
    assert house.texts == ["one"]


async def test_a_captured_request_cannot_be_played_back_within_five_minutes(house: House) -> None:
    raw = json.dumps(envelope(message())).encode()
    captured = signed(raw, off=-200)
    for _ in range(3):
        await house.post.raw("events", raw, "application/json", captured)
    assert len(house.arrivals) == 1


def test_more_than_five_buttons_are_all_shown() -> None:
    assert len(buttons(render(buttons=offers(6)))) == 6


async def test_a_slash_command_is_answered(house: House) -> None:
    assert (await house.post.command(command())).status == 200
    assert house.texts == ["how much is it"]


async def test_pressed_buttons_are_replaced(house: House) -> None:
    said = Message(1, "bot", "answer", "Hi.", 5, buttons=offers(2))
    await house.channel.send(ADDRESS, house.channel.render(said, CONTACT), "c.1")
    await house.post.press(presses(house.slack.posted[0]))
    await house.channel.settle()
    assert "actions" not in [block["type"] for block in house.slack.posted[0]["blocks"]]


async def test_crisis_text_never_stands_in_a_channel(house: House) -> None:
    await house.post.event(mention(RISK))
    await house.channel.settle()
    assert house.arrivals[0].address["channel"] == ""
    assert PUBLIC not in house.slack.messages


async def test_a_mention_that_is_a_message_too_is_answered_once(house: House) -> None:
    first = mention(RISK)
    await house.post.event(first)
    await house.post.event({**first, "type": "message", "channel_type": "channel"})
    await house.channel.settle()
    assert len(house.arrivals) == 1
    assert len(house.slack.ephemeral) == 1


async def test_a_content_type_is_not_compared_by_equality(house: House) -> None:
    raw = json.dumps(envelope(message())).encode()
    await house.post.raw("events", raw, "Application/JSON; charset=UTF-8")
    assert len(house.arrivals) == 1


async def test_an_edit_into_words_of_risk_is_seen(house: House) -> None:
    await house.post.event(edit(RISK))
    assert house.texts == [RISK]


async def test_entities_and_addresses_are_read_as_words(house: House) -> None:
    await house.post.event(message("a &amp; b <mailto:x@example.org|x@example.org>"))
    assert house.texts == ["a & b x@example.org"]


async def test_an_interaction_that_is_not_supported_is_no_error(house: House) -> None:
    assert (await house.post.press({"type": "view_submission"})).status == 200


async def test_a_failure_beside_the_answer_is_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.slack.next = ["invalid_auth"]
    await house.post.event(mention())
    await house.channel.settle()
    assert "invalid_auth" in caplog.text


async def test_the_legacy_parameter_as_user_is_not_used(house: House) -> None:
    await house.post.event(mention())
    await house.channel.settle()
    assert all("as_user" not in body for _, body in house.slack.calls)


def test_slacks_limits_are_kept() -> None:
    found = render(text="word " * 2000, buttons=({"title": "t" * 200, "id": "x"},))
    assert all(len(each["text"]["text"]) <= blocks.SECTION for each in found.body["blocks"][:-1])
