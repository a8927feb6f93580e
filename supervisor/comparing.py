"""Puts the same messages to two models: the one in use, and a candidate."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.labelled import table, wanted
from desk.asked import Vectors, packed
from desk.brain_client import Brain
from desk.inbound import for_brain, tidy
from language.clauses import clauses
from language.encoder import encoder
from safety.risk import ALARM_TIERS, Risk
from safety.screen import Screen
from setup.code_print import ROOT
from store.corrections import CRISIS
from store.learned import HARMLESS, Example
from store.review_queue import Item
from store.stories import Story
from supervisor.brain import TOKEN_FILE, brain_process, wait_until_ready
from supervisor.ports import LOOPBACK, free_port
from supervisor.processes import Child

HELDOUT = ROOT / "tests" / "heldout"
ALARM, SHOWN, NOTHING = 2, 1, 0
"""What a message of risk gets: staff are told and resources shown; resources alone; neither."""
_LIMIT, _START_LIMIT = 60.0, 300.0


@dataclass(frozen=True)
class Case:
    """A message that both models read, and what would be right."""

    group: str
    """questions, tests, crises, harmless, past or stories."""
    place: Any
    """Row of a shipped file, id of an example, conversation and number of a past message, or
    story and number of a line."""
    text: str
    wanted: tuple[frozenset[str], ...] = ()
    needs: int = NOTHING
    """Of a message of risk: what it must get."""
    goes_on: bool = False
    """Whether the next message comes in the same conversation."""


@dataclass(frozen=True)
class Found:
    """What one model makes of a message."""

    intents: tuple[str, ...]
    answers: tuple[str, ...]
    """Ids of the texts said; empty where the message was only read."""
    level: int

    def right(self, case: Case) -> bool:
        """Say whether it is what would be right."""
        several = len(case.wanted[0]) > 1
        ours = frozenset(self.intents) if several else frozenset(self.intents[:1])
        return ours in case.wanted


def shipped_cases() -> list[Case]:
    """Return the messages that come with the assistant, to be tested with and never learned."""
    cases = []
    for name in ("questions", "near_misses"):
        for number, row in enumerate(table(HELDOUT / f"{name}.csv", ("text", "intent"))):
            place = f"{name} {number}"
            cases.append(Case("questions", place, row["text"], wanted(row["intent"])))
    for number, row in enumerate(table(HELDOUT / "risk.csv", ("text", "tier"))):
        needs = ALARM if row["tier"] in ALARM_TIERS else SHOWN
        cases.append(Case("crises", f"risk {number}", row["text"], needs=needs))
    for number, row in enumerate(table(HELDOUT / "harmless.csv", ("text",))):
        cases.append(Case("harmless", f"harmless {number}", row["text"]))
    return cases


def taught_cases(examples: Sequence[Example]) -> list[Case]:
    """Return the messages of the store that models are tested with."""
    return [_taught(each) for each in examples]


def _taught(each: Example) -> Case:
    if each.risk == HARMLESS:
        return Case("harmless", each.id, each.text)
    if each.risk is not None:
        return Case("crises", each.id, each.text, needs=ALARM)
    return Case("tests", each.id, each.text, (frozenset(each.intents),))


def past_cases(items: Sequence[Item]) -> list[Case]:
    """Return what people have asked before."""
    return [Case("past", [each.conversation_id, each.seq], each.text) for each in items]


def story_cases(stories: Sequence[Story]) -> list[Case]:
    """Return the lines of stories, each after the one before it."""
    return [
        Case(
            "stories",
            [story.id, number],
            turn.text,
            (frozenset(turn.intents),),
            goes_on=number < len(story.turns),
        )
        for story in stories
        for number, turn in enumerate(story.turns, 1)
    ]


@dataclass(frozen=True)
class Model:
    """A trained model: its file, and the screen with the meaning layer that belongs to it."""

    file: Path
    screen: Screen


async def compare(cases: Sequence[Case], old: Model, new: Model) -> list[tuple[Case, Found, Found]]:
    """Return messages with what either model makes of them; no brain keeps anything of that."""
    read = await asyncio.to_thread(lambda: [_read(case, (old, new)) for case in cases])
    found = []
    for number, model in enumerate((old, new)):
        port = free_port()
        brain = await asyncio.to_thread(_started, model.file, port)
        try:
            found.append(await brain_reads(port, cases, read, number))
        finally:
            brain.stop()
    return list(zip(cases, *found, strict=True))


def _read(case: Case, models: Sequence[Model]) -> tuple[Vectors, list[Risk | None]]:
    """Encode a message once, and screen it as each model does."""
    words = for_brain(tidy(case.text))
    parts = clauses(words)
    asking = [part.text for part in parts if part.asks] if len(parts) > 1 else []
    encode = encoder().encode_wide
    vectors = Vectors(encode(words), tuple((part, encode(part)) for part in asking))
    return vectors, [model.screen.screen(case.text) for model in models]


async def brain_reads(
    port: int,
    cases: Sequence[Case],
    read: Sequence[tuple[Vectors, list[Risk | None]]],
    number: int,
) -> list[Found]:
    """Put messages to the brain at a port, each as a conversation of its own, but for stories."""
    brain = Brain(f"http://{LOOPBACK}:{port}", TOKEN_FILE.read_text("utf-8").strip())
    begun = 0
    try:
        found = []
        for case, (vectors, risks) in zip(cases, read, strict=True):
            if _is_settled(case, risks[number]):
                found.append(Found((), (), _level(risks[number], ())))
                continue
            body = _body(case, f"compare:{begun}", vectors, risks[number])
            # What would be said matters where somebody has asked it, what was said before in a
            # story; else what is understood.
            takes_turns = case.group in ("past", "stories")
            answer = await (brain.turn if takes_turns else brain.read)(body, _LIMIT)
            if not case.goes_on:
                begun += 1
                if takes_turns:
                    await brain.forget(body["conversation"], _LIMIT)
            said = tuple(reply.id for reply in answer.replies)
            intents = answer.reading.intents or (answer.reading.intent,)
            first = (answer.reading.intent, *(x for x in intents if x != answer.reading.intent))
            found.append(Found(first, said, _level(risks[number], first)))
        return found
    finally:
        await brain.close()


def _is_settled(case: Case, risk: Risk | None) -> bool:
    """Say whether the screen alone decides what is compared of a message."""
    return case.group == "harmless" or (case.group == "crises" and risk is not None and risk.alarm)


def _body(case: Case, conversation: str, vectors: Vectors, risk: Risk | None) -> dict[str, Any]:
    told = risk and {"category": risk.category, "tier": risk.tier, "rule": risk.rule}
    return {
        "conversation": conversation,
        "channel": "web",
        "text": for_brain(tidy(case.text)),
        "vector": packed(np.asarray(vectors.whole)),
        "clauses": [
            {"text": text, "vector": packed(np.asarray(vector))} for text, vector in vectors.clauses
        ],
        "risk": told,
    }


def _level(risk: Risk | None, intents: Sequence[str]) -> int:
    if risk is not None and risk.alarm:
        return ALARM
    return SHOWN if risk is not None or CRISIS in intents else NOTHING


def _started(model: Path, port: int) -> Child:
    """Return a brain that is ready, and whose conversations live in memory."""
    brain = brain_process(model, port, "comparison", IOP_DEMO="1", IOP_BRAIN_DATABASE="sqlite://")
    brain.start()
    try:
        wait_until_ready(brain, port, _START_LIMIT)
    except SystemExit:
        brain.stop()
        raise
    return brain
