from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from desk.channels.contract import NotSentError, Receipt, Rendered
from desk.channels.slack.channel import SlackChannel
from desk.channels.slack.config import SlackConfig
from desk.inbound import Line
from desk.lines import Lines
from desk.screening import NOTHING
from store.records import Message
from tests.desk.channels.slack.conftest import ADDRESS, CONTACT, House, Taker, screen
from tests.desk.channels.slack.posting import DIRECT, USER, message
from tests.desk.channels.slack.server import SlackServer

UNKNOWN_PLACE = {**ADDRESS, "channel": ""}
SAID = Message(1, "bot", "answer", "It depends.", 5)


def rendered(house: House, said: Message = SAID) -> Rendered:
    return house.channel.render(said, CONTACT)


async def sent(house: House, mark: str = "c.1") -> Receipt:
    return await house.channel.send(ADDRESS, rendered(house), mark)


async def refused(house: House, *trouble: str) -> NotSentError:
    house.slack.next = list(trouble)
    with pytest.raises(NotSentError) as found:
        await sent(house)
    return found.value


async def test_a_message_is_posted_to_the_direct_messages(house: House) -> None:
    receipt = await sent(house)
    posted = house.slack.messages[DIRECT][0]
    assert receipt.provider_id == posted["ts"]
    assert posted["text"] == "It depends."


async def test_a_message_carries_a_mark_and_unfolds_no_links(house: House) -> None:
    await sent(house, "c.77")
    posted = house.slack.posted[0]
    assert posted["metadata"] == {"event_type": "iop_message", "event_payload": {"mark": "c.77"}}
    assert posted["unfurl_links"] is False
    assert posted["unfurl_media"] is False


async def test_no_legacy_parameter_is_sent(house: House) -> None:
    await sent(house)
    assert "as_user" not in house.slack.of("chat.postMessage")[0]


async def test_direct_messages_are_opened_where_they_are_not_known(house: House) -> None:
    await house.channel.send(UNKNOWN_PLACE, rendered(house), "c.1")
    assert house.slack.of("conversations.open") == [{"users": USER}]
    assert len(house.slack.messages[f"D{USER[1:]}"]) == 1


async def test_direct_messages_are_opened_once(house: House) -> None:
    await house.channel.send(UNKNOWN_PLACE, rendered(house), "c.1")
    await house.channel.send(UNKNOWN_PLACE, rendered(house), "c.2")
    assert len(house.slack.of("conversations.open")) == 1


async def test_direct_messages_that_cannot_be_opened_have_taken_nothing(house: House) -> None:
    house.slack.next = ["internal_error"]
    with pytest.raises(NotSentError) as found:
        await house.channel.send(UNKNOWN_PLACE, rendered(house), "c.1")
    assert (found.value.again, found.value.maybe) == (True, False)
    assert house.slack.posted == []


async def test_a_limit_is_tried_again_after_the_seconds_that_slack_asks_for(house: House) -> None:
    problem = await refused(house, "429")
    assert (problem.again, problem.maybe, problem.after) == (True, False, 7.0)


async def test_a_limit_without_a_number_is_tried_again(house: House) -> None:
    house.slack.after = "soon"
    problem = await refused(house, "429")
    assert (problem.again, problem.after) == (True, None)


async def test_a_limit_that_stands_in_the_answer_is_one_too(house: House) -> None:
    problem = await refused(house, "ratelimited")
    assert (problem.again, problem.maybe) == (True, False)


@pytest.mark.parametrize(
    "code",
    [
        "channel_not_found",
        "is_archived",
        "invalid_auth",
        "account_inactive",
        "not_in_channel",
        "token_revoked",
        "missing_scope",
        "msg_too_long",
        "invalid_blocks",
        "restricted_action",
        "user_not_found",
    ],
)
async def test_what_slack_refuses_for_good_is_not_tried_again(house: House, code: str) -> None:
    problem = await refused(house, code)
    assert (problem.code, problem.again, problem.maybe) == (code, False, False)


@pytest.mark.parametrize(
    "code", ["internal_error", "fatal_error", "service_unavailable", "500", "502", "503"]
)
async def test_when_slack_breaks_it_may_have_been_taken(house: House, code: str) -> None:
    problem = await refused(house, code)
    assert (problem.code, problem.again, problem.maybe) == (code, True, True)


async def test_a_slow_answer_may_be_of_a_message_that_was_taken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.channels.calling.LIMIT", 0.05)
    problem = await refused(house, "slow")
    assert (problem.code, problem.again, problem.maybe) == ("timeout", True, True)


@pytest.mark.parametrize("trouble", ["cut", "lost"])
async def test_a_cut_connection_may_be_of_a_message_that_was_taken(
    house: House, trouble: str
) -> None:
    problem = await refused(house, trouble)
    assert (problem.again, problem.maybe) == (True, True)


async def test_a_slack_that_cannot_be_reached_has_taken_nothing(
    house: House, config: SlackConfig, lines: Lines, unused_tcp_port: int
) -> None:
    away = replace(config, api_url=f"http://127.0.0.1:{unused_tcp_port}/api/")
    channel = SlackChannel(away, Taker().take, screen, lines)
    with pytest.raises(NotSentError) as found:
        await channel.send(ADDRESS, rendered(house), "c.1")
    await channel.close()
    assert (found.value.again, found.value.maybe) == (True, False)


