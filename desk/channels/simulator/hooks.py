"""How the pretend Slack tells the desk of something: events, pressed buttons and commands."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from slack_sdk.signature import SignatureVerifier

from desk.channels.simulator.posts import APP, BOT_USER, CHANNEL, CHANNEL_NAME, TEAM, Post
from desk.channels.simulator.wire import Answer, Wire

_PATIENCE = 3.0
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


class Hooks:
    """The desk's addresses for Slack, called as Slack calls them."""

    retry_after = (0.0, 60.0, 300.0)
    """Seconds before an event is handed over again that was not taken."""

    def __init__(self, wire: Wire, signing_secret: str, bot_token: str, url: str) -> None:
        """Call the desk at `url`."""
        self._wire, self._secret, self.url = wire, signing_secret, url
        # The old way to know Slack, which its signature has replaced; sent nevertheless.
        self._token = secrets.token_hex(12)

    async def event(self, post: Post, kind: str) -> Answer:
        """Tell of a message, again and again as long as the desk does not take it."""
        body = orjson.dumps(self._envelope(post, kind))
        address = f"{self.url}/webhooks/slack/events"
        answer = await self._post(address, body, _JSON)
        for again, pause in enumerate(self.retry_after, 1):
            if answer.taken or answer.headers.get("x-slack-no-retry") == "1":
                break
            post.state = answer.trouble
            await asyncio.sleep(pause)
            reason = "http_error" if answer.status else "connection_failed"
            more = {
                "X-Slack-Retry-Num": str(again),
                "X-Slack-Retry-Reason": "http_timeout" if answer.late else reason,
            }
            answer = await self._post(address, body, _JSON, more)
        return answer

    def _envelope(self, post: Post, kind: str) -> dict[str, Any]:
        event = {
            **post.message(),
            "type": kind,
            "channel": post.channel,
            "event_ts": post.ts,
            "client_msg_id": f"{secrets.token_hex(16)}",
        }
        if kind == "message":
            event["channel_type"] = "channel" if post.channel == CHANNEL else "im"
        return {
            "token": self._token,
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        }

    async def pressed(
        self,
        post: Post,
        user: str,
        name: str,
        block_id: str,
        element: Mapping[str, Any],
        response_url: str,
    ) -> Answer:
        """Tell of a pressed button."""
        action = {**element, "block_id": block_id, "action_ts": f"{time.time():.6f}"}
        ephemeral = post.only_for is not None
        container = {"type": "message", "message_ts": post.ts, "channel_id": post.channel}
        payload = {
            "type": "block_actions",
            "user": {"id": user, "username": name, "name": name, "team_id": TEAM},
            "api_app_id": APP,
            "token": self._token,
            "container": {**container, "is_ephemeral": ephemeral},
            "trigger_id": secrets.token_hex(16),
            "team": {"id": TEAM, "domain": "try"},
            "channel": {"id": post.channel, "name": _name(post)},
            "response_url": response_url,
            "actions": [action],
        }
        if not ephemeral:
            payload["message"] = post.message()
        body = urlencode({"payload": orjson.dumps(payload).decode()}).encode("ascii")
        return await self._post(f"{self.url}/webhooks/slack/interactive", body, _FORM)

    async def command(
        self, post: Post, name: str, command: str, words: str, response_url: str
    ) -> Answer:
        """Tell of a slash command."""
        fields = {
            "token": self._token,
            "team_id": TEAM,
            "team_domain": "try",
            "channel_id": post.channel,
            "channel_name": _name(post),
            "user_id": post.user,
            "user_name": name,
            "command": command,
            "text": words,
            "api_app_id": APP,
            "response_url": response_url,
            "trigger_id": secrets.token_hex(16),
        }
        body = urlencode(fields).encode("ascii")
        return await self._post(f"{self.url}/webhooks/slack/command", body, _FORM)

    async def _post(
        self, address: str, body: bytes, kind: str, more: Mapping[str, str] | None = None
    ) -> Answer:
        moment = str(int(time.time()))
        verifier = SignatureVerifier(self._secret)
        signature = verifier.generate_signature(timestamp=moment, body=body)
        headers = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": signature or "",
            **(more or {}),
        }
        return await self._wire.post(address, body, headers, _PATIENCE)


def _name(post: Post) -> str:
    return CHANNEL_NAME if post.channel == CHANNEL else "directmessage"
