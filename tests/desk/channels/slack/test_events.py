from __future__ import annotations

import json
from typing import Any

import pytest

from desk.inbound import Line
from desk.screening import NOTHING, Screening
from safety.risk import Risk
from store.errors import StoreError
from tests.desk.channels.slack.conftest import ADDRESS, CONTACT, RISK, SOFT, House
from tests.desk.channels.slack.posting import (
    DIRECT,
    OURS,
    PUBLIC,
    USER,
    edit,
    envelope,
    mention,
    message,
    signed,
)

CRISIS = Screening(Risk("S4", "T0", "test"))


async def test_the_challenge_of_an_address_is_echoed(house: House) -> None:
    answer = await house.post.json(
        {"type": "url_verification", "challenge": "3eZbrw1a", "token": "t"}
    )
    assert (answer.status, answer.text) == (200, "3eZbrw1a")


async def test_a_direct_message_is_taken_and_acknowledged(house: House) -> None:
    event = message("how much is it")
    answer = await house.post.event(event)
    assert (answer.status, answer.text) == (200, "")
    taken = house.arrivals[0]
    assert taken.text == "how much is it"
    assert taken.platform_id == f"{DIRECT}:{event['ts']}"
    assert taken.address == ADDRESS
    assert taken.notes == {}


async def test_one_person_is_the_same_in_messages_mentions_and_commands(house: House) -> None:
    await house.post.event(message())
    await house.post.event(mention(RISK))
    assert len({each.sender for each in house.arrivals}) == 1


async def test_a_person_is_the_same_in_two_workspaces_of_an_organization(house: House) -> None:
    await house.post.event(message())
    await house.post.json({**envelope(message()), "team_id": "T2"})
    assert len({each.sender for each in house.arrivals}) == 1


async def test_two_people_are_two(house: House) -> None:
    await house.post.event(message())
    await house.post.event(message(user="U8", channel="D8"))
    assert len({each.sender for each in house.arrivals}) == 2


async def test_a_content_type_with_a_charset_is_taken(house: House) -> None:
    raw = json.dumps(envelope(message())).encode()
    await house.post.raw("events", raw, "application/json; charset=utf-8")
    assert len(house.arrivals) == 1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("is it &lt; 3 hours &amp; free?", "is it < 3 hours & free?"),
        ("&amp;lt;", "&lt;"),
        ("see <https://example.org/a?b=1&amp;c=2>", "see https://example.org/a?b=1&c=2"),
        ("see <https://example.org|the site>", "see the site"),
        ("mail <mailto:a@example.org|a@example.org>", "mail a@example.org"),
        ("call <tel:+12135550142|213-555-0142>", "call 213-555-0142"),
        ("<@U123> and <@U124|ann> want to know", "and want to know"),
        ("in <#C123|general> and <#C124|>", "in #general and"),
        ("<!here> hello <!subteam^S1> all", "@here hello all"),
        ("on <!date^1392734382^{date}|Feb 18>", "on Feb 18"),
        ("*bold* _words_", "*bold* _words_"),
        ("two\nlines", "two\nlines"),
        ("a < b", "a < b"),
        ("<>", "<>"),
        ("<@ i want to die>", "<@ i want to die>"),
    ],
)
async def test_slacks_markup_is_read_as_the_words_it_shows(
    house: House, written: str, read: str
) -> None:
    await house.post.event(message(written))
    assert house.texts == [read]


@pytest.mark.parametrize("subtype", ["me_message", "thread_broadcast"])
async def test_other_ways_to_write_are_words_too(house: House, subtype: str) -> None:
    await house.post.event(message(subtype=subtype))
    assert len(house.arrivals) == 1


async def test_words_in_a_thread_are_answered_like_others(house: House) -> None:
    await house.post.event(message(thread_ts="1690000000.000001"))
    assert house.arrivals[0].address == ADDRESS


