"""A server with the simulator, and one that stands for the desk and checks signatures."""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from sanic import Sanic
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from desk.channels.simulator import routes
from desk.channels.simulator.platform import PretendSlack, PretendTwilio
from tests.desk.serving import serving_app

SID, TOKEN = "AC" + "0" * 32, "token-of-this-start"
SECRET, BOT_TOKEN = "secret-of-this-start", "xoxb-of-this-start"
PHONE = "+12135550123"


@dataclass
class Webhooks:
    """What stands for the desk: keeps what platforms post when they have signed it."""

    url: str = ""
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, list[web.Response]] = field(default_factory=dict)
    """What is answered next at an address, instead of 200."""

    def at(self, path: str) -> list[dict[str, Any]]:
        return [fields for place, fields in self.taken if place == path]

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.headers.append(dict(request.headers))
        read = self._sms if request.path.startswith("/webhooks/sms") else self._slack
        fields = read(request, body)
        if fields is None:
            self.refused.append(request.path)
            return web.Response(status=403)
        self.taken.append((request.path, fields))
        waiting = self.answers.get(request.path)
        return waiting.pop(0) if waiting else web.Response()

    def _sms(self, request: web.Request, body: bytes) -> dict[str, Any] | None:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        signature = request.headers.get("X-Twilio-Signature", "")
        valid = RequestValidator(TOKEN).validate(self.url + request.path, fields, signature)
        return fields if valid else None

    def _slack(self, request: web.Request, body: bytes) -> dict[str, Any] | None:
        if not SignatureVerifier(SECRET).is_valid_request(body, dict(request.headers)):
            return None
        if request.content_type == "application/json":
            return dict(json.loads(body))
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return dict(json.loads(fields["payload"])) if "payload" in fields else fields


@dataclass
class Trial:
    """The simulator at work, and how tests use it."""

    url: str
    twilio: PretendTwilio
    slack: PretendSlack
    hooks: Webhooks
    http: aiohttp.ClientSession

    async def json(self, method: str, path: str, status: int = 200, **how: Any) -> dict[str, Any]:
        async with self.http.request(method, self.url + path, **how) as answer:
            assert answer.status == status, await answer.text()
            return dict(await answer.json())

    async def settle(self) -> None:
        await self.twilio.wire.settle()
        await self.slack.wire.settle()

    # The page's side.
    async def text(self, text: str, **more: Any) -> None:
        body = {"number": PHONE, "text": text, "media": False, **more}
        await self.json("POST", "/try/phone/send", 201, json=body)
        await self.settle()

    async def phone(self) -> list[dict[str, Any]]:
        query = {"number": PHONE}
        return list((await self.json("GET", "/try/phone/state", params=query))["messages"])

    async def say(self, text: str, kind: str = "direct", user: str = "Robin") -> None:
        body = {"user": user, "text": text, "kind": kind}
        await self.json("POST", "/try/slack/send", 201, json=body)
        await self.settle()

    async def sees(self, user: str = "Robin") -> list[dict[str, Any]]:
        query = {"user": user}
        return list((await self.json("GET", "/try/slack/state", params=query))["messages"])

    # The desk's side.
    async def sms(self, body: str = "Hello", status: int = 201, **more: str) -> dict[str, Any]:
        form = {
            "To": PHONE,
            "From": self.twilio.number,
            "Body": body,
            "StatusCallback": f"{self.hooks.url}/webhooks/sms/status",
            **more,
        }
        form = {name: value for name, value in form.items() if value}
        return await self.json("POST", messages(), status, data=form, headers=SIGNED_IN)

    async def call(self, method: str, status: int = 200, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        path = f"/try/slack/api/{method}"
        return await self.json("POST", path, status, json=body, headers=headers)


SIGNED_IN = {"Authorization": aiohttp.encode_basic_auth(SID, TOKEN)}


def messages(rest: str = "/Messages.json") -> str:
    return f"/try/twilio/2010-04-01/Accounts/{SID}{rest}"


async def until(done: Callable[[], bool], seconds: float = 5.0) -> None:
    """Ask again until something holds; TimeoutError when it does not."""
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.01)


@pytest.fixture
async def hooks() -> AsyncIterator[Webhooks]:
    server = Webhooks()
    app = web.Application()
    app.router.add_post("/webhooks/{rest:.*}", server.take)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    await web.SockSite(runner, listener).start()
    yield server
    await runner.cleanup()


@pytest.fixture
async def trial(hooks: Webhooks) -> AsyncIterator[Trial]:
    twilio = PretendTwilio(SID, TOKEN, hooks.url)
    slack = PretendSlack(SECRET, BOT_TOKEN, hooks.url)
    twilio.pause = 0.01
    slack.hooks.retry_after = (0.0, 0.01, 0.01)
    app: Any = Sanic(f"simulator-{uuid.uuid4().hex}", configure_logging=False)
    app.config.update(ACCESS_LOG=False, MOTD=False, TOUCHUP=False)
    app.blueprint(routes(twilio, slack, hooks.url))
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serving_app(app, listener), aiohttp.ClientSession() as http:
        yield Trial(url, twilio, slack, hooks, http)
