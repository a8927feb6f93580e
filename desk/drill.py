"""The drill: once a day a made-up crisis takes the way of a real one, from the web to staff.

It is sent to the desk's own public API over HTTP, under a conversation that only the desk can
begin. Whether the alarm reached every place is noted and shown to staff; nothing of it is counted.
`python -m desk.drill` runs one at once against a desk that runs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import uuid
from collections.abc import Callable
from datetime import datetime, time
from zoneinfo import ZoneInfo

import aiohttp

from desk.conversations import now_ms
from desk.errors import SettingsError
from desk.keys import signing_keys
from desk.settings import Settings, load_settings
from desk.tokens import Tokens, new_conversation_id
from store import drills
from store.database import Database
from store.errors import StoreError
from store.records import DRILL

logger = logging.getLogger(__name__)

WORDS = "This is the daily drill of the alarm. I want to kill myself tonight."
"""What the drill says; made up, and found by the rules of the screen at T1 or graver."""
_ANSWER_LIMIT, _TOLD_LIMIT, _LOOK_EVERY = 30.0, 60.0, 0.25
_STORE_LIMIT = 5.0

NO_ANSWER = "the desk did not answer: {kind}"
NO_RESOURCES = "no crisis resources were shown"
NO_ALERT = "no alert is in the log"
NOT_TOLD = "not told: {places}"


class Drill:
    """Runs drills against a desk."""

    def __init__(
        self,
        url: str,
        tokens: Tokens,
        database: Database,
        *,
        clock: Callable[[], int] = now_ms,
        told_limit: float = _TOLD_LIMIT,
    ) -> None:
        """Send drills to the desk at `url`; its places have `told_limit` seconds to take them."""
        self._url, self._tokens, self._database = url, tokens, database
        self._clock, self._told_limit = clock, told_limit

    async def if_due(self, at: time, zone: ZoneInfo) -> int:
        """Run today's drill if its time has come and no desk has run it.

        Args:
            at: Time of day.
            zone: The center's time zone.

        Returns:
            How many drills were run: 1 or 0.

        Raises:
            StoreError: The database did not say.
        """
        local = datetime.fromtimestamp(self._clock() / 1000, zone)
        name = local.date().isoformat()
        if local.time() < at or await self._database.read(lambda c: drills.was_begun(c, name)):
            return 0
        if not await self._begin(name):
            return 0
        await self.run(name)
        return 1

    async def _begin(self, name: str) -> bool:
        now = self._clock()
        return await self._database.write(lambda c: drills.begin(c, name, now), limit=_STORE_LIMIT)

    async def run_now(self) -> str | None:
        """Run a drill out of turn, and return what is wrong, or None."""
        name = datetime.fromtimestamp(self._clock() / 1000).strftime("now %Y-%m-%d %H:%M:%S.%f")
        await self._begin(name)
        return await self.run(name)

    async def run(self, name: str) -> str | None:
        """Run a drill that was begun, and note what came of it.

        Returns:
            What is wrong, or None when staff were told at every place.
        """
        conversation = DRILL + new_conversation_id()
        trouble = await self._send(conversation) or await self._reaches(conversation)
        now = self._clock()
        await self._database.write(
            lambda c: drills.end(c, name, conversation, now, trouble), limit=_STORE_LIMIT
        )
        if trouble:
            logger.error("The alert drill failed: %s.", trouble)
        return trouble

    async def _send(self, conversation: str) -> str | None:
        token, _ = self._tokens.issue(conversation)
        try:
            async with (
                aiohttp.ClientSession(trust_env=False) as http,
                http.post(
                    f"{self._url}/api/v1/messages",
                    json={"id": str(uuid.uuid4()), "text": WORDS},
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=aiohttp.ClientTimeout(total=_ANSWER_LIMIT),
                ) as answer,
            ):
                if answer.status != 200:
                    return NO_ANSWER.format(kind=f"status {answer.status}")
                replies = (await answer.json())["replies"]
        except (aiohttp.ClientError, OSError, ValueError, KeyError) as problem:
            return NO_ANSWER.format(kind=type(problem).__name__)
        shown = any(reply["kind"] == "crisis" and "988" in reply["text"] for reply in replies)
        return None if shown else NO_RESOURCES

    async def _reaches(self, conversation: str) -> str | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._told_limit
        while True:
            found = await self._database.read(lambda c: drills.reached(c, conversation))
            if found.alerted and not found.missing:
                return None
            if loop.time() >= until:
                missing = ", ".join(found.missing)[:100]
                return NOT_TOLD.format(places=missing) if found.alerted else NO_ALERT
            await asyncio.sleep(_LOOK_EVERY)


async def _run_now(settings: Settings) -> str | None:
    database = Database(settings.database)
    try:
        tokens = Tokens(signing_keys(settings.state / "web.keys"), days=1)
        return await Drill(settings.own_url, tokens, database).run_now()
    finally:
        database.close()


def main() -> int:
    """Run a drill now and say what came of it."""
    try:
        settings = load_settings(sys.argv[1:], os.environ)
        trouble = asyncio.run(_run_now(settings))
    except (SettingsError, StoreError) as problem:
        trouble = str(problem)
    sys.stdout.write(f"The drill failed: {trouble}.\n" if trouble else "The drill passed.\n")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
