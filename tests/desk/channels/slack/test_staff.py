from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from desk.channels.contract import NotSentError
from desk.channels.slack.api import Slack
from desk.channels.slack.config import SlackConfig
from desk.channels.slack.events import Spoken
from desk.channels.slack.staff import StaffThreads
from tests.desk.channels.slack.conftest import RISK, STAFF, House
from tests.desk.channels.slack.posting import OURS, edit, mention, message
from tests.desk.channels.slack.server import SlackServer

CONSOLE = "https://console.example.org/conversations/c1"


@pytest.fixture
def config(config: SlackConfig) -> SlackConfig:
    return replace(config, staff_channel=STAFF, baa=True)


@pytest.fixture
async def without(config: SlackConfig) -> AsyncIterator[StaffThreads]:
    """Threads of a center whose agreement does not cover people's words there."""
    slack = Slack(config)
    yield StaffThreads(replace(config, baa=False), slack)
    await slack.close()


async def waits(house: House, conversation: str = "c1") -> str:
    assert house.channel.threads is not None
    receipt = await house.channel.threads.post_handoff(conversation, "asked for a person", CONSOLE)
    assert receipt.provider_id
    return receipt.provider_id


def reply(thread: str, text: str = "I will call you", **more: Any) -> dict[str, Any]:
    return message(text, channel=STAFF, channel_type="group", thread_ts=thread, user="U8", **more)


async def test_staff_are_told_that_somebody_waits_with_a_link(house: House) -> None:
    await waits(house)
    said = house.slack.messages[STAFF][0]
    assert said["text"] == f"Somebody waits: asked for a person, <{CONSOLE}|open in the console>"


async def test_without_the_agreement_staff_are_told_that_somebody_waits(
    without: StaffThreads, slack: SlackServer
) -> None:
    await without.post_handoff("c1", "asked for a person", CONSOLE)
    assert len(slack.messages[STAFF]) == 1


async def test_without_the_agreement_words_do_not_reach_staffs_channel(
    without: StaffThreads, slack: SlackServer
) -> None:
    await without.post_handoff("c1", "asked for a person", CONSOLE)
    assert await without.post_words("c1", "my secret words") is False
    assert len(slack.messages[STAFF]) == 1


async def test_without_the_agreement_staffs_replies_go_nowhere(
    config: SlackConfig, slack: SlackServer
) -> None:
    relayed = []

    async def relay(*what: str) -> None:
        relayed.append(what)

    client = Slack(config)
    threads = StaffThreads(replace(config, baa=False), client, relay)
    thread = (await threads.post_handoff("c1", "asked for a person", CONSOLE)).provider_id
    await threads.heard(Spoken("T1", STAFF, "U8", "1.2", "hello", direct=False, thread=thread))
    await client.close()
    assert relayed == []


async def test_a_reason_cannot_call_everybody(house: House) -> None:
    assert house.channel.threads is not None
    await house.channel.threads.post_handoff("c1", "<!channel>", CONSOLE)
    assert "&lt;!channel&gt;" in house.slack.posted[0]["text"]


async def test_what_slack_does_not_take_is_said(house: House) -> None:
    house.slack.next = ["not_in_channel"]
    with pytest.raises(NotSentError):
        await waits(house)


async def test_a_persons_words_are_put_into_their_thread(house: House) -> None:
    thread = await waits(house)
    assert house.channel.threads is not None
    assert await house.channel.threads.post_words("c1", "hello <!channel> *you*") is True
    said = house.slack.messages[STAFF][1]
    assert said["thread_ts"] == thread
    assert said["blocks"][0]["text"] == {
        "type": "plain_text",
        "text": "hello <!channel> *you*",
        "emoji": False,
    }
    assert said["text"] == "hello &lt;!channel&gt; *you*"


async def test_a_person_without_a_thread_is_spoken_of_nowhere(house: House) -> None:
    assert house.channel.threads is not None
    assert await house.channel.threads.post_words("c9", "hello") is False
    assert house.slack.posted == []


async def test_a_thread_of_an_earlier_desk_is_found_again(
    house: House, config: SlackConfig
) -> None:
    thread = await waits(house)
    slack = Slack(config)
    assert await StaffThreads(config, slack).post_words("c1", "hello") is True
    await slack.close()
    assert house.slack.messages[STAFF][1]["thread_ts"] == thread


async def test_a_reply_of_staff_in_a_thread_reaches_the_person(house: House) -> None:
    thread = await waits(house)
    await house.post.event(reply(thread))
    assert house.relayed == [("c1", "U8", "I will call you")]


async def test_a_reply_in_a_thread_of_an_earlier_desk_reaches_the_person(house: House) -> None:
    thread = await waits(house)
    assert house.channel.threads is not None
    house.channel.threads._threads.clear()
    await house.post.event(reply(thread))
    assert house.relayed == [("c1", "U8", "I will call you")]


async def test_a_reply_that_slack_sends_twice_reaches_the_person_once(house: House) -> None:
    event = reply(await waits(house))
    await house.post.event(event)
    await house.post.event(event)
    assert len(house.relayed) == 1


async def test_a_reply_whose_thread_slack_did_not_name_is_sent_again(house: House) -> None:
    event = reply(await waits(house))
    assert house.channel.threads is not None
    house.channel.threads._threads.clear()
    house.slack.next = ["internal_error"]
    assert (await house.post.event(event)).status == 503
    assert (await house.post.event(event)).status == 200
    assert len(house.relayed) == 1


async def test_a_reply_of_a_bot_goes_nowhere(house: House) -> None:
    thread = await waits(house)
    await house.post.event(reply(thread, bot_id="B1"))
    await house.post.event({**reply(thread), "user": OURS})
    assert house.relayed == []


async def test_talk_beside_the_threads_goes_nowhere(house: House) -> None:
    await waits(house)
    await house.post.event(message("lunch?", channel=STAFF, channel_type="group", user="U8"))
    assert house.relayed == []


async def test_a_thread_about_something_else_goes_nowhere(house: House) -> None:
    await waits(house)
    await house.post.event(reply("1690000000.000009"))
    assert house.relayed == []


async def test_a_mended_reply_is_not_sent_a_second_time(house: House) -> None:
    thread = await waits(house)
    event = edit("I will write", channel=STAFF, channel_type="group")
    event["message"]["thread_ts"] = thread
    await house.post.event(event)
    assert house.relayed == []


@pytest.mark.parametrize("event", [message(RISK, channel=STAFF), mention(RISK, channel=STAFF)])
async def test_staff_who_speak_of_a_risk_are_not_taken_for_the_person(
    house: House, event: dict[str, Any]
) -> None:
    await house.post.event({**event, "channel_type": "group"})
    await house.channel.settle()
    assert house.arrivals == []
    assert house.slack.ephemeral == []
