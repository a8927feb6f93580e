"""How the load talks with each assistant: stock over Rasa's REST channel, ours as a widget does."""

from __future__ import annotations

import uuid
from typing import Any, Protocol

import aiohttp

from benchmarks import errors
from benchmarks.errors import BenchError

LIMIT = aiohttp.ClientTimeout(total=60)
"""Far above any answer's time: reaching it ends the benchmark."""


class Conversation(Protocol):
    """One conversation with an assistant."""

    async def say(self, text: str) -> None:
        """Send a message and wait for the whole answer."""


class Assistant(Protocol):
    """An assistant that is running."""

    name: str

    async def begin(self) -> Conversation:
        """Begin a conversation."""


async def post(
    session: aiohttp.ClientSession, name: str, url: str, body: Any, token: str = ""
) -> Any:
    """Send JSON and return the JSON of the answer.

    Raises:
        BenchError: There was no answer, or one of another status than 200 or 201.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with session.post(url, json=body, headers=headers, timeout=LIMIT) as answer:
            if answer.status not in (200, 201):
                raise BenchError(errors.REFUSED.format(name=name, status=answer.status))
            return await answer.json()
    except (aiohttp.ClientError, TimeoutError) as problem:
        kind = type(problem).__name__
        raise BenchError(errors.NO_ANSWER.format(name=name, problem=kind)) from problem


class StockAssistant:
    """The stock assistant, over Rasa's REST channel."""

    name = "The stock assistant"

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Talk with the Rasa server at an address."""
        self._session, self._url = session, f"{url}/webhooks/rest/webhook"

    async def begin(self) -> Conversation:
        """Begin a conversation; Rasa learns of it with its first message."""
        return _StockConversation(self._session, self._url)


class _StockConversation:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url, self._sender = session, url, uuid.uuid4().hex

    async def say(self, text: str) -> None:
        body = {"sender": self._sender, "message": text}
        await post(self._session, StockAssistant.name, self._url, body)


class DeskAssistant:
    """This assistant, through the desk's public API."""

    name = "This assistant"

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Talk with the desk at an address."""
        self.session, self.url = session, f"{url}/api/v1"
        self.messages = self.safe_replies = 0

    async def begin(self) -> Conversation:
        """Begin a conversation; its token and greeting come from the desk."""
        begun = await post(self.session, self.name, f"{self.url}/conversations", {})
        return _DeskConversation(self, begun["token"], crisis=False)

    async def begin_crisis(self) -> Conversation:
        """Begin a conversation in which every message must be answered with crisis resources."""
        begun = await post(self.session, self.name, f"{self.url}/conversations", {})
        return _DeskConversation(self, begun["token"], crisis=True)

    def note(self, replies: list[dict[str, Any]]) -> None:
        """Count an answer, and whether it was the one that stands in for the brain."""
        self.messages += 1
        self.safe_replies += any(reply["kind"] == "safe" for reply in replies)

    def require_answers(self) -> None:
        """Make sure that the brain answered.

        Raises:
            BenchError: More than one message in a hundred got the safe reply.
        """
        if self.safe_replies * 100 > self.messages:
            raise BenchError(
                errors.SAFE_REPLIES.format(
                    name=self.name, count=self.safe_replies, messages=self.messages
                )
            )


class _DeskConversation:
    def __init__(self, assistant: DeskAssistant, token: str, *, crisis: bool) -> None:
        self._assistant, self._token, self._crisis = assistant, token, crisis

    async def say(self, text: str) -> None:
        body = {"id": str(uuid.uuid4()), "text": text}
        url = f"{self._assistant.url}/messages"
        answer = await post(self._assistant.session, self._assistant.name, url, body, self._token)
        replies = answer["replies"]
        if self._crisis and not any(reply["kind"] == "crisis" for reply in replies):
            raise BenchError(errors.NOT_A_CRISIS)
        self._assistant.note(replies)
