"""How a pretend platform calls the desk: over real HTTP, beside whatever else goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field

import aiohttp

logger = logging.getLogger(__name__)

_LONGEST = 100_000
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk answered."""

    status: int
    """0 when it could not be reached, or took too long."""
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    late: bool = False

    @property
    def taken(self) -> bool:
        """Whether the desk took what it was given."""
        return 200 <= self.status < 300

    @property
    def trouble(self) -> str:
        """What went wrong, empty when nothing did."""
        if self.taken:
            return ""
        if self.status:
            return f"HTTP {self.status}"
        return "no answer in time" if self.late else "no connection"


class Wire:
    """Calls to the desk, and what runs in the background."""

    def __init__(self) -> None:
        """Open nothing yet: there may be no event loop."""
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], patience: float
    ) -> Answer:
        """Post a body and return the answer; never raises for what the network does.

        Args:
            url: Where to.
            body: The exact bytes, since they are signed.
            headers: Signature and content type.
            patience: Seconds that the platform waits.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        limit = aiohttp.ClientTimeout(total=patience)
        try:
            async with self._session.post(
                url, data=body, headers=dict(headers), timeout=limit, allow_redirects=False
            ) as answer:
                read = await answer.content.read(_LONGEST)
                text = read.decode("utf-8", "replace")
                return Answer(
                    answer.status, text, {k.lower(): v for k, v in answer.headers.items()}
                )
        except asyncio.TimeoutError:
            return Answer(0, late=True)
        except (aiohttp.ClientError, OSError):
            return Answer(0)

    def begin(self, work: Coroutine[object, object, None]) -> None:
        """Do something in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            # What the error says may hold words that somebody has typed.
            logger.error("The simulator could not go on: %s.", type(problem).__name__)

    async def settle(self) -> None:
        """Wait for what runs in the background."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """End what runs in the background, and close connections."""
        for task in list(self._tasks):
            task.cancel()
        await self.settle()
        if self._session is not None:
            await self._session.close()
            self._session = None