@pytest.mark.parametrize(
    "event",
    [
        message(bot_id="B1"),
        message(subtype="bot_message", bot_id="B1"),
        message(bot_profile={"id": "B1"}),
        message(user=OURS),
        message(user="USLACKBOT"),
        message(subtype="message_deleted", hidden=True, deleted_ts="1.1"),
        message(subtype="channel_join"),
        message(subtype="im_created"),
        message(hidden=True),
        message(subtype="tombstone"),
        {"type": "reaction_added", "user": USER, "item": {}},
        {"type": "app_home_opened", "user": USER, "channel": DIRECT},
        {"type": "message", "channel": DIRECT, "channel_type": "im"},
        {"type": "message", "channel": 7, "user": [], "ts": None, "channel_type": "im"},
    ],
    ids=lambda event: str(event.get("subtype") or event.get("type")),
)
async def test_what_is_no_persons_words_is_acknowledged_and_ignored(
    house: House, event: dict[str, Any]
) -> None:
    assert (await house.post.event(event)).status == 200
    await house.channel.settle()
    assert house.arrivals == []
    assert house.slack.calls == []


async def test_a_file_without_words_is_answered_kindly_and_never_fetched(house: House) -> None:
    files = [{"id": "F1", "url_private": "https://files.slack.com/x", "name": "me.jpg"}]
    await house.post.event(message("", subtype="file_share", files=files))
    meant = house.channel.read(house.arrivals[0], CONTACT, NOTHING)
    assert meant.lines == (Line("sms_media"),)
    assert meant.text == "[picture or file]"
    assert "files.slack.com" not in json.dumps(house.arrivals[0].plain())
    assert house.slack.calls == []


async def test_words_beside_a_file_are_answered_and_the_file_is_spoken_of_after(
    house: House,
) -> None:
    await house.post.event(message("my card", subtype="file_share", files=[{"id": "F1"}]))
    meant = house.channel.read(house.arrivals[0], CONTACT, NOTHING)
    assert (meant.text, meant.lines, meant.after) == ("my card", (), (Line("sms_media"),))


async def test_files_are_not_kept_for_deletion_since_they_are_their_owners(house: House) -> None:
    await house.post.event(message("", subtype="file_share", files=[{"id": "F1"}]))
    assert house.arrivals[0].media == ()
    await house.channel.delete_media(["F1"])
    assert house.slack.calls == []


async def test_an_edit_is_screened_and_logged_but_not_answered_again(house: House) -> None:
    await house.post.event(edit("how much is it really"))
    meant = house.channel.read(house.arrivals[0], CONTACT, NOTHING)
    assert (meant.text, meant.silent) == ("how much is it really", True)


async def test_an_edit_into_words_of_risk_is_answered_with_resources_alone(house: House) -> None:
    await house.post.event(edit(RISK))
    meant = house.channel.read(house.arrivals[0], CONTACT, CRISIS)
    # What is silent is answered with crisis resources, where there is a risk, or nothing.
    assert (meant.text, meant.silent, meant.button) == (RISK, True, None)


async def test_two_edits_of_one_message_are_two(house: House) -> None:
    first = edit("one")
    second = {**edit("two"), "message": {**edit("two")["message"], "ts": first["message"]["ts"]}}
    await house.post.event(first)
    await house.post.event(second)
    assert house.texts == ["one", "two"]


async def test_a_preview_that_slack_adds_to_a_link_is_no_edit(house: House) -> None:
    await house.post.event(edit("see https://example.org", before="see https://example.org"))
    assert house.arrivals == []


async def test_our_own_mended_message_is_no_edit_of_a_person(house: House) -> None:
    event = edit("It depends. ✓ Cost")
    event["message"]["bot_id"] = "B1"
    await house.post.event(event)
    assert house.arrivals == []


async def test_a_mention_is_answered_with_a_hint_that_only_its_writer_sees(house: House) -> None:
    await house.post.event(mention("how much is it"))
    await house.channel.settle()
    hint = house.slack.ephemeral[0]
    assert (hint["channel"], hint["user"]) == (PUBLIC, USER)
    assert "direct message" in hint["text"]
    assert "988" in hint["text"]
    assert house.arrivals == []
    assert house.slack.posted == []


async def test_a_mention_in_a_thread_gets_its_hint_there(house: House) -> None:
    await house.post.event(mention(thread_ts="1690000000.000001"))
    await house.channel.settle()
    assert house.slack.ephemeral[0]["thread_ts"] == "1690000000.000001"


async def test_a_mention_that_comes_as_a_message_too_gets_one_hint(house: House) -> None:
    first = mention()
    await house.post.event(first)
    await house.post.event({**first, "type": "message", "channel_type": "channel"})
    await house.channel.settle()
    assert len(house.slack.ephemeral) == 1


