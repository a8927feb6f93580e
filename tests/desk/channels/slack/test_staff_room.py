"""Staff's channel in Slack, with the real desk behind it: both directions, each once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from desk.channels.opening import ChannelsConfig
from desk.channels.slack import staff_room
from desk.channels.slack.channel import SlackChannel
from desk.channels.slack.config import SlackConfig
from desk.channels.slack.staff_replies import UNKNOWN, NotRelayedError, StaffReplies
from desk.channels.slack.staff_room import StaffRoom
from store.tables.staff import staff as accounts
from tests.desk.brain_server import BrainServer
from tests.desk.channels.slack.conftest import STAFF
from tests.desk.channels.slack.server import SlackServer
from tests.desk.conftest import Running, Serve

ANA = {"id": "ana-id", "name": "Ana", "email": "ana@example.org", "role": "agent"}


@pytest.fixture
async def desk(
    serve: Serve, config: SlackConfig, monkeypatch: pytest.MonkeyPatch, brain: BrainServer
) -> Running:
    # The test itself looks, so that it need not wait.
    monkeypatch.setattr(staff_room, "EVERY", 3600.0)
    monkeypatch.setattr("desk.keeping.LIMIT", 20.0)
    brain.signals = [{"name": "handoff", "reason": "asked"}]
    opened = replace(config, staff_channel=STAFF, baa=True, staff={"U8": "Ana@example.org"})
    running: Running = await serve(channels=ChannelsConfig(slack=opened))

    def add(c: sa.Connection) -> None:
        c.execute(accounts.insert().values(**ANA, password="x", created_at=1))

    await running.desk.database.write(add)
    return running


async def posts(desk: Running, slack: SlackServer) -> list[dict[str, Any]]:
    """Have two desks look at once; return what stands in staff's channel then."""
    channel = desk.desk.channels["slack"]
    assert isinstance(channel, SlackChannel)
    assert channel.threads is not None
    rooms = [StaffRoom(channel.threads, desk.desk.database, "https://console") for _ in range(2)]
    for room in rooms:
        await room.follow()
    return slack.messages.get(STAFF, [])


async def test_a_handoff_is_posted_and_what_follows_stands_in_its_thread(
    desk: Running, slack: SlackServer
) -> None:
    token, _ = await desk.start()
    await desk.send(token, "zebrafinch, i want a person")
    (first,) = await posts(desk, slack)
    assert "asked for a person" in first["text"]
    assert "zebrafinch" not in str(first)
    await desk.send(token, "are you there")
    _, second = await posts(desk, slack)
    assert second["text"] == "are you there"
    assert second["thread_ts"] == first["ts"]


async def test_a_linked_account_answers_in_its_own_name(desk: Running) -> None:
    token, _ = await desk.start()
    await desk.send(token, "i want a person")
    chat = desk.rows("select id from conversations")[0].id
    linked = SlackConfig(signing_secret="x", bot_token="x", staff={"U8": "Ana@example.org"})
    replies = StaffReplies(linked, desk.desk.database)
    for _ in range(2):
        # Slack sends again what it believes was not heard.
        await replies.relay(chat, "U8", "I am Ana, how can I help?")
    said = desk.rows("select text, variables from messages where sender = 'staff'")
    assert [row.text for row in said] == ["I am Ana, how can I help?"]
    assert "Ana" in str(said[0].variables)
    assert desk.rows("select owner from ownership")[0].owner == "human"


@pytest.mark.parametrize("user", ["U9", ""])
async def test_somebody_who_is_not_linked_is_told_that_nothing_went_on(
    desk: Running, user: str
) -> None:
    token, _ = await desk.start()
    await desk.send(token, "i want a person")
    chat = desk.rows("select id from conversations")[0].id
    replies = StaffReplies(SlackConfig("x", "x"), desk.desk.database)
    with pytest.raises(NotRelayedError, match="linked to no account") as problem:
        await replies.relay(chat, user, "hello")
    assert str(problem.value) == UNKNOWN
    assert desk.rows("select * from messages where sender = 'staff'") == []


async def test_a_closed_account_answers_nobody(desk: Running) -> None:
    token, _ = await desk.start()
    await desk.send(token, "i want a person")
    chat = desk.rows("select id from conversations")[0].id
    desk.write("update staff set closed_at = 5")
    replies = StaffReplies(
        SlackConfig("x", "x", staff={"U8": "ana@example.org"}), desk.desk.database
    )
    with pytest.raises(NotRelayedError):
        await replies.relay(chat, "U8", "hello")
