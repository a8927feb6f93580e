"""The desk's risk screen: every message, before anything else is done with it."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from safety.risk import Risk

logger = logging.getLogger(__name__)

# A message of this length takes a few milliseconds; longer ones would hold up everybody else.
_INLINE = 300


class Screen(Protocol):
    """What the desk needs of safety.screen.Screen."""

    def screen(self, text: str) -> Risk | None:
        """Return the most urgent risk of a message."""


@dataclass(frozen=True, slots=True)
class Screening:
    """What the screen said of one message."""

    risk: Risk | None
    failed: bool = False
    """Whether the screen could not do its work, so that nobody knows."""

    @property
    def crisis(self) -> bool:
        """Whether crisis resources must be shown."""
        return self.failed or (self.risk is not None and self.risk.alarm)


NOTHING = Screening(None)


class Screener:
    """Runs the screen, long texts in a thread of their own."""

    def __init__(self, screen: Screen, *, whole: bool = True) -> None:
        """Use this screen; without one of its layers, what it finds nothing in is unscreened."""
        self._screen, self._whole = screen, whole
        self._thread = ThreadPoolExecutor(1, "screen")

    async def screen(self, text: str) -> Screening:
        """Screen one message; never fails, but may say that it has."""
        if not text:
            return NOTHING
        if len(text) <= _INLINE:
            return self._run(text)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, text)

    def _run(self, text: str) -> Screening:
        try:
            risk = self._screen.screen(text)
            return Screening(risk, failed=not self._whole and (risk is None or not risk.alarm))
        except Exception as problem:
            # Whatever broke, the person must not pay for it: resources are shown, staff told.
            # Only the class is logged, since the rest may hold the person's words.
            logger.error("The risk screen failed: %s.", type(problem).__name__)
            return Screening(None, failed=True)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()
