"""Speaks the texts and facts that were published in the console, soon after they were."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone

from answers import editions, writing
from answers.catalogue import Catalogue, Edition
from center.editing import Closure, edited, usable
from center.facts import Center
from desk.conversations import now_ms
from desk.lines import Lines
from store import closures, publications
from store.database import Database
from store.errors import StoreError
from store.publications import Published

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks at what is published."""
_START_LIMIT = 2.0


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked at: it changes with a publication, and as a day of review passes."""

    number: int
    today: str


class Publishing:
    """Looks for what was published, and has the desk's lines follow.

    While the store is away, what was known last is spoken; the files' own where nothing was.
    """

    def __init__(self, lines: Lines, database: Database) -> None:
        """Begin with what the files say, which `lines` speak now."""
        self._lines, self._database = lines, database
        self._catalogue: Catalogue = lines.catalogue
        self._center: Center = lines.center
        self._known = _Known(0, "")

    async def begin(self) -> None:
        """Look for the first time, before anybody is answered."""
        with suppress(StoreError):
            await self.follow(limit=_START_LIMIT)

    async def follow(self, *, limit: float | None = None) -> int:
        """Speak what is published; raises StoreError.

        Returns:
            1 when something is spoken otherwise than before.
        """
        number = await self._database.read(publications.number, limit=limit)
        today = datetime.now(timezone.utc).astimezone(self._center.zone).date().isoformat()
        known = _Known(number, today)
        # Where nothing was ever published the passing days change nothing.
        if known == self._known or not number:
            return 0
        found, closed = await self._database.read(
            lambda c: (publications.everything(c), closures.coming(c, now_ms())), limit=limit
        )
        self._use(list(found.values()), [_moments(each) for each in closed], today)
        self._known = known
        return 1

    def _use(self, published: list[Published], closed: list[Closure], today: str) -> None:
        texts = {
            (each.place.name, form): _edition(each, today)
            for each in published
            if (form := editions.FORMS.get((each.place.channel, each.place.language)))
        }
        found = {each.place.name: each for each in published if each.place.kind == "fact"}
        facts = usable(self._center, {key: each.content for key, each in found.items()})
        for key in found.keys() - facts:
            logger.error("The fact `%s` that was published is none that this center has.", key)
        if not self._center.speak_overdue:
            facts |= {key: None for key in facts if _overdue(found[key], today)}
        self._lines.use(
            editions.with_editions(self._catalogue, texts),
            edited(self._center, facts, closed),
            facts,
        )


def _edition(published: Published, today: str) -> Edition:
    return Edition(
        parts=writing.unpacked(published.content),
        version=published.version,
        approved_by=published.approved_by,
        overdue=_overdue(published, today),
    )


def _overdue(published: Published, today: str) -> bool:
    return published.review_by is not None and published.review_by < today


def _moments(closure: closures.Closure) -> Closure:
    return _moment(closure.from_at), _moment(closure.until_at)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
