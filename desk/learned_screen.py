"""Screens with the meaning layer that was trained together with the model in use."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from desk.screening import Screener
from safety.layers import load_layers
from setup import learned_models
from store import models_in_use
from store.database import Database

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks at which model is in use."""


class LearnedScreen:
    """Looks which model is in use, and has the screener follow."""

    def __init__(self, screener: Screener, database: Database, folder: Path, detection: str):
        """Follow.

        Args:
            screener: The desk's; screens as `make train` has trained it until told otherwise.
            database: Says which model is in use.
            folder: Where learned models lie.
            detection: What the center has chosen; see safety.layers.
        """
        self._screener, self._database = screener, database
        self._folder, self._detection = folder, detection
        self._model: str | None = None
        self._missing: str | None = None
        """The model whose layer was not there; the log is told once, not every second."""

    async def follow(self) -> int:
        """Take the meaning layer of the model in use; raises StoreError.

        Returns:
            1 when another one was taken.
        """
        wanted = (await self._database.read(models_in_use.current)).model
        if wanted == self._model:
            return 0
        folder = learned_models.meaning_of(wanted, self._folder)
        screen, whole = await asyncio.to_thread(load_layers, self._detection, folder)
        if not whole:
            # What screens now is whole: it stays, rather than half of another one.
            if wanted != self._missing:
                logger.error("The meaning layer of the model in use is not there.")
            self._missing = wanted
            return 0
        self._screener.use(screen)
        self._model, self._missing = wanted, None
        return 1
