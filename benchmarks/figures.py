"""The arithmetic: from measured times to the figures that are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median

from benchmarks.load import FIRST, MIDDLE, Run

RATIOS = {
    "p50_1": "p50_1",
    "p95_1": "p95_1",
    "p50_8": "p50_8",
    "throughput_8": "throughput_8",
    "brain_memory": "brain_memory_mb",
    "all_memory": "all_memory_mb",
    "train": "train_s",
    "ready": "ready_s",
}
"""Each ratio, ours divided by stock's, and the figure it is made from."""


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent of the values do not exceed (nearest rank).

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("no values")
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(int(rank), 1) - 1]


@dataclass(frozen=True)
class Round:
    """One start of one assistant, with what was measured until it was ended."""

    ready_s: float
    one: Run
    eight: Run
    brain_memory_mb: float
    all_memory_mb: float


@dataclass
class Measured:
    """All that was measured of one assistant."""

    train_s: float = 0.0
    rounds: list[Round] = field(default_factory=list)
    by_turn: dict[int, list[float]] = field(default_factory=dict)
    risk: Run | None = None

    def note_turns(self, found: dict[int, list[float]]) -> None:
        """Add the times of messages early and late in a conversation."""
        for turn, times in found.items():
            self.by_turn.setdefault(turn, []).extend(times)


@dataclass(frozen=True)
class Figures:
    """The figures of one assistant: medians of the rounds; times in milliseconds or seconds."""

    train_s: float
    ready_s: float
    brain_memory_mb: float
    all_memory_mb: float
    p50_1: float
    p95_1: float
    p50_8: float
    p95_8: float
    throughput_1: float
    throughput_8: float
    turn_5: float
    turn_50: float
    turn_500: float
    risk_p50_8: float | None
    risk_p99_8: float | None

    @property
    def turn_500_over_5(self) -> float:
        """How much more a late message costs than an early one."""
        return self.turn_500 / self.turn_5


def figures(measured: Measured) -> Figures:
    """Return an assistant's figures."""
    rounds, turns, risk = measured.rounds, measured.by_turn, measured.risk
    last = max(turns)  # earlier than 500 in a trial of the benchmark itself

    def times(of: str, percent: float) -> float:
        return median(percentile(getattr(each, of).times, percent) for each in rounds) * 1000

    return Figures(
        train_s=measured.train_s,
        ready_s=median(each.ready_s for each in rounds),
        brain_memory_mb=median(each.brain_memory_mb for each in rounds),
        all_memory_mb=median(each.all_memory_mb for each in rounds),
        p50_1=times("one", 50),
        p95_1=times("one", 95),
        p50_8=times("eight", 50),
        p95_8=times("eight", 95),
        throughput_1=median(each.one.per_second for each in rounds),
        throughput_8=median(each.eight.per_second for each in rounds),
        turn_5=median(turns[FIRST]) * 1000,
        turn_50=median(turns[MIDDLE]) * 1000,
        turn_500=median(turns[last]) * 1000,
        risk_p50_8=percentile(risk.times, 50) * 1000 if risk else None,
        risk_p99_8=percentile(risk.times, 99) * 1000 if risk else None,
    )


def ratios(stock: Figures, ours: Figures) -> dict[str, float]:
    """Return each ratio, ours divided by stock's, and what a late message costs of ours."""
    found = {
        name: getattr(ours, figure) / getattr(stock, figure) for name, figure in RATIOS.items()
    }
    return {**found, "turn_500_over_5": ours.turn_500_over_5}


def as_json(stock: Figures, ours: Figures, machine: dict[str, object]) -> dict[str, object]:
    """Return the content of bench.json."""
    return {
        "stock": _rounded(asdict(stock)),
        "ours": _rounded(asdict(ours)),
        "ratio": _rounded(ratios(stock, ours)),
        "machine": machine,
    }


def _rounded(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 4) for name, value in values.items()}
