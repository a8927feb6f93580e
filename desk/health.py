"""Whether the desk lives, and whether it is ready to answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sanic import Blueprint, HTTPResponse, Request

from desk.conversations import now_ms
from desk.parts import Desk
from desk.web_answers import json_answer
from store import log
from store.errors import StoreError

_BRAIN_LIMIT, _WRITE_LIMIT = 1.0, 0.5
_FRESH = 1.0


@dataclass
class _Last:
    """The last finding: whoever asks often does not make the database work."""

    at: float = 0.0
    body: dict[str, object] | None = None


def routes() -> Blueprint:
    """Return /healthz and /readyz."""
    health = Blueprint("health")
    last = _Last()

    @health.get("/healthz")
    async def healthz(request: Request) -> HTTPResponse:
        return json_answer({"alive": True})

    @health.get("/readyz")
    async def readyz(request: Request) -> HTTPResponse:
        if last.body is None or time.monotonic() - last.at > _FRESH:
            last.body, last.at = await _readiness(request.app.ctx.desk), time.monotonic()
        return json_answer(last.body, 200 if last.body["ready"] else 503)

    return health


async def _readiness(desk: Desk) -> dict[str, object]:
    brain = await desk.brain.state(_BRAIN_LIMIT)
    try:
        await desk.database.write(lambda c: log.beat(c, "desk", now_ms()), limit=_WRITE_LIMIT)
        writable = True
    except StoreError:
        writable = False
    return {
        "ready": brain.ready and writable,
        "brain": brain.ready,
        "model": brain.model,
        "database": writable,
    }
