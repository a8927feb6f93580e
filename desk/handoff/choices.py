"""What a person chooses about a handoff: to stop waiting, or to say how it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from desk.asked import Asked, Composed
from desk.conversations import now_ms
from desk.handoff import texts
from desk.lines import Lines, spoken_message
from store import ownership, ratings
from store.database import Database
from store.errors import StoreError
from store.records import Message, Ownership

_LIMIT = 0.3
_SCORES = {texts.RATING_YES: ratings.HELPED, texts.RATING_NO: ratings.NOT_HELPED}
# Whole messages that can mean nothing else from somebody who waits.
_STOP = re.compile(
    r"(ok(ay)?|no|actually)?[ ,]*"
    r"(never ?mind|cancel( (that|it|my request|the request))?|stop waiting|"
    r"i (do not|don'?t) (need|want) (a|to talk to a|to speak to a) (person|human)( anymore)?|"
    r"no (person|human) (is )?(needed|necessary))"
    r"([ ,]*(thanks|thank you|no (person|human) needed))?[ .!]*"
    r"|(no[ ,]+)?(no importa|olv[ií](de|da)lo|dejar de esperar|cancelar?( (mi|la) solicitud)?|"
    r"(ya )?no (quiero|necesito) (esperar|(hablar con )?(una persona|nadie))( m[aá]s)?)"
    r"([ ,]*gracias)?[ .!]*",
    re.IGNORECASE,
)


def stops_waiting(text: str) -> bool:
    """Say whether words from somebody who waits mean that they no longer want to."""
    return _STOP.fullmatch(text.strip().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")) is not None


class Choices:
    """Answers these choices; the brain knows nothing of them."""

    def __init__(self, lines: Lines, database: Database, clock: Callable[[], int] = now_ms) -> None:
        """Speak with these lines; `clock` gives the moment in milliseconds."""
        self._lines, self._database, self._clock = lines, database, clock

    async def made(self, asked: Asked) -> Composed:
        """Do what a button says, and answer it unless staff speak here now."""
        button = asked.message.button
        answer_id = await (self._rated(asked) if button in _SCORES else self._stopped(asked))
        live = asked.live
        if live.owner == "human" or live.blocked:
            return Composed((), "fixed")
        return Composed((self._line(asked, answer_id),), "fixed")

    async def stopped(self, asked: Asked) -> Composed:
        """Answer words that mean the same as the button."""
        return Composed((self._line(asked, await self._stopped(asked)),), "fixed")

    async def _stopped(self, asked: Asked) -> str:
        live, now = asked.live, self._clock()
        try:
            done, owned = await self._database.write(
                lambda c: (ownership.cancel(c, live.id, now), ownership.state(c, live.id)),
                limit=_LIMIT,
            )
        except StoreError:
            # The request is where it was, which is what the text says.
            return texts.KEPT
        _own(asked, owned)
        if done:
            return texts.CANCELLED
        return texts.KEPT if live.owner == "queue" else texts.OVER

    async def _rated(self, asked: Asked) -> str:
        score, now = _SCORES[asked.message.button or ""], self._clock()
        # Whoever has done a favour is thanked, not troubled with a log that is away.
        with suppress(StoreError):
            await self._database.write(
                lambda c: ratings.rate(c, asked.live.id, score, now), limit=_LIMIT
            )
        return texts.THANKS

    def _line(self, asked: Asked, answer_id: str) -> Message:
        return spoken_message(
            self._lines.say(answer_id, channel=asked.live.channel, language=asked.language),
            seq=asked.live.next_seq(),
            at=now_ms(),
            kind="notice",
            reply_to=asked.message.seq,
            sender="system",
        )


def _own(asked: Asked, owned: Ownership | None) -> None:
    if owned is not None:
        asked.live.own(owned)
