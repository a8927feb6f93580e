"""A steady load: so many messages a second, whatever becomes of the ones before.

Each message has its moment: one that is answered late delays none but those of its own
conversation, and its time counts from its moment, as a visitor would count.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from benchmarks.figures import percentile
from benchmarks.load import TURNS
from benchmarks.messages import QUESTIONS, RISKS

RISK_EVERY = 20
"""Each twentieth message is one of risk, in a conversation of its own."""
CONVERSATIONS = 12
"""So many go on at the same time."""
_LIMIT = aiohttp.ClientTimeout(total=30)


@dataclass
class Answers:
    """What became of the messages; times in milliseconds."""

    questions: list[float] = field(default_factory=list)
    crises: list[float] = field(default_factory=list)
    safe: int = 0
    """Questions that got the reply that stands in for the brain."""
    missed: int = 0
    """Messages of risk that were answered without crisis resources."""
    failed: int = 0
    """Messages without an answer, or refused."""

    @property
    def messages(self) -> int:
        """How many were sent."""
        return len(self.questions) + len(self.crises) + self.failed

    def figures(self) -> dict[str, float]:
        """Return what is published."""
        found: dict[str, float] = {"messages": self.messages, "failed": self.failed}
        found |= {"safe replies": self.safe, "crises without resources": self.missed}
        for name, times in (("answer", self.questions), ("crisis", self.crises)):
            for percent in (50, 95, 99):
                if times:
                    found[f"{name} p{percent} ms"] = round(percentile(times, percent), 1)
        return found


class Visitors:
    """People on the website of a running assistant."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        """Know the desk's address."""
        self._http, self._url = http, f"{url}/api/v1"
        self.answers = Answers()
        self._tokens: dict[int, tuple[str, int]] = {}
        self._turns = [asyncio.Lock() for _ in range(CONVERSATIONS)]

    async def at_a_rate(self, rate: float, goes_on: Callable[[], bool]) -> Answers:
        """Send so many messages a second for as long as it goes on; return what became of them."""
        self.answers = Answers()
        questions, risks = itertools.cycle(QUESTIONS), itertools.cycle(RISKS)
        sending: set[asyncio.Task[None]] = set()
        begun = time.perf_counter()
        for number in itertools.count():
            moment = begun + number / rate
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            if not goes_on():
                break
            crisis = number % RISK_EVERY == RISK_EVERY - 1
            coming = (
                self._in_crisis(next(risks), moment)
                if crisis
                else self._ask(number % CONVERSATIONS, next(questions), moment)
            )
            task = asyncio.create_task(coming)
            sending.add(task)
            task.add_done_callback(sending.discard)
        await asyncio.gather(*sending)
        return self.answers

    async def _ask(self, place: int, text: str, moment: float) -> None:
        async with self._turns[place]:
            try:
                token, turn = self._tokens.get(place, ("", TURNS))
                if turn >= TURNS:
                    # Opening the page is not part of the answer's time.
                    before = time.perf_counter()
                    token, turn = await self._begin(), 0
                    moment += time.perf_counter() - before
                self._tokens[place] = token, turn + 1
                kinds = await self._say(token, text)
            except (aiohttp.ClientError, TimeoutError):
                self.answers.failed += 1
                return
        self.answers.questions.append(1000 * (time.perf_counter() - moment))
        self.answers.safe += "safe" in kinds

    async def _in_crisis(self, text: str, moment: float) -> None:
        try:
            before = time.perf_counter()
            token = await self._begin()
            moment += time.perf_counter() - before
            kinds = await self._say(token, text)
        except (aiohttp.ClientError, TimeoutError):
            self.answers.failed += 1
            return
        self.answers.crises.append(1000 * (time.perf_counter() - moment))
        self.answers.missed += "crisis" not in kinds

    async def _begin(self) -> str:
        async with self._http.post(f"{self._url}/conversations", json={}, timeout=_LIMIT) as answer:
            answer.raise_for_status()
            token: str = (await answer.json())["token"]
            return token

    async def _say(self, token: str, text: str) -> set[str]:
        body = {"id": str(uuid.uuid4()), "text": text}
        headers = {"Authorization": f"Bearer {token}"}
        async with self._http.post(
            f"{self._url}/messages", json=body, headers=headers, timeout=_LIMIT
        ) as answer:
            answer.raise_for_status()
            return {reply["kind"] for reply in (await answer.json())["replies"]}
