"""The addresses that Twilio calls; what it has not signed is refused."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING

from sanic import Blueprint, HTTPResponse, Request
from twilio.request_validator import RequestValidator

from desk.channels import forms
from desk.channels.forms import FormError
from desk.channels.sms import form
from desk.refusals import RefusedError
from store.errors import StoreError

if TYPE_CHECKING:
    from desk.channels.sms.channel import SmsChannel
    from desk.channels.sms.config import SmsConfig

logger = logging.getLogger(__name__)

PATH = "/webhooks/sms"
_DONE = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def routes() -> Blueprint:
    """Return the routes under /webhooks/sms."""
    sms = Blueprint("sms", url_prefix=PATH)
    sms.add_route(message, "/", methods=["POST"])
    sms.add_route(status, "/status", methods=["POST"])
    return sms


def _channel(request: Request) -> SmsChannel:
    found: SmsChannel | None = request.app.ctx.desk.channels.get("sms")
    if found is None:
        raise RefusedError("not_found")
    return found


def signed(config: SmsConfig, path: str, fields: dict[str, str], signature: str) -> bool:
    """Say whether Twilio has signed a request, over the address by which it reaches the desk.

    Args:
        config: With the account's token and the desk's public address.
        path: The request's path and query.
        fields: The posted form.
        signature: X-Twilio-Signature.
    """
    if not signature:
        return False
    validator = RequestValidator(config.auth_token)
    return bool(validator.validate(config.public_url + path, fields, signature))


def _read(request: Request, channel: SmsChannel) -> dict[str, str]:
    if not forms.is_of(request, forms.FORM):
        raise RefusedError("not_form")
    try:
        fields = forms.fields(request.body)
    except FormError:
        raise RefusedError("not_form") from None
    path = request.path + (f"?{request.query_string}" if request.query_string else "")
    signature = request.headers.get("x-twilio-signature", "")
    own = hmac.compare_digest(
        fields.get("AccountSid", "").encode(), channel.config.account_sid.encode()
    )
    if not signed(channel.config, path, fields, signature) or not own:
        # Whose it is nobody knows: a forger's, or one of ours with a wrong address or token.
        logger.warning(
            "A text was refused, because Twilio has not signed it. If it was yours: is "
            "IOP_PUBLIC_URL the address that Twilio calls, and the token the account's?"
        )
        raise RefusedError("not_signed")
    return fields


async def message(request: Request) -> HTTPResponse:
    """Take a text; it is answered afterwards, by the API."""
    channel = _channel(request)
    fields = _read(request, channel)
    try:
        arrival = form.arrival(fields)
    except FormError:
        raise RefusedError("not_form") from None
    if arrival is not None:
        await channel.received(arrival)
    return HTTPResponse(_DONE, content_type="text/xml")


async def status(request: Request) -> HTTPResponse:
    """Take what became of a text of ours."""
    channel = _channel(request)
    fields = _read(request, channel)
    try:
        delivery = form.delivery(fields)
    except FormError:
        raise RefusedError("not_form") from None
    try:
        await channel.reported(delivery)
    except StoreError:
        raise RefusedError("unavailable") from None
    return HTTPResponse(status=204)
