"""`python -m supervisor.candidate NAME`: trains a candidate and compares it.

The supervisor runs it. It says what it does through the store alone, and logs no words. Everything
that it starts ends with it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import orjson

from center.facts import load_center
from desk.conversations import now_ms
from desk.settings import Settings, load_settings
from safety.layers import load_layers
from setup import learned_models
from setup.code_print import ROOT
from setup.machine import first_to_go
from setup.train import GENTLE, made_from
from store import candidates, key_file, learned, models_in_use, review_queue, sealing, stories
from store.database import Database
from store.learned import Example
from supervisor.brain import BRAIN_PYTHON
from supervisor.comparing import (
    Model,
    compare,
    past_cases,
    shipped_cases,
    story_cases,
    taught_cases,
)
from supervisor.differences import comparison

logger = logging.getLogger(__name__)

_SIGN_OF_LIFE = 10.0
REPLAYED = int(os.environ.get("IOP_REPLAYED") or 1000)
"""So many past messages are put to both models, the newest."""


class CandidateError(RuntimeError):
    """A candidate could not be made; the message says at which step."""


def lessons(examples: Sequence[Example]) -> bytes:
    """Return examples as setup.candidate takes them."""
    return orjson.dumps(
        [{"text": each.text, "intents": each.intents, "risk": each.risk} for each in examples]
    )


async def make(settings: Settings, database: Database, name: str) -> None:
    """Train a candidate, compare it and keep what was found.

    Raises:
        CandidateError: It could not be made.
    """
    examples = await database.read(learned.to_train)
    prints = await asyncio.to_thread(made_from)
    await _train(settings, name, examples)
    ids = [each.id for each in examples]
    await database.write(lambda c: candidates.trained(c, name, prints, ids, now_ms()))
    now, tests, crises, past, told = await database.read(
        lambda c: (
            models_in_use.current(c),
            learned.to_test(c),
            [each.id for each in learned.crises(c)],
            review_queue.past(c, REPLAYED),
            stories.everything(c),
        )
    )
    cases = [*shipped_cases(), *taught_cases(tests), *past_cases(past), *story_cases(told)]
    old, new = _model(settings, now.model), _model(settings, name)
    found = comparison(now.model, crises, await compare(cases, old, new))
    await database.write(lambda c: candidates.compared(c, name, found, now_ms()))


async def _train(settings: Settings, name: str, examples: Sequence[Example]) -> None:
    folder = learned_models.folder_of(settings.state)
    process = await asyncio.create_subprocess_exec(
        *(str(BRAIN_PYTHON), "-W", "ignore", "-m", "setup.candidate", name, str(folder)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
    )
    await process.communicate(lessons(examples))
    if process.returncode:
        raise CandidateError("training failed")


def _model(settings: Settings, name: str | None) -> Model:
    folder = learned_models.folder_of(settings.state)
    file = learned_models.in_use(name, folder)
    detection = load_center(settings.center_file, demo=settings.demo).detection
    screen, whole = load_layers(detection, learned_models.meaning_of(name, folder))
    if file is None or not whole:
        raise CandidateError("a model is not there")
    return Model(file, screen)


async def _live(database: Database, name: str) -> None:
    while True:
        await database.write(lambda c: candidates.alive(c, name, now_ms()))
        await asyncio.sleep(_SIGN_OF_LIFE)


async def run(settings: Settings, name: str) -> int:
    """Make a candidate, and say in the store what came of it; 1 when it failed."""
    # It replays messages, which are sealed.
    sealing.use(settings.state / key_file.NAME, settings.database)
    database = Database(settings.database)
    living = asyncio.create_task(_live(database, name))
    try:
        await make(settings, database, name)
        return 0
    except (Exception, SystemExit) as problem:
        # Whatever broke is told by its kind alone: what it says may hold a person's words.
        kind = str(problem) if isinstance(problem, CandidateError) else type(problem).__name__
        logger.error("The candidate %s could not be made: %s.", name, kind)
        await database.write(lambda c: candidates.failed(c, name, kind, now_ms()))
        return 1
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        database.close()


def _end_all(*_: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # It leads a group of its own, of which the trainers are.
    os.killpg(0, signal.SIGTERM)
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Make the candidate of an id."""
    os.nice(GENTLE)
    first_to_go()
    signal.signal(signal.SIGTERM, _end_all)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        return asyncio.run(run(load_settings((), os.environ), arguments[0]))
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
