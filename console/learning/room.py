"""What the pages of learning hold in memory, one for each console."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sanic import Request

from console.databases import LIMIT, database_of
from console.inbox.listing import fragments_of
from console.learning.queue import Queued, queued
from console.learning.vectors import Known, Vectors, category, meaning_layer
from safety.layers import RULES, current_folder
from safety.meaning import Meaning
from setup.learned_models import folder_of, meaning_of
from store import learned, models_in_use, review_queue


class Room:
    """Vectors and the meaning layer of the model in use."""

    def __init__(self, state: Path | None) -> None:
        """Begin; `state` is the folder beside the log, where learned models lie."""
        self._state = state
        self._vectors = Vectors()
        self._layer: tuple[str | None, Meaning | None] | None = None

    async def queue(self, request: Request) -> list[Queued]:
        """Return the review queue as it is at this moment."""
        doubtful, recent, model = await database_of(request).read(
            lambda c: (
                review_queue.doubtful(c),
                review_queue.recent(c),
                models_in_use.current(c).model,
            ),
            limit=LIMIT,
        )
        by_meaning = _by_meaning(request)
        return await asyncio.to_thread(
            lambda: queued(
                doubtful, recent, self._vectors, self._meaning(model) if by_meaning else None
            )
        )

    async def category(self, request: Request, text: str) -> str:
        """Return the category of risk that a message is nearest to."""
        model = (await database_of(request).read(models_in_use.current, limit=LIMIT)).model
        by_meaning = _by_meaning(request)

        def look() -> str:
            layer = self._meaning(model) if by_meaning else None
            return category(layer, text, self._vectors.of([text])[0])

        return await asyncio.to_thread(look)

    async def known(self, request: Request, wanted: list[tuple[str, str]]) -> list[str | None]:
        """Return for each text and intent the known example that says the same, or None."""
        if not wanted:
            return []
        taught = await database_of(request).read(learned.to_train, limit=LIMIT)
        pairs = [(each.text, each.intents[0]) for each in taught if len(each.intents) == 1]

        def look() -> list[str | None]:
            known = Known(self._vectors, pairs)
            vectors = self._vectors.of([text for text, _ in wanted])
            return [
                known.nearest(intent, vector)
                for (_, intent), vector in zip(wanted, vectors, strict=True)
            ]

        return await asyncio.to_thread(look)

    def _meaning(self, model: str | None) -> Meaning | None:
        if self._layer is None or self._layer[0] != model:
            folder = meaning_of(model, folder_of(self._state)) if self._state else None
            self._layer = model, meaning_layer(folder or current_folder())
        return self._layer[1]


def _by_meaning(request: Request) -> bool:
    """Say whether the center lets danger be looked for by meaning (docs/privacy.md)."""
    return fragments_of(request).center.detection != RULES


def room_of(request: Request) -> Room:
    """Return the room of a console; made at the first request."""
    context: Any = request.app.ctx
    if not hasattr(context, "learning"):
        context.learning = Room(context.state)
    room: Room = context.learning
    return room
