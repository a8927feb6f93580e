"""Beside desk and brain: has candidates made, and puts the model in use that was chosen.

Asked through the store, which it looks into every second.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from desk.brain_client import Brain
from desk.conversations import now_ms
from desk.errors import BrainError
from desk.settings import Settings
from setup import errors, learned_models
from setup.machine import free_memory_mb
from setup.train import current_model, made_from
from store import candidates, models_in_use
from store.database import Database, look
from store.errors import StoreError
from supervisor.brain import TOKEN_FILE
from supervisor.processes import Child

logger = logging.getLogger(__name__)

_EVERY = 1.0
_RELOAD_LIMIT = 120.0
MAKING_MB = 1200
"""Megabytes that must be free to make a candidate beside the brain (`make bench-small` measures
950); with less the brain rests meanwhile."""


class Learning:
    """Lives in a thread of its own, as long as `make run` does."""

    def __init__(
        self,
        settings: Settings,
        brain: Child,
        brain_url: str,
        environment: Mapping[str, str],
        show: bool = False,
    ) -> None:
        """Look after these.

        Args:
            settings: Say where the log and the models are.
            brain: The brain's process: started again, it takes the model in use.
            brain_url: Where it is asked to load another model meanwhile.
            environment: Variables for the process that makes candidates.
            show: Whether that one's words are shown instead of logged in a file.
        """
        self._settings, self._brain, self._url = settings, brain, brain_url
        self._environment = {**environment, "IOP_STATE": str(settings.state)}
        self._folder, self._show = learned_models.folder_of(settings.state), show
        self._worker: Child | None = None
        self._working = ""
        self._end = threading.Event()
        self._checked = False

    @contextmanager
    def alongside(self) -> Iterator[None]:
        """Look after them while the block runs."""
        thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="learning")
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    async def _run(self) -> None:
        database = Database(self._settings.database)
        brain = Brain(self._url, TOKEN_FILE.read_text("utf-8").strip())
        try:
            while not self._end.is_set():
                await self._look(database, brain)
                await asyncio.to_thread(self._end.wait, _EVERY)
        finally:
            if self._worker is not None:
                await asyncio.to_thread(self._worker.stop)
            await brain.close()
            database.close()

    async def _look(self, database: Database, brain: Brain) -> None:
        try:
            if not self._checked:
                await self._begin(database)
            await self._switch(database, brain)
            await self._make(database)
            await self._tidy(database)
        except StoreError:
            # The desk makes the tables, and says what is wrong with the log.
            return
        except Exception as problem:
            logger.error("Learning broke off: %s.", type(problem).__name__)

    async def _begin(self, database: Database) -> None:
        """Put aside models of other data or code, and have a new one made in their place."""
        prints, now = await asyncio.to_thread(made_from), now_ms()
        learned_models.remove_half_made(self._folder)
        if await database.write(lambda c: candidates.outdate(c, prints, now)):
            await database.write(lambda c: candidates.ask(c, None, now, "changed"))
        self._checked = True

    async def _switch(self, database: Database, brain: Brain) -> None:
        """Have the brain take the model that was chosen."""
        now = await database.read(models_in_use.current)
        if now.why is None or now.done_at is not None:
            return
        file = learned_models.in_use(now.model, self._folder)
        if file is None:
            await self._told(database, now, "its files are gone")
            return
        use(self._brain, file)
        try:
            await brain.reload(file.name.removesuffix(".tar.gz"), _RELOAD_LIMIT)
        except BrainError:
            # It is starting, and takes the model as it does; or it is asked again in a second.
            await self._told(database, now, "the brain does not answer")
            return
        await self._told(database, now, None)

    async def _told(
        self, database: Database, now: models_in_use.InUse, trouble: str | None
    ) -> None:
        if trouble is None or trouble != now.trouble:
            await database.write(lambda c: models_in_use.done(c, now.id, now_ms(), trouble))

    async def _make(self, database: Database) -> None:
        """Have the next candidate made; one at a time."""
        if self._worker is not None:
            if self._worker.running:
                return
            self._worker = None
            await asyncio.to_thread(self._brain.let_go)
            await self._finished(database, self._working)
        now = await database.read(models_in_use.current)
        if await database.read(lambda c: candidates.haunted(c, now.model)):
            await database.write(lambda c: candidates.ask(c, None, now_ms(), "erased"))
        if not await database.read(lambda c: candidates.waits(c, now_ms())):
            return
        job = await database.write(lambda c: candidates.claim(c, now_ms()))
        if job is not None:
            self._working = job.name
            if free_memory_mb() < MAKING_MB:
                logger.warning(errors.BRAIN_RESTS)
                await asyncio.to_thread(self._brain.hold)
            command = [sys.executable, "-W", "ignore", "-m", "supervisor.candidate", job.name]
            self._worker = Child("candidate", command, self._environment)
            self._worker.start(show=self._show)

    async def _finished(self, database: Database, name: str) -> None:
        """After words were erased the model without them needs no further consent."""
        await database.write(lambda c: candidates.failed(c, name, "ended early", now_ms()))
        made = await database.read(lambda c: candidates.one(c, name))
        if made is None or made.why != "erased":
            return
        if await database.write(lambda c: candidates.accept(c, name, None, now_ms())):
            await database.write(lambda c: models_in_use.back(c, None, now_ms(), "erased"))

    async def _tidy(self, database: Database) -> None:
        """Remove the files of models that nobody needs, and of those that hold erased words."""
        for name in learned_models.names(self._folder):
            if not await database.read(lambda c, name=name: candidates.is_needed(c, name)):  # type: ignore[misc]
                learned_models.remove(name, self._folder)
                await database.write(lambda c, name=name: candidates.removed(c, name, now_ms()))  # type: ignore[misc]


def use(brain: Child, model: Path) -> None:
    """Have a brain that is started from now on take a model."""
    brain.replace("--model", str(model))


def at_start(settings: Settings) -> Path | None:
    """Return the model that answers from the start: the one chosen last, if it is there."""
    try:
        return model_of(settings.database, learned_models.folder_of(settings.state))
    except StoreError:
        # No tables yet, or no database: the assistant answers all the same.
        return current_model()


def model_of(url: str, learned: Path) -> Path | None:
    """Return the model that answers: the learned one in use if it was made for this release.

    Raises:
        StoreError: The database cannot be read.
    """
    prints = made_from()

    def read(connection: Connection) -> str | None:
        name = models_in_use.current(connection).model
        found = candidates.one(connection, name) if name else None
        return name if found is not None and found.made_from == prints else None

    return learned_models.in_use(look(url, read), learned) or current_model()