async def test_each_mention_gets_its_hint(house: House) -> None:
    await house.post.event(mention())
    await house.post.event(mention())
    await house.channel.settle()
    assert len(house.slack.ephemeral) == 2


@pytest.mark.parametrize("kind", ["channel", "group", "mpim"])
async def test_who_talks_beside_us_in_a_channel_is_hinted_once(house: House, kind: str) -> None:
    await house.post.event(message("hi all", channel=PUBLIC, channel_type=kind))
    await house.post.event(message("hello again", channel=PUBLIC, channel_type=kind))
    await house.channel.settle()
    assert len(house.slack.ephemeral) == 1
    assert house.arrivals == []


@pytest.mark.parametrize("text", [RISK, SOFT])
async def test_a_mention_of_risk_is_answered_in_the_persons_direct_messages(
    house: House, text: str
) -> None:
    await house.post.event(mention(text))
    await house.channel.settle()
    taken = house.arrivals[0]
    assert taken.text == text
    assert taken.address == {**ADDRESS, "channel": ""}
    assert house.channel.read(taken, CONTACT, CRISIS).silent
    assert len(house.slack.ephemeral) == 1


async def test_words_of_risk_beside_us_in_a_channel_are_answered_in_direct_messages(
    house: House,
) -> None:
    await house.post.event(message(RISK, channel=PUBLIC, channel_type="channel"))
    assert house.arrivals[0].address["channel"] == ""


async def test_a_channel_message_that_is_edited_into_risk_is_answered_in_direct_messages(
    house: House,
) -> None:
    await house.post.event(edit(RISK, channel=PUBLIC, channel_type="channel"))
    await house.channel.settle()
    assert house.arrivals[0].address["channel"] == ""
    assert house.slack.ephemeral == []


async def test_a_hint_that_slack_refuses_costs_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.slack.next = ["not_in_channel"]
    assert (await house.post.event(mention("my secret words"))).status == 200
    await house.channel.settle()
    assert "not_in_channel" in caplog.text
    assert "secret" not in caplog.text
    assert USER not in caplog.text


async def test_held_back_events_are_acknowledged_and_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1518467820}
    assert (await house.post.json(body)).status == 200
    assert "30,000" in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        [],
        "event_callback",
        {},
        {"type": "unheard_of"},
        {"type": "url_verification"},
        {"type": "event_callback", "event_id": "Ev1"},
        {"type": "event_callback", "event_id": "Ev1", "event": []},
        {"type": "event_callback", "event": {"type": "message"}},
        {"type": ["event_callback"]},
    ],
)
async def test_a_body_that_is_none_of_slacks_is_refused(house: House, body: Any) -> None:
    answer = await house.post.json(body)
    assert answer.status == 400
    assert answer.headers["X-Slack-No-Retry"] == "1"


async def test_broken_json_is_refused(house: House) -> None:
    answer = await house.post.raw("events", b"{broken", "application/json")
    assert answer.status == 400


async def test_an_event_as_a_form_is_refused(house: House) -> None:
    raw = json.dumps(envelope(message())).encode()
    answer = await house.post.raw("events", raw, "application/x-www-form-urlencoded")
    assert answer.status == 400


async def test_what_could_not_be_taken_is_taken_when_it_comes_again(house: House) -> None:
    event = message()
    house.taker.trouble = StoreError("down")
    assert (await house.post.event(event, "Ev1")).status == 500
    house.taker.trouble = None
    assert (await house.post.event(event, "Ev1")).status == 200
    assert len(house.arrivals) == 1


async def test_a_request_that_is_played_back_does_nothing(house: House) -> None:
    raw = json.dumps(envelope(message())).encode()
    headers = {**signed(raw), "Content-Type": "application/json"}
    await house.post.raw("events", raw, "application/json", headers)
    again = await house.post.raw("events", raw, "application/json", headers)
    assert again.status == 200
    assert len(house.arrivals) == 1


async def test_a_mention_that_is_played_back_gets_no_second_hint(house: House) -> None:
    event = mention()
    await house.post.event(event, "Ev1")
    await house.post.event(event, "Ev1")
    await house.channel.settle()
    assert len(house.slack.ephemeral) == 1


async def test_an_address_without_a_channel_behind_it_is_not_found(house: House) -> None:
    # The routes stand only where the channel is set up; a desk that is ending has none.
    url = house.post.url.replace("slack", "other")
    async with house.post.http.post(f"{url}/events") as answer:
        assert answer.status == 404
