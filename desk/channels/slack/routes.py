"""The addresses that Slack calls; what it has not signed is refused, unread."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from sanic import Blueprint, HTTPResponse, Request

from desk.channels.contract import NotSentError
from desk.channels.forms import FORM, JSON, FormError, is_of
from desk.channels.slack import events
from desk.refusals import RefusedError
from desk.web_answers import json_answer

if TYPE_CHECKING:
    from desk.channels.slack.channel import SlackChannel

logger = logging.getLogger(__name__)

PATH = "/webhooks/slack"
_NO_RETRY = {"X-Slack-No-Retry": "1"}
"""Sent again, it would be refused again; Slack heeds it beside an error only."""


def routes() -> Blueprint:
    """Return the routes under /webhooks/slack."""
    slack = Blueprint("slack", url_prefix=PATH)
    slack.add_route(event, "/events", methods=["POST"])
    slack.add_route(interactive, "/interactive", methods=["POST"])
    slack.add_route(command, "/command", methods=["POST"])
    return slack


def _channel(request: Request) -> SlackChannel:
    found: SlackChannel | None = request.app.ctx.desk.channels.get("slack")
    if found is None:
        raise RefusedError("not_found")
    return found


def _refused(status: int, code: str) -> HTTPResponse:
    answer = json_answer({"ok": False, "error": code}, status)
    answer.headers.update(_NO_RETRY)
    return answer


def _signed(request: Request, channel: SlackChannel) -> bool:
    if channel.verifier.signed(request.body, request.headers):
        return True
    # Whose it is nobody knows: a forger's, or ours with another secret.
    logger.warning(
        "A request was refused, because Slack has not signed it. If it was Slack's: is the signing "
        "secret this app's, and is this machine's clock right?"
    )
    return False


async def event(request: Request) -> HTTPResponse:
    """Take an event; it is answered afterwards, by the API."""
    channel = _channel(request)
    if not _signed(request, channel):
        return _refused(401, "not_signed")
    if not is_of(request, JSON):
        return _refused(400, "not_json")
    try:
        return await _of_kind(channel, events.read_json(request.body))
    except FormError:
        return _refused(400, "malformed")
    except (TimeoutError, asyncio.TimeoutError, NotSentError):
        # Only staff's thread asks Slack something; it is sent again.
        return json_answer({"ok": False, "error": "unavailable"}, 503)


async def _of_kind(channel: SlackChannel, envelope: Any) -> HTTPResponse:
    kind = envelope.get("type")
    if kind == "url_verification":
        challenge = envelope.get("challenge")
        if not isinstance(challenge, str):
            raise FormError
        return HTTPResponse(challenge, content_type="text/plain; charset=utf-8")
    if kind == "app_rate_limited":
        logger.error("Slack holds back events of this app: more than 30,000 came in an hour.")
    elif kind == "event_callback":
        await channel.event(envelope)
    else:
        raise FormError
    return HTTPResponse(status=200)


def _signed_form(request: Request, channel: SlackChannel) -> HTTPResponse | None:
    """Return the refusal of what is no form of Slack's, or None."""
    if not _signed(request, channel):
        return _refused(401, "not_signed")
    return None if is_of(request, FORM) else _refused(400, "not_form")


async def interactive(request: Request) -> HTTPResponse:
    """Take a choice; whatever else is done in a message is acknowledged."""
    channel = _channel(request)
    refused = _signed_form(request, channel)
    if refused is not None:
        return refused
    try:
        press = events.press(request.body)
    except FormError:
        return _refused(400, "malformed")
    if press is not None:
        await channel.pressed(press)
    return HTTPResponse(status=200)


async def command(request: Request) -> HTTPResponse:
    """Take a slash command; who has given it is told, alone, where the answer comes."""
    channel = _channel(request)
    refused = _signed_form(request, channel)
    if refused is not None:
        return refused
    try:
        given = events.command(request.body)
    except FormError:
        return _refused(400, "malformed")
    if given is None:
        return HTTPResponse(status=200)
    text = await channel.commanded(given)
    return json_answer({"response_type": "ephemeral", "text": text})
