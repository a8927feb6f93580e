"""Slack: what people write and press reaches the desk signed; the desk's calls are checked."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from desk.channels.simulator.posts import BOT_USER, CHANNEL
from tests.desk.channels.simulator.conftest import BOT_TOKEN, Trial, Webhooks

EVENTS, PRESSED = "/webhooks/slack/events", "/webhooks/slack/interactive"
COMMAND = "/webhooks/slack/command"


def choices(*titles: str) -> list[dict[str, Any]]:
    """A section and its buttons, as the desk sends them."""
    elements = [
        {
            "type": "button",
            "action_id": f"choice:{number}",
            "text": {"type": "plain_text", "text": title},
            "value": title.lower(),
        }
        for number, title in enumerate(titles)
    ]
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Which one?"}}
    return [section, {"type": "actions", "elements": elements}]


async def room(trial: Trial, hooks: Webhooks) -> tuple[str, str]:
    """The ids of a person who has written, and of the direct message with them."""
    await trial.say("hello")
    event = hooks.at(EVENTS)[-1]["event"]
    return event["user"], event["channel"]


async def test_a_direct_message_reaches_the_desk_signed(trial: Trial, hooks: Webhooks) -> None:
    await trial.say("how much is it? é")
    (body,) = hooks.at(EVENTS)
    assert hooks.refused == []
    event = body["event"]
    assert (event["type"], event["channel_type"]) == ("message", "im")
    assert event["text"] == "how much is it? é"
    assert event["channel"].startswith("D")
    assert body["event_id"].startswith("Ev")
    (shown,) = await trial.sees()
    assert (shown["from"], shown["where"], shown["state"]) == ("you", "direct", "taken")


async def test_a_mention_comes_as_slack_sends_it_twice_of_one_moment(
    trial: Trial, hooks: Webhooks
) -> None:
    await trial.say("hello", "mention")
    events = [body["event"] for body in hooks.at(EVENTS)]
    assert sorted(event["type"] for event in events) == ["app_mention", "message"]
    assert {event["channel"] for event in events} == {CHANNEL}
    assert len({event["ts"] for event in events}) == 1
    assert {event["text"] for event in events} == {f"<@{BOT_USER}> hello"}
    assert len({body["event_id"] for body in hooks.at(EVENTS)}) == 2


async def test_a_message_in_the_channel_is_seen_by_all(trial: Trial, hooks: Webhooks) -> None:
    await trial.say("hello", "channel")
    assert hooks.at(EVENTS)[0]["event"]["channel_type"] == "channel"
    assert (await trial.sees("Kim"))[0]["where"] == "channel"


async def test_a_direct_message_is_seen_by_its_person_alone(trial: Trial) -> None:
    await trial.say("hello")
    assert await trial.sees("Kim") == []


async def test_an_event_that_is_not_taken_comes_again(trial: Trial, hooks: Webhooks) -> None:
    hooks.answers[EVENTS] = [web.Response(status=500), web.Response(status=500)]
    await trial.say("hello")
    assert [h.get("X-Slack-Retry-Num") for h in hooks.headers] == [None, "1", "2"]
    assert hooks.headers[1]["X-Slack-Retry-Reason"] == "http_error"
    assert len({body["event_id"] for body in hooks.at(EVENTS)}) == 1
    assert (await trial.sees())[0]["state"] == "taken"


async def test_the_desk_may_ask_for_no_retry(trial: Trial, hooks: Webhooks) -> None:
    hooks.answers[EVENTS] = [web.Response(status=403, headers={"X-Slack-No-Retry": "1"})]
    await trial.say("hello")
    assert len(hooks.at(EVENTS)) == 1
    assert (await trial.sees())[0]["state"] == "HTTP 403"


async def test_the_desk_answers_and_changes_its_answer(trial: Trial, hooks: Webhooks) -> None:
    _, channel = await room(trial, hooks)
    made = await trial.call("chat.postMessage", channel=channel, text="Hi", blocks=choices("A"))
    assert made["ok"]
    assert made["channel"] == channel
    shown = (await trial.sees())[-1]
    assert (shown["from"], shown["blocks"][0]["text"]["text"]) == ("desk", "Which one?")
    changed = await trial.call("chat.update", channel=channel, ts=made["ts"], text="Chosen")
    assert changed["ok"]
    shown = (await trial.sees())[-1]
    assert (shown["text"], shown["blocks"], shown["edited"]) == ("Chosen", [], True)


async def test_only_the_bots_messages_are_changed(trial: Trial, hooks: Webhooks) -> None:
    _, channel = await room(trial, hooks)
    own = (await trial.sees())[0]["id"]
    for ts, error in ((own, "cant_update_message"), ("1.000000", "message_not_found")):
        answer = await trial.call("chat.update", channel=channel, ts=ts, text="x")
        assert (answer["ok"], answer["error"]) == (False, error)


async def test_a_pressed_button_reaches_the_desk_signed(trial: Trial, hooks: Webhooks) -> None:
    user, channel = await room(trial, hooks)
    made = await trial.call(
        "chat.postMessage", channel=channel, text="Hi", blocks=choices("Days", "Evenings")
    )
    shown = (await trial.sees())[-1]
    block = shown["blocks"][1]
    place = {"user": "Robin", "ts": shown["id"], "block_id": block["block_id"]}
    press = {**place, "action_id": "choice:1"}
    await trial.json("POST", "/try/slack/press", 201, json=press)
    await trial.settle()
    (payload,) = hooks.at(PRESSED)
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == user
    assert payload["actions"][0]["value"] == "evenings"
    assert payload["message"]["ts"] == made["ts"]
    assert payload["container"]["channel_id"] == channel
    assert (await trial.sees())[-1]["pressed"] == "taken"
    for wrong in ({"action_id": "choice:9"}, {"action_id": "choice:0", "user": "Kim"}):
        await trial.json("POST", "/try/slack/press", 409, json={**place, **wrong})


async def test_a_response_url_replaces_and_is_used_up(trial: Trial, hooks: Webhooks) -> None:
    _, channel = await room(trial, hooks)
    await trial.call("chat.postMessage", channel=channel, text="Hi", blocks=choices("Days"))
    shown = (await trial.sees())[-1]
    press = {"user": "Robin", "ts": shown["id"], "block_id": "b1", "action_id": "choice:0"}
    await trial.json("POST", "/try/slack/press", 201, json=press)
    await trial.settle()
    path = hooks.at(PRESSED)[0]["response_url"].removeprefix(hooks.url)
    body = {"replace_original": True, "text": "You chose days."}
    for _ in range(5):
        await trial.json("POST", path, json=body)
    assert (await trial.sees())[-1]["text"] == "You chose days."
    answer = await trial.json("POST", path, 404, json=body)
    assert answer["error"] == "used_url"


async def test_a_hint_is_seen_by_one_person_and_is_no_history(
    trial: Trial, hooks: Webhooks
) -> None:
    await trial.say("hello", "mention")
    user = hooks.at(EVENTS)[0]["event"]["user"]
    asked = {"channel": CHANNEL, "user": user, "text": "I can help in a direct message."}
    assert (await trial.call("chat.postEphemeral", **asked))["ok"]
    shown = (await trial.sees())[-1]
    assert (shown["only_you"], shown["where"]) == (True, "channel")
    assert all(not each["only_you"] for each in await trial.sees("Kim"))
    history = await trial.call("conversations.history", channel=CHANNEL)
    assert [each["user"] for each in history["messages"]] == [user]
    answer = await trial.call("chat.postEphemeral", **{**asked, "user": "U0NOBODY000"})
    assert answer["error"] == "user_not_in_channel"


async def test_history_is_found_between_moments(trial: Trial, hooks: Webhooks) -> None:
    _, channel = await room(trial, hooks)
    mark = {"event_type": "iop", "event_payload": {"mark": "c.7"}}
    first = await trial.call("chat.postMessage", channel=channel, text="one", metadata=mark)
    second = await trial.call("chat.postMessage", channel=channel, text="two")

    async def found(**asked: Any) -> list[str]:
        answer = await trial.call("conversations.history", channel=channel, **asked)
        return [each["text"] for each in answer["messages"]]

    assert await found() == ["two", "one", "hello"]
    assert await found(limit=1) == ["two"]
    first_page = await trial.call("conversations.history", channel=channel, limit=2)
    cursor = first_page["response_metadata"]["next_cursor"]
    assert await found(limit=2, cursor=cursor) == ["hello"]
    assert await found(oldest=first["ts"]) == ["two"]
    assert await found(oldest=first["ts"], inclusive=True) == ["two", "one"]
    assert await found(latest=second["ts"]) == ["one", "hello"]
    answer = await trial.call("conversations.history", channel=channel, include_all_metadata=True)
    assert [each.get("metadata") for each in answer["messages"]] == [None, mark, None]
    form = {"channel": channel, "oldest": first["ts"], "limit": "15"}
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    path = "/try/slack/api/conversations.history"
    hows: tuple[dict[str, Any], ...] = ({"data": form}, {"params": form})
    for how in hows:
        method = "POST" if "data" in how else "GET"
        read = await trial.json(method, path, headers=headers, **how)
        assert [each["text"] for each in read["messages"]] == ["two"]


async def test_a_direct_message_is_opened(trial: Trial, hooks: Webhooks) -> None:
    user, channel = await room(trial, hooks)
    assert (await trial.call("conversations.open", users=user))["channel"]["id"] == channel
    answer = await trial.call("conversations.open", users="U0NOBODY000")
    assert answer["error"] == "user_not_found"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "channel": "D0NOBODY000"}, "channel_not_found"),
        ({"blocks": choices(*map(str, range(26)))}, "invalid_blocks"),
        ({"blocks": choices("x" * 76)}, "invalid_blocks"),
        ({"blocks": choices("A") * 26}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "hologram"}]}, "invalid_blocks"),
        ({"blocks": "no"}, "invalid_blocks"),
        ({"blocks": [7]}, "invalid_blocks"),
        ({"blocks": [{"type": []}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": 7}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": [7, {"action_id": []}]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "context", "elements": [7]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "fields": 7}]}, "invalid_blocks"),
        ({"text": "x", "metadata": 7}, "invalid_metadata_format"),
        ({"text": "x", "channel": ["D"]}, "channel_not_found"),
        (
            {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]},
            "invalid_blocks",
        ),
    ],
)
async def test_what_slack_would_not_take(
    trial: Trial, hooks: Webhooks, body: dict[str, Any], error: str
) -> None:
    _, channel = await room(trial, hooks)
    answer = await trial.call("chat.postMessage", **{"channel": channel, **body})
    assert (answer["ok"], answer["error"]) == (False, error)


async def test_only_the_desk_may_call(trial: Trial) -> None:
    for headers in ({}, {"Authorization": "Bearer xoxb-wrong"}, {"Authorization": BOT_TOKEN}):
        path = "/try/slack/api/auth.test"
        answer = await trial.json("POST", path, 401, json={}, headers=headers)
        assert answer == {"ok": False, "error": "invalid_auth"}
    assert (await trial.call("auth.test"))["user_id"] == BOT_USER
    assert (await trial.call("chat.delete"))["error"] == "unknown_method"


@pytest.mark.parametrize(("mode", "status"), [("limited", 429), ("down", 503)])
async def test_what_slack_refuses_is_still_shown(
    trial: Trial, hooks: Webhooks, mode: str, status: int
) -> None:
    _, channel = await room(trial, hooks)
    await trial.json("POST", "/try/slack/mood", json={"mode": mode})
    for _ in range(2):
        await trial.call("chat.postMessage", status, channel=channel, text="Call or text 988")
    shown = (await trial.sees())[1:]
    assert [(each["text"], each["refused"]) for each in shown] == [("Call or text 988", True)]
    await trial.json("POST", "/try/slack/mood", 400, json={"mode": "odd"})


async def test_a_command_reaches_the_desk_and_is_answered(trial: Trial, hooks: Webhooks) -> None:
    hooks.answers[COMMAND] = [
        web.json_response({"response_type": "ephemeral", "text": "Look into your messages."}),
        web.Response(text=""),
    ]
    await trial.say("/iop how much is it", "command")
    (fields,) = hooks.at(COMMAND)
    assert (fields["command"], fields["text"]) == ("/iop", "how much is it")
    own, answer = await trial.sees()
    assert (own["text"], own["only_you"]) == ("/iop how much is it", False)
    assert (answer["text"], answer["only_you"]) == ("Look into your messages.", True)
    await trial.say("", "command")
    assert len(await trial.sees()) == 3


async def test_memory_is_bounded(trial: Trial) -> None:
    for number in range(210):
        trial.slack.write("Robin", f"text {number}", "direct")
    shown = await trial.sees()
    assert (len(shown), shown[-1]["text"]) == (200, "text 209")
    for number in range(60):
        trial.slack.write(f"Kim {number}", "hello", "direct")
    assert await trial.sees() == []
    await trial.settle()


@pytest.mark.parametrize(
    "change", [{"user": " "}, {"user": "x" * 41}, {"text": " "}, {"kind": "odd"}, {"text": None}]
)
async def test_only_messages_of_somebody_are_sent(trial: Trial, change: dict[str, Any]) -> None:
    body = {"user": "Robin", "text": "hello", "kind": "direct", **change}
    await trial.json("POST", "/try/slack/send", 400, json=body)
