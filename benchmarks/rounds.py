"""What is measured between the start of an assistant and its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp

from benchmarks.figures import Measured, Round
from benchmarks.load import LAST, Run, cost_by_turn, load, risk_under_load, warm_up
from benchmarks.memory import tree_mb
from benchmarks.ours import Ours, brain_mb
from benchmarks.stock import Stock
from benchmarks.talk import Assistant, DeskAssistant, StockAssistant


@dataclass(frozen=True)
class Plan:
    """How much is measured: rounds, messages at 1 and at 8 conversations, last turn, risks."""

    rounds: int = 3
    one: int = 200
    eight: int = 400
    last: int = LAST
    risks: int = 200


QUICK = Plan(rounds=1, one=20, eight=40, last=120, risks=20)
"""To try the benchmark itself; the figures mean nothing."""


async def _loads(assistant: Assistant, plan: Plan) -> tuple[Run, Run]:
    await warm_up(assistant)
    return await load(assistant, plan.one, 1), await load(assistant, plan.eight, 8)


def stock_round(stock: Stock, plan: Plan, measured: Measured) -> None:
    """Start the stock assistant, measure it, end it.

    Raises:
        BenchError: It did not start, or did not answer.
    """
    program, url = stock.running()

    async def measure(ready: float) -> None:
        async with aiohttp.ClientSession() as session:
            assistant = StockAssistant(session, url)
            one, eight = await _loads(assistant, plan)
            held = tree_mb(program.pid)
            measured.rounds.append(Round(ready, one, eight, held, held))
            if not measured.by_turn:
                # Once: each message of a long conversation takes it longer, minutes in all.
                measured.note_turns(await cost_by_turn(assistant, plan.last))

    with program:
        # Rasa listens only when its model is loaded.
        asyncio.run(measure(program.until_ready(url)))


def our_round(ours: Ours, plan: Plan, measured: Measured) -> None:
    """Start this assistant, measure it, end it.

    Raises:
        BenchError: It did not start, or did not answer.
    """
    program, url = ours.running()

    async def measure(ready: float) -> None:
        async with aiohttp.ClientSession() as session:
            assistant = DeskAssistant(session, url)
            one, eight = await _loads(assistant, plan)
            brain, held = brain_mb(program.pid), tree_mb(program.pid)
            measured.rounds.append(Round(ready, one, eight, brain, held))
            measured.note_turns(await cost_by_turn(assistant, plan.last))
            if measured.risk is None:
                measured.risk = await risk_under_load(assistant, plan.risks, 8)
            assistant.require_answers()

    with program:
        asyncio.run(measure(program.until_ready(f"{url}/readyz")))
