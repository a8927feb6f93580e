"""What somebody who waits for staff is told: what will happen, and when, as far as it is known.

Only what is known is said: the hours that the center has set, whether staff say of themselves that
they are available, the place in the queue. Nothing says how soon somebody will come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from center.hours import spoken_opening
from desk.asked import Asked
from desk.conversations import now_ms
from desk.handoff import texts
from desk.lines import Lines, spoken_message
from store import presence
from store.database import Database
from store.errors import StoreError
from store.records import Message

_LIMIT = 0.3


@dataclass(frozen=True, slots=True)
class Wait:
    """What is known of somebody's wait."""

    answer_id: str
    facts: dict[str, str]


class Waiting:
    """Knows how it stands with a wait, and says it."""

    def __init__(self, lines: Lines, database: Database, clock: Callable[[], int] = now_ms) -> None:
        """Speak with these lines; `clock` gives the moment in milliseconds."""
        texts.check(lines)
        self._lines, self._database, self._clock = lines, database, clock

    async def of(self, conversation_id: str, language: str = "en") -> Wait:
        """Return what is known of a wait that is under way, or that begins now.

        Args:
            conversation_id: Whose wait.
            language: What its facts are said in, "en" or "es".
        """
        now = self._clock()
        moment = datetime.fromtimestamp(now / 1000, timezone.utc)
        hours = self._lines.center.hours
        known = await self._known(conversation_id, now)
        place = {} if known is None else {"place": str(known[1])}
        if hours is not None and not hours.is_open(moment):
            # Nobody comes before the opening, so a place in the queue would promise too much.
            opening = hours.next_opening(moment)
            facts = {"opening": spoken_opening(opening, moment, language)} if opening else {}
            return Wait(texts.QUEUED_CLOSED, facts)
        if hours is None or known is None:
            return Wait(texts.QUEUED, place)
        return Wait(texts.QUEUED_OPEN if known[0] else texts.QUEUED_NONE, place)

    async def _known(self, conversation_id: str, now: int) -> tuple[int, int] | None:
        """Return how many of staff are available, and the place in the queue."""
        try:
            return await self._database.read(
                lambda c: (presence.available(c, now), presence.place(c, conversation_id, now)),
                limit=_LIMIT,
            )
        except StoreError:
            return None

    async def line(self, asked: Asked) -> Message:
        """Return the line on the wait."""
        live, language = asked.live, asked.language
        wait = await self.of(live.id, language)
        return spoken_message(
            self._lines.say(
                wait.answer_id, channel=live.channel, language=language, also=wait.facts
            ),
            seq=live.next_seq(),
            at=now_ms(),
            kind="notice",
            reply_to=asked.message.seq,
            sender="system",
        )