async def test_a_redirect_is_not_followed_with_words_and_token(house: House) -> None:
    problem = await refused(house, "307")
    assert problem.again is False
    assert len(house.slack.calls) == 1


async def test_an_error_says_a_code_and_no_words(house: House) -> None:
    house.slack.next = ["channel_not_found"]
    said = replace(SAID, text="secret words")
    with pytest.raises(NotSentError) as found:
        await house.channel.send(ADDRESS, rendered(house, said), "c.1")
    assert str(found.value) == "channel_not_found"


async def test_a_message_whose_answer_was_lost_is_found(house: House) -> None:
    await refused(house, "lost")
    found = await house.channel.find(ADDRESS, rendered(house), "c.1", 5)
    assert [each.provider_id for each in found] == [house.slack.posted[0]["ts"]]


async def test_a_message_that_was_never_taken_is_not_found(house: House) -> None:
    await sent(house, "c.1")
    await refused(house, "cut")
    assert await house.channel.find(ADDRESS, rendered(house), "c.2", 5) == []


async def test_messages_before_the_moment_are_not_looked_at(house: House) -> None:
    await sent(house)
    later = int(float(house.slack.posted[0]["ts"]) * 1000) + 120_000
    assert await house.channel.find(ADDRESS, rendered(house), "c.1", later) == []


async def test_a_slack_whose_clock_is_behind_hides_nothing(house: House) -> None:
    await sent(house)
    later = int(float(house.slack.posted[0]["ts"]) * 1000) + 30_000
    assert len(await house.channel.find(ADDRESS, rendered(house), "c.1", later)) == 1


async def test_a_message_is_found_on_a_later_page(house: House) -> None:
    await sent(house, "c.1")
    await sent(house, "c.2")
    await sent(house, "c.3")
    house.slack.page = 1
    assert len(await house.channel.find(ADDRESS, rendered(house), "c.1", 5)) == 1


async def test_a_message_that_came_through_late_is_not_sent_again(house: House) -> None:
    await refused(house, "lost")
    receipt = await sent(house)
    assert receipt.provider_id == house.slack.posted[0]["ts"]
    assert len(house.slack.posted) == 1


async def test_a_message_that_did_not_come_through_is_sent_again(house: House) -> None:
    await refused(house, "cut")
    await sent(house)
    assert len(house.slack.posted) == 1


async def test_a_message_in_doubt_waits_until_slack_says_where_it_is(house: House) -> None:
    await refused(house, "lost")
    assert (await refused(house, "500")).again
    await sent(house)
    assert len(house.slack.posted) == 1


async def test_a_message_that_cannot_be_looked_for_is_sent_rather_twice_than_not(
    house: House,
) -> None:
    await refused(house, "cut")
    house.slack.next = ["missing_scope"]
    await sent(house)
    assert len(house.slack.posted) == 1


async def test_marks_of_others_are_not_ours(house: House) -> None:
    await sent(house)
    house.slack.posted[0]["metadata"]["event_type"] = "another_apps"
    assert await house.channel.find(ADDRESS, rendered(house), "c.1", 5) == []


async def test_a_slack_that_does_not_say_is_told_apart_from_one_without_the_message(
    house: House,
) -> None:
    house.slack.next = ["500"]
    with pytest.raises(NotSentError):
        await house.channel.find(ADDRESS, rendered(house), "c.1", 5)


async def test_many_messages_at_once_all_leave(house: House) -> None:
    await asyncio.gather(*(sent(house, f"c.{n}") for n in range(20)))
    assert len(house.slack.posted) == 20


def test_the_notice_is_said_once(house: House) -> None:
    assert house.channel.notice(CONTACT) == Line("slack_notice")
    assert house.channel.notice(replace(CONTACT, told=True)) is None


def test_the_notice_says_what_slack_is(lines: Lines) -> None:
    text = lines.say("slack_notice", channel="slack").text
    assert "automated" in text
    assert "Slack stores" in text
    assert "no one watches" in text
    assert "988" in text


def test_a_message_leaves_at_any_hour_and_to_everybody(house: House) -> None:
    assert house.channel.leaves_at(SAID, 0, 77) == 77
    assert house.channel.may_leave(SAID, replace(CONTACT, opted_out=True))


async def test_more_is_answered_with_the_rest_of_a_long_message(house: House) -> None:
    contact = replace(CONTACT, rest="the rest")
    await house.post.event(message("More."))
    meant = house.channel.read(house.arrivals[0], contact, NOTHING)
    assert meant.lines == (Line("sms_more", text="the rest"),)


async def test_more_is_a_word_like_others_where_nothing_waits(house: House) -> None:
    await house.post.event(message("More."))
    assert house.channel.read(house.arrivals[0], CONTACT, NOTHING).lines == ()


async def test_ending_ends_what_waits_for_slack(house: House, slack: SlackServer) -> None:
    slack.next = ["slow"]
    task = asyncio.create_task(sent(house))
    while not slack.calls:
        await asyncio.sleep(0)
    await house.channel.close()
    with pytest.raises((NotSentError, RuntimeError)):
        await task
