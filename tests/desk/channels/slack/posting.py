"""What Slack posts to an app, signed by Slack's own package."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM, USER, DIRECT, PUBLIC, OURS = "T1", "U7", "D7", "C9", "UBOT"
_FORM = "application/x-www-form-urlencoded"
_count = itertools.count(1)


def new_ts() -> str:
    return f"1690000000.{next(_count):06d}"


def message(text: str = "how much is it", **more: Any) -> dict[str, Any]:
    """Return an event of a direct message."""
    ts = new_ts()
    bare = {
        "type": "message",
        "channel": DIRECT,
        "channel_type": "im",
        "user": USER,
        "text": text,
        "ts": ts,
        "event_ts": ts,
        "client_msg_id": f"id-{ts}",
    }
    return {**bare, **more}


def edit(text: str, before: str = "hello", **more: Any) -> dict[str, Any]:
    """Return an event of an edited direct message."""
    ts, at = new_ts(), new_ts()
    said = {"type": "message", "user": USER, "ts": ts}
    now = {**said, "text": text, "edited": {"user": USER, "ts": at}}
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": DIRECT,
        "channel_type": "im",
        "ts": at,
        "event_ts": at,
        "message": now,
        "previous_message": {**said, "text": before},
        **more,
    }


def mention(text: str = "how much is it", **more: Any) -> dict[str, Any]:
    """Return an event of a mention in a channel, which carries no channel_type."""
    more = {"type": "app_mention", "channel": PUBLIC, **more}
    event = message(f"<@{OURS}> {text}", **more)
    del event["channel_type"]
    return event


def envelope(event: dict[str, Any], event_id: str | None = None) -> dict[str, Any]:
    return {
        "token": "old",
        "team_id": TEAM,
        "api_app_id": "A1",
        "type": "event_callback",
        "event_id": event_id or f"Ev{next(_count):08d}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": OURS, "is_bot": True}],
        "event": event,
    }


def presses(posted: dict[str, Any], number: int = 0, **more: Any) -> dict[str, Any]:
    """Return the press of a button of a message that was posted, as Slack posts it."""
    elements = [e for b in posted["blocks"] if b["type"] == "actions" for e in b["elements"]]
    chosen = {**elements[number], "block_id": "b1", "type": "button", "action_ts": new_ts()}
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": USER, "team_id": TEAM},
        "api_app_id": "A1",
        "container": {
            "type": "message",
            "message_ts": posted["ts"],
            "channel_id": posted["channel"],
            "is_ephemeral": False,
        },
        "channel": {"id": posted["channel"], "name": "directmessage"},
        "message": posted,
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
        "actions": [chosen],
        **more,
    }


def command(text: str = "how much is it", **more: str) -> dict[str, str]:
    bare = {
        "command": "/iop",
        "text": text,
        "team_id": TEAM,
        "user_id": USER,
        "channel_id": PUBLIC,
        "trigger_id": f"13345224609.738474920.{next(_count)}",
        "response_url": "https://hooks.slack.com/commands/1/2",
    }
    return {**bare, **more}


@dataclass(frozen=True)
class Answer:
    """What the desk says to Slack."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)


class Poster:
    """Slack, as far as it calls an app."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url, self.http = f"{url}/webhooks/slack", http

    async def event(
        self, event: dict[str, Any], event_id: str | None = None, **headers: str
    ) -> Answer:
        return await self.json(envelope(event, event_id), **headers)

    async def json(self, body: Any, **headers: str) -> Answer:
        raw = json.dumps(body).encode()
        return await self.raw("events", raw, "application/json", headers)

    async def press(self, payload: dict[str, Any]) -> Answer:
        raw = urlencode({"payload": json.dumps(payload)}).encode()
        return await self.raw("interactive", raw, _FORM)

    async def command(self, fields: dict[str, str]) -> Answer:
        return await self.raw("command", urlencode(fields).encode(), _FORM)

    async def raw(
        self, path: str, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> Answer:
        """Post a body, signed here and now unless `headers` say otherwise."""
        given = headers or {}
        ours = {} if "X-Slack-Request-Timestamp" in given and len(given) > 1 else signed(body)
        merged = {**ours, "Content-Type": kind, **given}
        sent = {name: value for name, value in merged.items() if value}
        url = f"{self.url}/{path}"
        async with self.http.post(url, data=body, headers=sent) as answer:
            return Answer(answer.status, await answer.text(), dict(answer.headers))


def signed(body: bytes, *, secret: str = SECRET, off: int = 0) -> dict[str, str]:
    """Return the headers of a signature; `off` seconds from now."""
    stamp = str(int(time.time()) + off)
    found = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(found)}
