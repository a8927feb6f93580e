"""The load: so many messages in so many conversations at once, each message timed."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.messages import QUESTIONS, RISKS
from benchmarks.talk import Assistant, Conversation, DeskAssistant

TURNS = 10
"""Messages of an ordinary conversation; the next ones go to a new one."""
PROBES = QUESTIONS[1:6]
"""Asked at each turn that is looked at, so that all are compared by the same questions."""
FIRST, MIDDLE, LAST = 5, 50, 500
"""The turns looked at."""


@dataclass(frozen=True)
class Run:
    """What a load measured: a time for each message, and the whole, in seconds."""

    times: tuple[float, ...]
    seconds: float

    @property
    def per_second(self) -> float:
        """Messages per second."""
        return len(self.times) / self.seconds


async def timed(conversation: Conversation, text: str) -> float:
    """Send a message and return the seconds until its answer was there."""
    started = time.perf_counter()
    await conversation.say(text)
    return time.perf_counter() - started


async def warm_up(assistant: Assistant, messages: int = 5) -> None:
    """Send a few messages that nobody times."""
    conversation = await assistant.begin()
    for text in QUESTIONS[:messages]:
        await conversation.say(text)


async def _visitor(assistant: Assistant, texts: Iterator[str], times: list[float]) -> None:
    conversation = None
    for turn, text in enumerate(texts):
        if conversation is None or turn % TURNS == 0:
            conversation = await assistant.begin()
        times.append(await timed(conversation, text))


async def load(assistant: Assistant, messages: int, conversations: int) -> Run:
    """Send messages from several visitors, each waiting for its answer before the next one.

    Beginning a conversation counts in the whole time, but is nobody's message.

    Args:
        assistant: Whom to ask.
        messages: How many in all; the questions in turn.
        conversations: How many visitors at once.
    """
    texts = iter(list(itertools.islice(itertools.cycle(QUESTIONS), messages)))
    times: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(*(_visitor(assistant, texts, times) for _ in range(conversations)))
    return Run(tuple(times), time.perf_counter() - started)


async def risk_under_load(assistant: DeskAssistant, messages: int, conversations: int) -> Run:
    """Time messages of risk, one after another, while other visitors keep the assistant busy."""
    times: list[float] = []
    endless = itertools.cycle(QUESTIONS)
    busy = [asyncio.create_task(_visitor(assistant, endless, [])) for _ in range(conversations)]
    started = time.perf_counter()
    try:
        for number, text in enumerate(itertools.islice(itertools.cycle(RISKS), messages)):
            if number % len(RISKS) == 0:
                conversation = await assistant.begin_crisis()
            times.append(await timed(conversation, text))
        return Run(tuple(times), time.perf_counter() - started)
    finally:
        for visitor in busy:
            visitor.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


async def cost_by_turn(assistant: Assistant, last: int = LAST) -> dict[int, list[float]]:
    """Time the same questions early and late in a conversation.

    Late messages and early ones of other conversations take turns, so that both are measured in
    the same minute of the machine.

    Args:
        assistant: Whom to ask.
        last: The latest turn looked at, more than 100.

    Returns:
        For each turn the seconds of messages at it and the few turns around it.
    """
    found: dict[int, list[float]] = {FIRST: [], MIDDLE: [], last: []}
    filler = itertools.cycle(QUESTIONS)
    long, said = await assistant.begin(), 0
    for turn in (MIDDLE, last):
        start = turn - len(PROBES)
        for text in itertools.islice(filler, start - 1 - said):
            await long.say(text)
        for _ in range(2):
            found[turn] += [await timed(long, text) for text in PROBES]
            found[FIRST] += await _early(assistant)
        said = start - 1 + 2 * len(PROBES)
    return found


async def _early(assistant: Assistant) -> list[float]:
    conversation = await assistant.begin()
    for text in QUESTIONS[: FIRST - 1 - len(PROBES) // 2]:
        await conversation.say(text)
    return [await timed(conversation, text) for text in PROBES]
