"""The desk's risk screen: every message, before anything else is done with it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from desk.fair_queue import FairQueue
from desk.metrics.figures import SCREEN_SECONDS
from safety.course import Course
from safety.follow_ups import ALARMING, Follow
from safety.replies import CHOSEN
from safety.risk import Risk

logger = logging.getLogger(__name__)

# A message of this length takes a few milliseconds; longer ones would hold up everybody else.
_INLINE = 300
_MOST = 4_096
"""Messages that may wait to be screened."""
_TOGETHER_WITHIN = 1.0
"""Seconds that two messages wait to be read together; the person's resources wait for it."""
_GLANCED = 2_000
"""Characters that are looked at of a message that is refused, when too much came."""


class Screen(Protocol):
    """What the desk needs of safety.screen.Screen."""

    def screen(self, text: str) -> Risk | None:
        """Return the most urgent risk of a message."""

    def by_rules(self, text: str) -> Risk | None:
        """Return the most urgent risk that the rules alone find."""


@dataclass(frozen=True, slots=True)
class Screening:
    """What the screen said of one message."""

    risk: Risk | None
    failed: bool = False
    """Whether the screen could not do its work, so that nobody knows."""
    follow: Follow | None = None
    """What the message is as an answer to a crisis text before it, if it is one."""
    in_course: bool = False
    """Whether it was read together with the messages before it."""
    unread: bool = False
    """Whether nobody has looked, since so much came at once that it is refused: the person gets
    resources all the same, staff hear of nothing."""

    @property
    def crisis(self) -> bool:
        """Whether crisis resources must be shown."""
        return self.failed or self.unread or (self.risk is not None and self.risk.alarm)


NOTHING = Screening(None)


class Screener:
    """Runs the screen, long texts in a thread of their own."""

    def __init__(self, screen: Screen, *, whole: bool = True) -> None:
        """Use this screen; without one of its layers, what it finds nothing in is unscreened."""
        self._screen, self._whole = screen, whole
        self._thread = ThreadPoolExecutor(1, "screen")
        self._short, self._long = FairQueue(1, _MOST), FairQueue(1, _MOST)

    def use(self, screen: Screen) -> None:
        """Screen with another one from now on, which has both its layers."""
        self._screen, self._whole = screen, True

    async def screen(self, text: str, group: str = "", within: float | None = None) -> Screening:
        """Screen one message; never fails, but may say that it has.

        Args:
            text: The message.
            group: Where it came from: many messages of one place hold up no others.
            within: Seconds that it may wait for those before it; then it counts as failed.
        """
        if not text:
            return NOTHING
        short = len(text) <= _INLINE
        async with (self._short if short else self._long).place(group, limit=within) as entered:
            if not entered:
                return Screening(None, failed=True)
            if not short:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._thread, self._run, text)
            screening = self._run(text)
            # Whoever else is ready goes on before the next of many is screened.
            await asyncio.sleep(0)
            return screening

    def glance(self, text: str) -> Screening:
        """Look by the rules alone at the beginning of a message that is refused in any case.

        What they find is known; what they find nothing in is unread, and gets resources too.
        """
        found = self._looked(self._screen.by_rules, text[:_GLANCED])
        return found if found.crisis else Screening(None, unread=True)

    async def in_course(
        self,
        course: Course,
        screening: Screening,
        text: str,
        button: str | None,
        at: int,
        group: str = "",
    ) -> Screening:
        """Say what a screened message is after those before it; raises a finding, never lowers it.

        Args:
            course: What the conversation has held of risk.
            screening: What the screen said of the message alone.
            text: The person's words.
            button: The id of the button that was chosen instead.
            at: The message's moment in milliseconds.
            group: Where it came from; see `screen`.
        """
        if screening.in_course:
            return screening
        if button is not None:
            return _followed(course, screening, CHOSEN.get(button))
        together = course.joined(text, at)
        if together is not None:
            both = await self._together(course, screening.risk, text, together, group)
            raised = course.raised(screening.risk, both)
            if raised is not screening.risk:
                # Found without the screen having looked: it is known now, and staff hear of it.
                return replace(screening, risk=raised, in_course=True, unread=False)
        return _followed(course, screening, course.follow(text, screening.risk))

    async def _together(
        self, course: Course, found: Risk | None, text: str, together: str, group: str
    ) -> Risk | None:
        if course.is_near_risk(found):
            both = await self.screen(together, group, _TOGETHER_WITHIN)
            # Too much waits: what the rules say is known at once.
            return self._looked(self._screen.by_rules, together).risk if both.failed else both.risk
        if not course.is_piece(text):
            return None
        # A phrase cut in two holds a rule's words; for its meaning all of it would be encoded anew
        # at every short question.
        return self._looked(self._screen.by_rules, together).risk

    def _run(self, text: str) -> Screening:
        return self._looked(self._screen.screen, text)

    def _looked(self, look: Callable[[str], Risk | None], text: str) -> Screening:
        try:
            began = time.perf_counter()
            risk = look(text)
            SCREEN_SECONDS.observe(time.perf_counter() - began)
            return Screening(risk, failed=not self._whole and (risk is None or not risk.alarm))
        except Exception as problem:
            # Whatever broke, the person must not pay for it: resources are shown, staff told.
            # Only the class is logged, since the rest may hold the person's words.
            logger.error("The risk screen failed: %s.", type(problem).__name__)
            return Screening(None, failed=True)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()


def _followed(course: Course, screening: Screening, follow: Follow | None) -> Screening:
    if follow in ALARMING:
        screening = replace(screening, risk=course.answered(follow), unread=False)
    return replace(screening, follow=follow, in_course=True)
