"""The pages of a phone and of Slack, and the JSON that they ask for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html

from desk.channels.simulator.carrier import DELIVERIES, LONGEST, PretendTwilio
from desk.channels.simulator.guard import takes_json
from desk.channels.simulator.workspace import KINDS, MOODS, PretendSlack
from desk.web_answers import json_answer

_HERE = Path(__file__).resolve().parent
_TEMPLATES = (_HERE / "templates", _HERE.parent.parent / "templates")
_templates = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_NAME = 40
_LONGEST_SLACK = 12_000
_WRONG_NUMBER = "Write the number with its country code, such as +1 213 555 0123."
_WRONG_NAME = f"Write a name of 1 to {_NAME} characters."


class TryPages:
    """What a browser on this machine is shown."""

    def __init__(self, twilio: PretendTwilio, slack: PretendSlack, desk_url: str) -> None:
        """Show two platforms of the desk at an address."""
        self._twilio, self._slack, self._desk_url = twilio, slack, desk_url

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the addresses."""
        for address, handler in (
            ("/", self.index),
            ("/phone", self.phone),
            ("/slack", self.slack),
            ("/phone/state", self.phone_state),
            ("/slack/state", self.slack_state),
        ):
            blueprint.add_route(handler, address, methods=["GET"], name=handler.__name__)
        for address, taking in (
            ("/phone/send", self.phone_send),
            ("/phone/deliver", self.phone_deliver),
            ("/slack/send", self.slack_send),
            ("/slack/press", self.slack_press),
            ("/slack/mood", self.slack_mood),
        ):
            blueprint.add_route(takes_json(taking), address, methods=["POST"], name=taking.__name__)

    async def index(self, request: Request) -> HTTPResponse:
        """Say what can be tried."""
        return self._page(request, "try.html")

    async def phone(self, request: Request) -> HTTPResponse:
        """Show a phone."""
        return self._page(request, "phone.html")

    async def slack(self, request: Request) -> HTTPResponse:
        """Show Slack."""
        return self._page(request, "slack.html")

    def _page(self, request: Request, template: str) -> HTTPResponse:
        page = _templates.get_template(template).render(
            center={"name": "Try it"},
            desk_url=self._desk_url,
            desk_number=self._twilio.number,
            command=self._slack.command,
            longest=LONGEST,
            asset_version=getattr(request.app.ctx, "asset_version", "0"),
        )
        return html(page, headers={"Cache-Control": "no-store"})

    async def phone_state(self, request: Request) -> HTTPResponse:
        """Return what a phone shows."""
        number = _number(request.args.get("number"))
        if number is None:
            return _wrong(_WRONG_NUMBER)
        return json_answer(self._twilio.seen_by(number))

    async def phone_send(self, body: dict[str, Any]) -> HTTPResponse:
        """Send a text message from a phone."""
        number, text, media = _number(body.get("number")), body.get("text"), body.get("media")
        if number is None:
            return _wrong(_WRONG_NUMBER)
        if not isinstance(text, str) or len(text) > LONGEST or not (text.strip() or media is True):
            return _wrong(f"Write a message of 1 to {LONGEST} characters.")
        sent = self._twilio.write(number, text, photo=media is True)
        return json_answer({"id": sent.sid}, 201)

    async def phone_deliver(self, body: dict[str, Any]) -> HTTPResponse:
        """Choose what becomes of the desk's messages from now on."""
        mode = body.get("mode")
        if mode not in DELIVERIES:
            return _wrong(f"mode must be one of {', '.join(DELIVERIES)}.")
        self._twilio.delivery = mode
        return json_answer({"deliver": mode})

    async def slack_state(self, request: Request) -> HTTPResponse:
        """Return what a person sees in Slack."""
        name = _name(request.args.get("user"))
        return json_answer(self._slack.seen_by(name)) if name else _wrong(_WRONG_NAME)

    async def slack_send(self, body: dict[str, Any]) -> HTTPResponse:
        """Write as a person."""
        name, text, kind = _name(body.get("user")), body.get("text"), body.get("kind", "direct")
        if not name:
            return _wrong(_WRONG_NAME)
        if kind not in KINDS:
            return _wrong(f"kind must be one of {', '.join(KINDS)}.")
        if not isinstance(text, str) or len(text) > _LONGEST_SLACK:
            return _wrong(f"Write a message of 1 to {_LONGEST_SLACK} characters.")
        if not text.strip() and kind != "command":
            return _wrong("Write a message first.")
        return json_answer({"id": self._slack.write(name, text, kind).ts}, 201)

    async def slack_press(self, body: dict[str, Any]) -> HTTPResponse:
        """Press a button as a person."""
        name = _name(body.get("user"))
        place = [str(body.get(key, "")) for key in ("ts", "block_id", "action_id")]
        if not name or not self._slack.press(name, place[0], place[1], place[2]):
            return _wrong("This button is not there any more.", 409)
        return json_answer({"pressed": True}, 201)

    async def slack_mood(self, body: dict[str, Any]) -> HTTPResponse:
        """Choose how Slack answers the desk from now on."""
        mode = body.get("mode")
        if mode not in MOODS:
            return _wrong(f"mode must be one of {', '.join(MOODS)}.")
        self._slack.mood = mode
        return json_answer({"mood": mode})


def _wrong(words: str, status: int = 400) -> HTTPResponse:
    return json_answer({"error": words}, status)


def _number(value: Any) -> str | None:
    """Return a number in E.164; one of ten digits is a number of the US."""
    if not isinstance(value, str):
        return None
    bare = re.sub(r"[\s().-]", "", value)
    if re.fullmatch(r"\d{10}", bare, re.ASCII):
        bare = f"+1{bare}"
    return bare if re.fullmatch(_PHONE, bare) and bare.isascii() else None


def _name(value: Any) -> str:
    name = value.strip() if isinstance(value, str) else ""
    return name if len(name) <= _NAME and name.isprintable() else ""
