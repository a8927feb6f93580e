"""Of which answers it is asked whether they helped, and what the person says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from desk.conversations import Live, now_ms
from desk.items import LARGEST_SEQ, items
from desk.lines import Lines
from desk.refusals import RefusedError
from desk.turn import Outcome, Turns
from store import answer_ratings, log
from store.database import Database
from store.errors import StoreError
from store.ratings import HELPED, NOT_HELPED
from store.records import Message

_LIMIT = 5.0
# Lines of the assistant's own (they have no intent), small talk, what leads to a person, and what
# says that there is no answer: nobody is asked how these were.
_NO_ANSWERS = frozenset(
    {
        None,
        "safety_crisis",
        "speak_to_human",
        "out_of_scope",
        "bot_challenge",
        "greet",
        "goodbye",
        "thanks",
        "affirm",
        "deny",
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of an answer."""

    seq: int
    helped: bool


def read_said(body: bytes) -> Said:
    """Return what a request's body says.

    Raises:
        RefusedError: It is not JSON, or of the wrong shape.
    """
    try:
        read: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RefusedError("not_json") from None
    if not isinstance(read, dict):
        raise RefusedError("not_json")
    seq, helped = read.get("message"), read.get("helped")
    # True is a number, too.
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < LARGEST_SEQ:
        raise RefusedError("wrong_rating")
    if not isinstance(helped, bool):
        raise RefusedError("wrong_rating")
    return Said(seq, helped)


class AnswerRatings:
    """Knows which answers are asked about, and keeps what is said of them."""

    def __init__(self, lines: Lines, turns: Turns, database: Database) -> None:
        """Know answers by the catalogue of these lines."""
        self._lines, self._turns, self._database = lines, turns, database

    def asked(self, live: Live, message: Message) -> bool:
        """Say whether a person is asked about a message: an answer, and no word of risk so far."""
        course = live.course
        return course.gravest is None and not course.said and self._answers(message)

    def replies(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return the replies of a turn as the person's client is told of them.

        Nothing is read or waited for: what was answered must not be lost on its way out.
        """
        live = self._turns.conversations.get(outcome.conversation)
        return items(outcome.replies, lambda each: live is not None and self.asked(live, each))

    async def items(
        self, conversation_id: str, messages: Iterable[Message]
    ) -> list[dict[str, Any]]:
        """Return messages as the person's client is told of them."""
        live = await self._turns.open(conversation_id)
        return items(messages, lambda message: self.asked(live, message))

    async def say(self, conversation_id: str, said: Said) -> None:
        """Keep what a person says of an answer; what they said before holds no more.

        Raises:
            RefusedError: There is no such answer in the conversation, or the log is out of order.
        """
        now = now_ms()
        try:
            kept = await self._database.write(
                lambda c: self._keep(c, conversation_id, said, now), limit=_LIMIT
            )
        except StoreError:
            raise RefusedError("unavailable") from None
        if not kept:
            raise RefusedError("answer_unknown")

    def _keep(self, connection: Connection, conversation_id: str, said: Said, at: int) -> bool:
        message = log.message(connection, conversation_id, said.seq)
        if message is None or not self._answers(message):
            return False
        score = HELPED if said.helped else NOT_HELPED
        answer_ratings.rate(connection, conversation_id, said.seq, score, at)
        return True

    def _answers(self, message: Message) -> bool:
        if (message.sender, message.kind) != ("bot", "answer") or message.reply_to is None:
            return False
        text = self._lines.catalogue.answers.get(message.answer_id or "")
        return text is not None and text.intent not in _NO_ANSWERS
