"""From Slack's request to Slack's API, with the real mailroom, turns, postman and database."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import pytest

from desk.app import build_app
from desk.channels.slack.channel import SlackChannel
from desk.channels.slack.config import SlackConfig
from desk.channels.slack.routes import routes
from desk.parts import Desk, load_parts
from desk.settings import Settings
from store import staff_messages
from tests.desk.brain_server import BrainServer, reading, reply
from tests.desk.channels.slack.posting import (
    DIRECT,
    SECRET,
    USER,
    Poster,
    command,
    edit,
    mention,
    message,
    presses,
)
from tests.desk.channels.slack.server import BOT, SlackServer
from tests.desk.conftest import CRISIS, Running
from tests.desk.serving import serving_app

OPENED = f"D{USER[1:]}"


@pytest.fixture(autouse=True)
def _patient_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the log be slow: a busy machine must not make the desk give up on it."""
    monkeypatch.setattr("desk.keeping.LIMIT", 20.0)
    monkeypatch.setattr("desk.channels.mailroom._LIMIT", 20.0)


@dataclass
class Whole:
    """A desk that is reached by Slack."""

    running: Running
    channel: SlackChannel
    post: Poster
    slack: SlackServer

    @property
    def desk(self) -> Desk:
        return self.running.desk

    async def settle(self) -> list[dict[str, Any]]:
        """Wait until all is handled and sent; return what stands in the direct messages."""
        await self.desk.mailroom.settle()
        await self.desk.postman.settle()
        await self.channel.settle()
        return self.slack.messages.get(DIRECT, [])

    async def says(self, text: str = "how much is it") -> list[dict[str, Any]]:
        answer = await self.post.event(message(text))
        assert answer.status == 200
        return await self.settle()

    async def again(self) -> None:
        """Send what is to be tried again, without the pause before it."""
        self.running.write("update deliveries set due_at = 0 where state = 'waiting'")
        await self.desk.postman.deliver_due()
        await self.settle()


@pytest.fixture
async def whole(
    settings: Settings, config: SlackConfig, slack: SlackServer
) -> AsyncIterator[Whole]:
    parts = load_parts(settings)
    app = build_app(parts, f"desk-{uuid.uuid4().hex}")
    app.blueprint(routes())
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serving_app(app, listener), aiohttp.ClientSession() as http:
        desk = app.ctx.desk
        channel = SlackChannel(config, desk.mailroom.take, desk.screener.screen, desk.lines)
        # Mailroom and postman hold the same mapping.
        cast(dict[str, Any], desk.channels)["slack"] = channel
        running = Running(desk, parts, url, http, app)
        yield Whole(running, channel, Poster(url, http), slack)


def texts(posted: list[dict[str, Any]]) -> list[str]:
    return [each["text"] for each in posted]


async def test_a_question_is_answered_with_buttons_and_then_the_notice(whole: Whole) -> None:
    answer, notice = await whole.says()
    assert answer["text"] == "It depends."
    assert [block["type"] for block in answer["blocks"]] == ["section", "actions"]
    assert "Slack stores what you write" in notice["text"]


async def test_the_notice_is_said_after_the_first_answer_alone(whole: Whole) -> None:
    await whole.says()
    posted = await whole.says("and what is it")
    assert sum("Slack stores" in text for text in texts(posted)) == 1


async def test_a_chosen_button_is_answered_and_its_message_mended(
    whole: Whole, brain: BrainServer
) -> None:
    posted = (await whole.says())[0]
    brain.replies = [reply("insurance_coverage", "We take some plans.")]
    await whole.post.press(presses(posted))
    shown = await whole.settle()
    assert texts(shown)[-1] == "We take some plans."
    assert shown[0]["blocks"][-1]["elements"][0]["text"] == "✓ Insurance"


async def test_a_double_click_asks_the_brain_once(whole: Whole, brain: BrainServer) -> None:
    posted = (await whole.says())[0]
    await asyncio.gather(whole.post.press(presses(posted)), whole.post.press(presses(posted)))
    await whole.settle()
    assert len(brain.turns) == 2


async def test_a_message_that_comes_under_two_event_ids_is_answered_once(
    whole: Whole, brain: BrainServer
) -> None:
    event = message()
    await asyncio.gather(*(whole.post.event(event) for _ in range(4)))
    await whole.settle()
    assert len(brain.turns) == 1


async def test_a_press_after_a_new_start_of_the_desk_is_still_the_same(
    whole: Whole, brain: BrainServer
) -> None:
    posted = (await whole.says())[0]
    await whole.post.press(presses(posted))
    await whole.settle()
    whole.channel._chosen.discard(f"{DIRECT}:{posted['ts']}")
    whole.desk.mailroom._seen.clear()
    posted = {**posted, "blocks": [*posted["blocks"], {"type": "actions", "elements": [
        {"type": "button", "action_id": "choice:0", "value": "insurance_coverage",
         "text": {"type": "plain_text", "text": "Insurance"}}]}]}  # fmt: skip
    await whole.post.press(presses(posted))
    await whole.settle()
    assert len(brain.turns) == 2


async def test_slack_is_answered_while_the_brain_still_thinks(
    whole: Whole, brain: BrainServer
) -> None:
    brain.gate.clear()
    answer = await whole.post.event(message())
    assert answer.status == 200
    assert whole.slack.posted == []
    brain.gate.set()
    assert len(await whole.settle()) == 2


async def test_a_crisis_is_answered_with_resources_before_the_brain_speaks(
    whole: Whole, brain: BrainServer
) -> None:
    brain.gate.clear()
    await whole.post.event(message(CRISIS))
    while not whole.slack.posted:
        await asyncio.sleep(0.01)
    assert "988" in whole.slack.posted[0]["text"]
    brain.gate.set()
    await whole.settle()
    assert whole.running.rows("select kind from alerts")[0][0] == "crisis"


