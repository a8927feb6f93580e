"""Keeps what the console itself offers and knows, suggested texts and hours, as it is published."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from sanic import Sanic

from console.inbox.fragments import Fragments
from console.inbox.suggestions import Suggestions
from console.publishing.shelf import read_shelf
from store import publications
from store.database import Database
from store.errors import StoreError

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""


class Following:
    """Looks for what was published; while the store is away, what was known last stays."""

    def __init__(self, database: Database, fragments: Fragments) -> None:
        """Keep these pieces of pages up to date."""
        self._database, self._fragments = database, fragments
        self._number = 0
        self._task: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Offer what is published now; raises StoreError."""
        number = await self._database.read(publications.number)
        if number == self._number:
            return
        shelf = await read_shelf(self._database, self._fragments.clock())
        self._fragments.center = shelf.center
        self._fragments.suggestions = Suggestions(shelf.catalogue, shelf.center)
        self._number = number

    def start(self) -> None:
        """Look again and again."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            try:
                await self.look()
            except StoreError as problem:
                logger.warning("What is published cannot be read. %s", problem)
            except Exception as problem:
                # Whatever broke, it must live on.
                logger.error("Following what is published broke off: %s.", type(problem).__name__)
            await asyncio.sleep(EVERY)


def live(app: Sanic[Any, Any]) -> None:
    """Follow while the app serves; call it after the inbox's own."""

    @app.before_server_start
    async def begin(app: Sanic[Any, Any]) -> None:
        app.ctx.following = Following(app.ctx.database, app.ctx.fragments)
        app.ctx.following.start()

    @app.before_server_stop
    async def end(app: Sanic[Any, Any]) -> None:
        await app.ctx.following.stop()
