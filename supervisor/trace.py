"""`make trace TEXT="..."`: prints every station of one turn, for a person to read."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Iterator
from itertools import chain

from desk.asked import route_of
from desk.inbound import Inbound, for_brain, tidy
from desk.parts import Desk
from desk.screening import Screening
from desk.turn import Outcome
from language.detect import language_of
from language.pipeline import nlp
from monitoring import trace as trace_ids
from store.records import Message
from supervisor.ask import desk_for_a_while

_WIDTH = 16


def _line(station: str, words: object) -> str:
    first, *rest = str(words).split("\n")
    indent = " " * (_WIDTH + 2)
    return "\n".join([f"{station:>{_WIDTH}}  {first}", *(indent + line for line in rest)])


def stations(text: str, screening: Screening, outcome: Outcome, spent: float) -> Iterator[str]:
    """Yield a line, or some, for each station that the message passed."""
    message, reading = outcome.message, outcome.reading
    yield _line("1 came in", repr(text[:200]))
    yield _line("made readable", repr(message.text[:200]))
    risk = screening.risk
    found = f"{risk.category}, tier {risk.tier}, rule {risk.rule}" if risk else "nothing"
    yield _line("2 risk screen", "failed: counts as unscreened" if screening.failed else found)
    yield _line("3 logged", f"message {message.seq}")
    yield _line("4 language", language_of(message.text))
    yield _line("route", route_of(message))
    yield _line("for the brain", repr(for_brain(message.text)[:200]))
    tokens = (token for token in nlp()(message.text[:200]) if not token.is_space)
    yield _line("lemmas", " ".join(token.lemma_ for token in tokens))
    if reading is not None:
        ranking = ", ".join(f"{c['name']} {c['confidence']:.2f}" for c in reading.ranking or ())
        entities = ", ".join(f"{e['name']}={e['value']}" for e in reading.entities or ())
        yield _line("5 understood", f"{reading.intent} ({reading.confidence or 0:.2f})")
        yield _line("all asked", ", ".join(reading.intents or ()) or "-")
        yield _line("candidates", ranking or "-")
        yield _line("entities", entities or "-")
        yield _line("signals", ", ".join(reading.signals or ()) or "-")
        yield _line("model", reading.model or "-")
        yield _line("answered by", reading.outcome)
    for number, reply in enumerate(outcome.replies, 1):
        yield _line(f"6 reply {number}", _named(reply))
        yield _line("", reply.text)
        yield _line("buttons", ", ".join(button["title"] for button in reply.buttons) or "-")
        yield _line("links", ", ".join(link["title"] for link in reply.links) or "-")
    yield _line("took", f"{spent * 1000:.1f} ms")


def _named(reply: Message) -> str:
    draft = "approved" if reply.approved else "draft"
    facts = ", ".join(sorted(reply.variables or {}))
    text = f"{reply.kind}: text `{reply.answer_id}`, version {reply.answer_version}, {draft}"
    return f"{text}, facts spoken: {facts}" if facts else text


async def trace(desk: Desk, text: str) -> Iterator[str]:
    """Take one turn and return what to print."""
    # A first turn warms everything up, so that the time shown is an ordinary one.
    await desk.turns.handle("trace:warm", Inbound(client_id="warm-up-1", text="hello"))
    screening = await desk.screener.screen(tidy(text))
    started = time.perf_counter()
    trace_id = trace_ids.begin()
    outcome = await desk.turns.handle("trace:1", Inbound(client_id="trace-one", text=text))
    spent = time.perf_counter() - started
    return chain([_line("trace id", trace_id)], stations(text, screening, outcome, spent))


async def _main(text: str) -> None:
    async with desk_for_a_while() as desk:
        for line in await trace(desk, text):
            sys.stdout.write(line + "\n")


def main() -> int:
    """Trace the message in the variable TEXT."""
    text = os.environ.get("TEXT", "")
    if not text:
        sys.stderr.write('Say which message: make trace TEXT="how much is it"\n')
        return 2
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    asyncio.run(_main(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
