"""Lets messages in: token, limits, size; whoever is turned away still gets crisis resources."""

from __future__ import annotations

from typing import Any

import orjson

from desk.errors import BusyError, NotTakenError, UnknownButtonError
from desk.inbound import LONGEST, Inbound, is_client_id
from desk.limits import Limiter
from desk.one_turn import Outcome
from desk.refusals import RefusedError
from desk.screening import NOTHING, Screener
from desk.settings import Settings
from desk.tokens import TokenError, Tokens
from desk.turn import Turns

_BUTTON_LONGEST = 128


def read_message(body: bytes) -> Inbound:
    """Return the message in a request's body.

    Raises:
        RefusedError: It is not UTF-8, not JSON, or of the wrong shape.
    """
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RefusedError("not_json") from None
    if not isinstance(read, dict):
        raise RefusedError("not_json")
    client_id, text, button = read.get("id"), read.get("text"), read.get("button")
    if not isinstance(client_id, str) or not is_client_id(client_id):
        raise RefusedError("wrong_shape")
    return _inbound(client_id, text, button)


def _inbound(client_id: str, text: Any, button: Any) -> Inbound:
    if isinstance(text, str) and button is None:
        return Inbound(client_id, text=text)
    if text is None and isinstance(button, str) and 0 < len(button) <= _BUTTON_LONGEST:
        return Inbound(client_id, button=button)
    raise RefusedError("wrong_shape")


class Reception:
    """The one way in for messages of the web channel."""

    def __init__(
        self, *, turns: Turns, screener: Screener, tokens: Tokens, settings: Settings
    ) -> None:
        """Let in what the settings allow."""
        self._turns, self._screener, self.tokens = turns, screener, tokens
        self._addresses = Limiter(settings.rate_address)
        self._conversations = Limiter(settings.rate_conversation)
        # Somebody at risk is heard when others would be told to wait, within reason.
        self._at_risk = Limiter(settings.rate_conversation)
        # Clicks on answers take nothing from what may be written.
        self._clicks = Limiter(settings.rate_conversation)

    async def receive(self, body: bytes, authorization: str, address: str) -> Outcome:
        """Take a message of the public API.

        Raises:
            RefusedError: It was not taken; carries what the screen said of it.
        """
        try:
            inbound = read_message(body)
        except RefusedError as refusal:
            text = body.decode("utf-8", "replace")
            raise RefusedError(refusal.code, await self._screener.screen(text), text) from None
        return await self.take(inbound, bearer(authorization), address)

    async def take(self, inbound: Inbound, token: str, address: str) -> Outcome:
        """Take a message that has been read; raises as `receive` does."""
        screening = await self._screener.screen(inbound.text)
        conversation = None
        try:
            conversation = self.conversation(token)
            screening = await self._turns.in_course(conversation, inbound, screening)
            at_risk = screening.crisis and self._at_risk.allows(conversation)
            if not at_risk and not self._allows(conversation, address):
                raise RefusedError("too_many")
            if len(inbound.text) > LONGEST:
                raise RefusedError("too_large")
            return await self._turns.handle(conversation, inbound, screening=screening)
        except RefusedError as refusal:
            code = refusal.code
        except UnknownButtonError:
            code = "button_unknown"
            # What was not offered may be anything, a person's own words among it.
            screening = await self._screener.screen(inbound.button or "")
        except BusyError:
            code = "too_many"
        except NotTakenError:
            code = "not_taken"
        if conversation is not None and screening.crisis:
            await self._turns.alarm(conversation, screening)
        raise RefusedError(code, screening, inbound.text or inbound.button or "") from None

    def _allows(self, conversation: str, address: str) -> bool:
        return self._addresses.allows(address) and self._conversations.allows(conversation)

    def admit(self, address: str) -> None:
        """Count something that an address asks for besides messages.

        Raises:
            RefusedError: It has asked for too much.
        """
        if not self._addresses.allows(address):
            raise RefusedError("too_many", NOTHING)

    def admit_click(self, conversation: str, address: str) -> None:
        """Count what a person says of an answer by a click.

        Raises:
            RefusedError: Too much came of the conversation, or from the address.
        """
        self.admit(address)
        if not self._clicks.allows(conversation):
            raise RefusedError("too_many")

    def conversation(self, token: str) -> str:
        """Return the id of the conversation that a token opens.

        Raises:
            RefusedError: It opens none.
        """
        if not token:
            raise RefusedError("token_missing")
        try:
            return self.tokens.read(token)
        except TokenError as problem:
            raise RefusedError(problem.code) from None


def bearer(authorization: str) -> str:
    """Return the token of an Authorization header, or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
