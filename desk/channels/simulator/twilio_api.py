"""Twilio's REST interface, as far as the desk uses it, in front of the pretend Twilio."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import parse_qsl

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import empty

from desk.channels.simulator.carrier import PretendTwilio, TwilioError
from desk.web_answers import json_answer

_PAGE = 50
_ACCOUNT = "/twilio/2010-04-01/Accounts/<account:str>"


class TwilioApi:
    """The addresses under which the desk finds Twilio."""

    def __init__(self, twilio: PretendTwilio) -> None:
        """Answer for an account."""
        self._twilio = twilio

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the addresses."""
        messages = f"{_ACCOUNT}/Messages.json"
        media = f"{_ACCOUNT}/Messages/<message:str>/Media/<media:str>"
        blueprint.add_route(self.send, messages, methods=["POST"], name="twilio_send")
        blueprint.add_route(self.look_up, messages, methods=["GET"], name="twilio_look_up")
        blueprint.add_route(self.delete, media, methods=["DELETE"], name="twilio_delete")

    async def send(self, request: Request, account: str) -> HTTPResponse:
        """Take a message."""
        try:
            self._authorise(request, account)
            text = await self._twilio.accept(_form(request))
        except TwilioError as problem:
            return json_answer(problem.body(), problem.status)
        return json_answer(text.resource(account, self._twilio.number) | {"status": "queued"}, 201)

    async def look_up(self, request: Request, account: str) -> HTTPResponse:
        """Return messages that were taken, the newest first."""
        try:
            self._authorise(request, account)
            self._twilio.is_up()
            asked = dict(parse_qsl(request.query_string))
            found = self._twilio.find(
                to=asked.get("To", ""),
                sender=asked.get("From", ""),
                since=_moment(asked.get("DateSent>", "")),
                most=_page(asked.get("PageSize", "")),
            )
        except TwilioError as problem:
            return json_answer(problem.body(), problem.status)
        messages = [text.resource(account, self._twilio.number) for text in found]
        return json_answer({"messages": messages, "page": 0, "next_page_uri": None})

    async def delete(
        self, request: Request, account: str, message: str, media: str
    ) -> HTTPResponse:
        """Delete a picture that a phone has sent."""
        try:
            self._authorise(request, account)
            self._twilio.is_up()
            if not self._twilio.delete_media(message, media.removesuffix(".json")):
                raise TwilioError(404, 20404, "The requested resource was not found.")
        except TwilioError as problem:
            return json_answer(problem.body(), problem.status)
        return empty()

    def _authorise(self, request: Request, account: str) -> None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            read = base64.b64decode(given, validate=True)
        except binascii.Error:
            read = b""
        wanted = f"{self._twilio.account_sid}:{self._twilio.auth_token}".encode()
        known = kind.lower() == "basic" and hmac.compare_digest(read, wanted)
        if not known or account != self._twilio.account_sid:
            raise TwilioError(401, 20003, "Authentication Error - invalid username")


def _form(request: Request) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(request.body.decode("utf-8"), errors="strict", max_num_fields=50))
    except ValueError:
        raise TwilioError(400, 20001, "The form cannot be read.") from None


def _moment(value: str) -> float:
    """Return seconds since 1970 of a date, or a date and time; both are in UTC."""
    if not value:
        return 0.0
    try:
        read = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise TwilioError(400, 20001, "DateSent is no date.") from None
    return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).timestamp()


def _page(value: str) -> int:
    return max(1, min(int(value), 1000)) if value.isdecimal() else _PAGE
