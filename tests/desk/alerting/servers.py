"""A mail server and a web address for alerts: real sockets, real protocols, small."""

from __future__ import annotations

import asyncio
import base64
import email
import ssl
from email.message import Message
from typing import Any

import jsonschema
from aiohttp import web

LINK = r"^https?://[^/]+/(conversations/[\w-]+#m\d+|alerts/[\w-]+/\d+|alerts)$"
BODY = {
    "type": "object",
    "additionalProperties": False,
    "required": "channel tier category kind at link id repeat drill".split(),
    "properties": {
        "channel": {"enum": ["web", "sms", "slack", "server"]},
        "tier": {"enum": ["T0", "T1", "T2", None]},
        "category": {"type": ["string", "null"], "pattern": "^([A-Z0-9]{1,6}|[a-z]+)$"},
        "kind": {"enum": ["crisis", "unscreened", "handoff", "unanswered", "callback", "server"]},
        "at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT[\d:.]+Z$"},
        "link": {"type": "string", "pattern": LINK},
        "id": {"type": "string", "pattern": r"^[\w-]+\.\d+\.\w+$"},
        "repeat": {"type": "integer", "minimum": 0},
        "drill": {"type": "boolean"},
    },
}


# What Apprise's json:// sends, and what Slack's incoming webhooks take of it (api.slack.com,
# "Sending messages using incoming webhooks": text or attachments; no other keys here).
APPRISE_BODY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "title", "message", "type"],
    "properties": {
        "version": {"type": "string"},
        "title": {"type": "string", "pattern": r"^(DRILL: )?Alert( T[012])?, \w+, \w+"},
        "message": {"type": "string", "minLength": 10, "maxLength": 400},
        "type": {"enum": ["warning", "failure"]},
        "attachments": {"type": "array", "maxItems": 0},
    },
}
SLACK_BODY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["attachments"],
    "properties": {
        "username": {"type": "string"},
        "mrkdwn": {"type": "boolean"},
        "text": {"type": "string"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text"],
                "properties": {
                    "title": {"type": "string"},
                    "text": {"type": "string", "minLength": 10},
                    "color": {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"},
                    "ts": {"type": "number"},
                    "footer": {"type": "string"},
                    "mrkdwn_in": {"type": "array"},
                },
            },
        },
    },
}


class MailServer:
    """Speaks as much SMTP as smtplib asks for: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, login: str | None = None) -> None:
        self.mails: list[Message] = []
        self.envelopes: list[list[str]] = []
        self.raw: list[str] = []
        self.refuse: set[str] = set()
        self.answer = "250 taken"
        self.came = asyncio.Event()
        self.encrypted: list[bool] = []
        self._tls, self._login = tls, login
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 test")
        recipients: list[str] = []
        signed_in, encrypted = self._login is None, False
        while line := (await reader.readline()).decode().strip():
            self.raw.append(line)
            verb = line.split()[0].upper()
            if verb == "EHLO":
                offers = [
                    "test",
                    *(["STARTTLS"] if self._tls and not encrypted else []),
                    "AUTH PLAIN",
                ]
                for offer in offers[:-1]:
                    await say(f"250-{offer}")
                await say(f"250 {offers[-1]}")
            elif verb == "STARTTLS":
                await say("220 go")
                assert self._tls
                await writer.start_tls(self._tls)
                encrypted = True
            elif verb == "AUTH":
                given = base64.b64decode(line.split()[2]).decode().replace("\0", ":").lstrip(":")
                signed_in = given == self._login
                await say("235 in" if signed_in else "535 wrong")
            elif verb == "MAIL":
                recipients = []
                await say("250 ok" if signed_in else "530 sign in")
            elif verb == "RCPT":
                address = line.split("<")[1].split(">")[0]
                taken = address not in self.refuse
                recipients += [address] if taken else []
                await say("250 ok" if taken else "550 unknown")
            elif verb == "DATA":
                await say("354 go")
                body = await self._data(reader)
                if self.answer.startswith("2"):
                    self.mails.append(email.message_from_string(body))
                    self.envelopes.append(recipients)
                    self.encrypted.append(encrypted)
                self.raw.append(body)
                await say(self.answer)
                self.came.set()
            else:
                await say("250 ok" if verb in ("RSET", "NOOP") else "221 bye")
                if verb == "QUIT":
                    break
        writer.close()

    @staticmethod
    async def _data(reader: asyncio.StreamReader) -> str:
        lines = []
        while (line := (await reader.readline()).decode()) != ".\r\n":
            lines.append(line.removeprefix(".") if line.startswith("..") else line)
        return "".join(lines)

    @property
    def texts(self) -> list[str]:
        return [mail.get_payload(decode=True).decode() for mail in self.mails]  # type: ignore[union-attr]


class HookServer:
    """Takes alerts by POST and checks their bodies."""

    def __init__(self, body: dict[str, Any] = BODY, answer: str = "") -> None:
        self._body, self._answer = body, answer
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[tuple[str, dict[str, str], str]] = []
        self.broken: list[str] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.came = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/hook"

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _take(self, request: web.Request) -> web.Response:
        text = await request.text()
        self.requests.append((str(request.rel_url), dict(request.headers), text))
        body = await request.json()
        try:
            jsonschema.validate(body, self._body)
        except jsonschema.ValidationError as problem:
            self.broken.append(problem.message)
        if 200 <= self.status < 300:
            self.bodies.append(body)
        self.came.set()
        return web.Response(status=self.status, headers=self.headers, text=self._answer)