async def test_a_crisis_in_a_channel_is_answered_where_the_person_alone_sees_it(
    whole: Whole,
) -> None:
    await whole.post.event(mention(CRISIS))
    await whole.settle()
    assert list(whole.slack.messages) == [OPENED]
    assert "988" in whole.slack.messages[OPENED][0]["text"]
    assert whole.running.rows("select kind from alerts")[0][0] == "crisis"


async def test_a_question_in_a_channel_is_not_answered_and_not_kept(
    whole: Whole, brain: BrainServer
) -> None:
    await whole.post.event(mention("how much is it"))
    await whole.settle()
    assert whole.slack.posted == []
    assert len(whole.slack.ephemeral) == 1
    assert brain.calls == []
    assert whole.running.rows("select * from messages") == []


async def test_an_edit_without_risk_is_logged_and_not_answered(whole: Whole) -> None:
    await whole.says()
    before = len(whole.slack.posted)
    await whole.post.event(edit("how much is it really"))
    await whole.settle()
    assert len(whole.slack.posted) == before
    words = whole.running.rows("select text from messages where sender = 'visitor'")
    assert [row[0] for row in words] == ["how much is it", "how much is it really"]


async def test_an_edit_into_a_crisis_is_answered_with_resources_and_nothing_else(
    whole: Whole, brain: BrainServer
) -> None:
    await whole.post.event(edit(CRISIS))
    posted = await whole.settle()
    assert "988" in posted[0]["text"]
    assert brain.turns == []
    assert whole.running.rows("select kind from alerts")[0][0] == "crisis"


async def test_a_command_is_answered_in_direct_messages(whole: Whole) -> None:
    answer = await whole.post.command(command())
    await whole.settle()
    assert "direct message" in answer.text
    assert "It depends." not in answer.text
    assert texts(whole.slack.messages[OPENED])[0] == "It depends."


async def test_a_command_and_a_message_are_one_conversation(whole: Whole) -> None:
    await whole.says()
    await whole.post.command(command())
    await whole.settle()
    assert len(whole.running.rows("select * from conversations")) == 1


async def test_a_picture_gets_a_kind_line_and_the_brain_is_not_asked(
    whole: Whole, brain: BrainServer
) -> None:
    await whole.post.event(message("", subtype="file_share", files=[{"id": "F1"}]))
    posted = await whole.settle()
    assert "can't open pictures" in posted[0]["text"]
    assert brain.turns == []


async def test_a_message_whose_answer_was_lost_is_not_sent_twice(whole: Whole) -> None:
    whole.slack.next = ["lost"]
    posted = await whole.says()
    await whole.again()
    assert texts(posted).count("It depends.") == 1
    states = whole.running.rows("select state, provider_id from deliveries order by seq")
    assert (states[0][0], states[0][1]) == ("sent", posted[0]["ts"])


@pytest.mark.parametrize("trouble", ["500", "429", "cut", "internal_error"])
async def test_a_message_that_slack_did_not_take_is_sent_later(whole: Whole, trouble: str) -> None:
    whole.slack.next = [trouble]
    await whole.says()
    await whole.again()
    assert texts(whole.slack.posted).count("It depends.") == 1


async def test_a_message_that_slack_refuses_is_shown_as_failed(whole: Whole) -> None:
    whole.slack.next = ["channel_not_found"]
    await whole.says()
    await whole.again()
    row = whole.running.rows("select state, trouble from deliveries order by seq")[0]
    assert tuple(row) == ("failed", "channel_not_found")
    assert "It depends." not in texts(whole.slack.posted)


async def test_resources_that_slack_did_not_take_alarm_staff(whole: Whole) -> None:
    whole.slack.next = ["account_inactive"]
    await whole.says(CRISIS)
    kinds = {row[0] for row in whole.running.rows("select kind from alerts")}
    assert "unreachable" in kinds


async def test_an_answer_of_staff_reaches_the_person_under_their_name(whole: Whole) -> None:
    await whole.says()
    conversation = whole.running.rows("select id from conversations")[0][0]
    at = time.time_ns() // 1_000_000
    whole.running.write(
        "insert into staff (id, name, email, role, password, created_at) "
        f"values ('s1', 'Ann', 'a@example.org', 'agent', 'x', {at})"
    )
    await whole.desk.database.write(
        lambda c: staff_messages.send(c, conversation, "s1", "I am here.", at, client_id="x1")
    )
    await whole.again()
    assert texts(whole.slack.posted)[-1] == "Ann: I am here."


async def test_no_words_ids_or_tokens_are_logged(
    whole: Whole, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "desk")
    whole.slack.next = ["500"]
    await whole.says("my secret words")
    await whole.post.event(mention("my secret words"))
    await whole.post.raw("events", b"{}", "application/json", {"X-Slack-Signature": "v0=00"})
    await whole.settle()
    for secret in ("secret words", USER, DIRECT, BOT, SECRET):
        assert secret not in caplog.text


async def test_people_are_kept_by_a_keyed_hash_and_not_by_their_ids(whole: Whole) -> None:
    await whole.says()
    row = whole.running.rows("select conversation_id, digest from contacts")[0]
    assert USER not in "".join(row)


async def test_what_one_reads_is_what_was_understood(whole: Whole, brain: BrainServer) -> None:
    brain.reading = reading("cost")
    await whole.says("cost &amp; insurance, &lt;please&gt;")
    assert brain.turns[0]["text"] == "cost & insurance, <please>"
