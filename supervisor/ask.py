"""`make ask`: reads one message a line, writes one JSON object a line, in the same order.

Each line is a conversation of its own. A message goes the way of the desk, screen and log
included, with a brain of its own and a log that is thrown away; no server needs to run.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import orjson

from desk.inbound import Inbound
from desk.parts import Desk, load_parts, opened
from desk.settings import Settings
from desk.turn import Outcome
from setup import errors
from setup.train import current_model
from supervisor.brain import TOKEN_FILE, brain_process, wait_until_ready
from supervisor.ports import free_port

CRISIS = "safety_crisis"
NOTHING_FITS = "out_of_scope"


@contextmanager
def brain_for_a_while(state: Path) -> Iterator[int]:
    """Run a brain whose conversations live in memory; yields its port.

    Raises:
        SystemExit: There is no model, or the brain did not get ready.
    """
    model = current_model()
    if model is None:
        raise SystemExit(errors.TRAINING_FAILED.format(file="state/train.log"))
    port = free_port()
    brain = brain_process(model, port, IOP_DEMO="1", IOP_BRAIN_DATABASE="sqlite://")
    brain.log = state / "brain.log"
    brain.start()
    try:
        wait_until_ready(brain, port)
        yield port
    finally:
        brain.stop()


@asynccontextmanager
async def desk_for_a_while() -> AsyncIterator[Desk]:
    """Run a desk, without its web server, on a log that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        shutil.copy(TOKEN_FILE, state / "brain.token")
        with brain_for_a_while(state) as port:
            url = f"http://127.0.0.1:{port}"
            settings = Settings(state=state, brain_url=url, brain_limit=30, demo=True)
            async with opened(load_parts(settings)) as desk:
                yield desk


def described(text: str, outcome: Outcome) -> dict[str, Any]:
    """Return what was understood and said, in the form of `make ask`.

    Returns:
        `text`, `intent`, `confidence`, `intents`, `entities`, `risk` (None or category, tier and
        rule), `replies` (list of text and buttons).
    """
    reading = outcome.reading
    risk = None
    if reading is not None and reading.risk_category is not None:
        risk = {
            "category": reading.risk_category,
            "tier": reading.risk_tier,
            "rule": reading.risk_rule,
        }
    alarm = risk is not None and risk["tier"] != "T3"
    fallback = CRISIS if alarm else NOTHING_FITS
    intents = list((reading.intents if reading else None) or [fallback])
    intent = (reading.intent if reading else None) or fallback
    return {
        "text": text,
        "intent": intent,
        "confidence": (reading.confidence if reading else None) or (1.0 if alarm else 0.0),
        "intents": intents,
        "entities": list((reading.entities if reading else None) or []),
        "risk": risk,
        "replies": [
            {"text": reply.text, "buttons": [dict(button) for button in reply.buttons]}
            for reply in outcome.replies
        ],
    }


async def ask_all() -> None:
    """Answer standard input, line by line, on standard output."""
    async with desk_for_a_while() as desk:
        for number, line in enumerate(sys.stdin.buffer):
            text = line.rstrip(b"\r\n").decode("utf-8", "replace")
            inbound = Inbound(client_id=f"line-{number}", text=text)
            outcome = await desk.turns.handle(f"ask:{number}", inbound)
            sys.stdout.buffer.write(orjson.dumps(described(text, outcome)) + b"\n")
            sys.stdout.buffer.flush()


def main() -> None:
    """Run until standard input ends."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    asyncio.run(ask_all())


if __name__ == "__main__":
    main()
