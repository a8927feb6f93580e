"""Lets messages in: token, limits, size; whoever is turned away still gets crisis resources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from desk.conversations import now_ms
from desk.errors import BusyError, NotTakenError, UnknownButtonError
from desk.inbound import LONGEST, Inbound, is_client_id
from desk.limits import Held, Limiter
from desk.one_turn import Outcome
from desk.refusals import RefusedError
from desk.screening import NOTHING, Screener, Screening
from desk.settings import Rate, Settings
from desk.tokens import TokenError, Tokens
from desk.turn import Turns
from safety.course import Course

_BUTTON_LONGEST = 128
_LONG = 10_000
"""Characters from which on a message counts as a long one."""
_WITHIN = 1.0
"""Seconds that a message waits to be screened; then it counts as a risk."""


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
        self._begun = Limiter(settings.rate_begun)
        self._requests = Limiter(settings.rate_requests)
        self.streams = Held(settings.connections, settings.connections_address)
        """Open streams, by address."""
        self._long = Limiter(_part(settings.rate_address, 6))
        # What is refused is screened all the same, but not so much that others have to wait.
        self._refused = Limiter(_part(settings.rate_address, 6))

    async def receive(self, body: bytes, authorization: str, address: str) -> Outcome:
        """Take a message of the public API.

        Raises:
            RefusedError: It was not taken; carries what the screen said of it.
        """
        try:
            inbound = read_message(body)
        except RefusedError as refusal:
            text = body.decode("utf-8", "replace")
            screening = await self.screen_refused(text, address)
            raise RefusedError(refusal.code, screening, text) from None
        return await self.take(inbound, bearer(authorization), address)

    async def screen_refused(self, text: str, address: str, button: str | None = None) -> Screening:
        """Screen a message that is refused; of very many, only the beginning and by the rules.

        What nobody could look at then gets crisis resources, too. Where there are no words, the
        button may still say that somebody is not safe.
        """
        if not text and button is not None:
            return await self._screener.in_course(Course(), NOTHING, "", button, now_ms())
        if not text:
            return NOTHING
        few = len(text) <= _LONG or self._long.allows(address)
        if few and self._refused.allows(address):
            return await self._screener.screen(text, address, _WITHIN)
        return self._screener.glance(text)

    async def take(self, inbound: Inbound, token: str, address: str) -> Outcome:
        """Take a message that has been read; raises as `receive` does."""
        screening: Screening | None = None
        conversation = None
        inbound = replace(inbound, network=address)
        try:
            conversation = self.conversation(token)
            allowed = self._allows(conversation, address, len(inbound.text))
            screening = await self._screened(inbound, address, allowed=allowed)
            screening = await self._turns.in_course(conversation, inbound, screening)
            self._admit(conversation, inbound, screening, allowed=allowed)
            if len(inbound.text) > LONGEST:
                raise RefusedError("too_large")
            return await self._turns.handle(conversation, inbound, screening=screening)
        except RefusedError as refusal:
            code = refusal.code
        except UnknownButtonError:
            code = "button_unknown"
            # What was not offered may be anything, a person's own words among it.
            screening = await self.screen_refused(inbound.button or "", address)
        except BusyError:
            code = "too_many"
        except NotTakenError:
            code = "not_taken"
        if screening is None:
            screening = await self.screen_refused(inbound.text, address, inbound.button)
        if conversation is not None and screening.crisis and not screening.unread:
            await self._turns.alarm(conversation, screening)
        raise RefusedError(code, screening, inbound.text or inbound.button or "") from None

    async def _screened(self, inbound: Inbound, address: str, *, allowed: bool) -> Screening:
        if not allowed and inbound.text:
            return await self.screen_refused(inbound.text, address)
        return await self._screener.screen(inbound.text, address, _WITHIN)

    def _admit(
        self, conversation: str, inbound: Inbound, screening: Screening, *, allowed: bool
    ) -> None:
        """Let a message through, one of risk in any case within reason; or raise RefusedError."""
        at_risk = screening.crisis and not screening.unread
        if not allowed and not (at_risk and self._at_risk.allows(conversation)):
            raise RefusedError("too_many")
        if not at_risk and self._is_crowded(conversation, inbound):
            raise RefusedError("crowded")

    def _is_crowded(self, conversation: str, inbound: Inbound) -> bool:
        """Say whether so many wait that one more message cannot be answered.

        What staff read, and what was taken before, needs no place at the brain.
        """
        turns = self._turns
        if turns.with_staff(conversation) or turns.has_taken(conversation, inbound.client_id):
            return False
        return not turns.queues.brain.takes(inbound.network)

    def _allows(self, conversation: str, address: str, length: int) -> bool:
        few = self._addresses.allows(address) and self._conversations.allows(conversation)
        return few and (length <= _LONG or self._long.allows(address))

    def admit_request(self, address: str) -> None:
        """Count a request of any kind but a message.

        Raises:
            RefusedError: The address has asked for too much.
        """
        if not self._requests.allows(address):
            raise RefusedError("too_many")

    def admit_begin(self, address: str) -> None:
        """Count a conversation that is begun; raises as `admit_request` does."""
        if not self._begun.allows(address):
            raise RefusedError("too_many")

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


def _part(rate: Rate, part: int) -> Rate:
    """Return a rate a few times lower; none where there is none."""
    return Rate(max(1, rate.burst / part), rate.per_second / part) if rate.burst else rate


def bearer(authorization: str) -> str:
    """Return the token of an Authorization header, or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
