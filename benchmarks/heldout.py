"""Scores the held-out messages of tests/heldout, one pass through the assistant for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.asking import Answered, as_read, without_threshold
from benchmarks.figures import percentile
from benchmarks.labelled import INTENT, TEXT, Labelled, table, wanted
from benchmarks.risk_scores import (
    HarmlessScore,
    RiskRow,
    RiskScore,
    harmless_score,
    risk_score,
)
from benchmarks.scores import NOTHING_FITS, Read, accuracy
from safety.risk import CATEGORIES, TIERS
from setup.code_print import ROOT
from supervisor.ask import CRISIS

HELDOUT = ROOT / "tests" / "heldout"
COLUMNS = {
    "questions": (TEXT, INTENT, "register"),
    "near_misses": (TEXT, INTENT),
    "compound": (TEXT, "intents"),
    "single": (TEXT, INTENT),
    "risk": (TEXT, "category", "tier", "other"),
    "harmless": (TEXT, "kind"),
}
"""The files, and the columns that each must have."""

Rows = Sequence[dict[str, str]]
Ask = Callable[[Sequence[str]], Sequence[Answered]]
Both = tuple[Rows, Sequence[Answered]]
"""The rows of a file and what the assistant made of them."""


@dataclass(frozen=True)
class Compound:
    """How messages with several questions, and stories around one, are understood."""

    rows: int
    exact: int
    """Messages whose questions were all found, and no other."""
    some: int
    """Messages of which at least one question was found."""
    single_rows: int
    split: int
    """Stories around one question in which several were found."""


@dataclass(frozen=True)
class Heldout:
    """All that was found out with held-out messages."""

    questions: list[Read]
    without_threshold: list[Read]
    """Questions and near misses as they would be understood if no confidence were too low."""
    registers: list[tuple[str, int, float]]
    """Name, messages, and accuracy of each way of writing."""
    near_misses: int
    near_misses_in_scope: int
    compound: Compound
    risk: list[RiskScore]
    risk_by_tier: list[RiskScore]
    harmless: list[HarmlessScore]
    seconds: list[float]
    """What each message took, screen and log included."""


def read_files(folder: Path = HELDOUT) -> dict[str, list[dict[str, str]]]:
    """Return the rows of every file.

    Raises:
        FileError: One is missing or wrong.
    """
    return {name: table(folder / f"{name}.csv", columns) for name, columns in COLUMNS.items()}


def heldout(files: dict[str, list[dict[str, str]]], ask: Ask) -> Heldout:
    """Score all files.

    Args:
        files: Rows by name of the file, as `read_files` returns them.
        ask: Puts messages to the assistant.
    """
    answered = list(ask([row[TEXT] for rows in files.values() for row in rows]))
    found: dict[str, Both] = {}
    start = 0
    for name, rows in files.items():
        found[name] = rows, answered[start : start + len(rows)]
        start += len(rows)
    questions = _reads(found["questions"], as_read)
    misses = found["near_misses"][1]
    return Heldout(
        questions=questions,
        without_threshold=[
            *_reads(found["questions"], without_threshold),
            *_reads(found["near_misses"], without_threshold),
        ],
        registers=_registers(found["questions"][0], questions),
        near_misses=len(misses),
        near_misses_in_scope=sum(each.answer["intent"] != NOTHING_FITS for each in misses),
        compound=_compound(found["compound"], found["single"]),
        risk=_risk(found["risk"], "category", CATEGORIES),
        risk_by_tier=_risk(found["risk"], "tier", TIERS),
        harmless=_harmless(found["harmless"]),
        seconds=[each.seconds for each in answered],
    )


def latency(seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 95th and 99th percentile of times, in milliseconds."""
    return {f"p{percent}_ms": 1000 * percentile(seconds, percent) for percent in (50, 95, 99)}


def _reads(both: Both, read: Callable[[Labelled, Answered], Read]) -> list[Read]:
    return [
        read(Labelled(row[TEXT], wanted(row[INTENT])), answered)
        for row, answered in zip(*both, strict=True)
    ]


def _registers(rows: Rows, reads: Sequence[Read]) -> list[tuple[str, int, float]]:
    grouped: dict[str, list[Read]] = {}
    for row, read in zip(rows, reads, strict=True):
        grouped.setdefault(row["register"], []).append(read)
    return [(name, len(group), accuracy(group)) for name, group in sorted(grouped.items())]


def _compound(several: Both, single: Both) -> Compound:
    asked = [set(row["intents"].split("+")) for row in several[0]]
    found = [set(each.answer["intents"]) for each in several[1]]
    # A crisis intent beside the question is the screen's doing, not a second question.
    alone = [set(each.answer["intents"]) - {CRISIS} for each in single[1]]
    return Compound(
        rows=len(asked),
        exact=sum(a == f for a, f in zip(asked, found, strict=True)),
        some=sum(bool(a & f) for a, f in zip(asked, found, strict=True)),
        single_rows=len(alone),
        split=sum(len(each) > 1 for each in alone),
    )


def _found_risk(answered: Answered) -> Any:
    return answered.answer["risk"]


def _risk(both: Both, column: str, names: Iterable[str]) -> list[RiskScore]:
    grouped: dict[str, list[RiskRow]] = {name: [] for name in names}
    for row, answered in zip(*both, strict=True):
        read = RiskRow(row["category"], row["tier"], _found_risk(answered))
        grouped.setdefault(row[column], []).append(read)
    return [risk_score(name, rows) for name, rows in grouped.items() if rows]


def _harmless(both: Both) -> list[HarmlessScore]:
    grouped: dict[str, list[Any]] = {}
    for row, answered in zip(*both, strict=True):
        grouped.setdefault(row["kind"], []).append(_found_risk(answered))
    return [harmless_score(name, found) for name, found in sorted(grouped.items())]
