"""The arithmetic of recognition: what was right, how often, and how sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NOTHING_FITS = "out_of_scope"
BINS = 10
THRESHOLDS = tuple(number / 50 for number in range(50))


@dataclass(frozen=True)
class Read:
    """A message as it was understood, beside what would have been right."""

    text: str
    wanted: tuple[frozenset[str], ...]
    """Sets of intents, each of which would be right."""
    intent: str
    """The intent that was found, the first of several."""
    intents: frozenset[str]
    """All that were found."""
    confidence: float = 1.0

    def found(self, wanted: frozenset[str]) -> frozenset[str]:
        """Return what is compared with a label: the first intent with one, all with several."""
        return self.intents if len(wanted) > 1 else frozenset({self.intent})

    @property
    def right(self) -> bool:
        """Whether one of the sets that would be right was found."""
        return any(self.found(wanted) == wanted for wanted in self.wanted)

    @property
    def truth(self) -> frozenset[str]:
        """The set that was found, else the first of those that would have been right."""
        return next((w for w in self.wanted if self.found(w) == w), self.wanted[0])


@dataclass(frozen=True)
class IntentScore:
    """How well one intent is recognised."""

    intent: str
    rows: int
    precision: float
    recall: float
    f1: float


def accuracy(rows: Sequence[Read]) -> float:
    """Return the share of messages that were understood rightly (0 when there are none)."""
    return sum(row.right for row in rows) / len(rows) if rows else 0.0


def by_intent(rows: Iterable[Read]) -> list[IntentScore]:
    """Return precision, recall and F1 of every intent that was wanted, by name."""
    both: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for row in rows:
        truth = row.truth
        said = row.found(truth)
        both.update(truth & said)
        wanted.update(truth)
        found.update(said)
    return [
        IntentScore(
            intent=name,
            rows=count,
            precision=both[name] / found[name] if found[name] else 0.0,
            recall=both[name] / count,
            f1=2 * both[name] / (count + found[name]),
        )
        for name, count in sorted(wanted.items())
    ]


def macro_f1(scores: Sequence[IntentScore]) -> float:
    """Return the mean F1 of the intents that were wanted, each of the same weight."""
    return sum(score.f1 for score in scores) / len(scores) if scores else 0.0


def label(intents: Iterable[str]) -> str:
    """Return a set of intents as a label."""
    return "+".join(sorted(intents))


def confusions(rows: Iterable[Read]) -> list[tuple[str, str, list[str]]]:
    """Return what was taken for what, the most frequent first.

    Returns:
        The label that was right, the one that was found, and the messages.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if not row.right:
            pair = label(row.truth), label(row.found(row.truth))
            found.setdefault(pair, []).append(row.text)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(truth, said, texts) for (truth, said), texts in ordered]


@dataclass(frozen=True)
class Bin:
    """Messages of a like confidence."""

    rows: int
    confidence: float
    """Their mean confidence."""
    accuracy: float


def reliability(rows: Iterable[Read], bins: int = BINS) -> list[Bin]:
    """Return how often messages of each confidence are right; empty bins are left out."""
    grouped: dict[int, list[Read]] = {}
    for row in rows:
        grouped.setdefault(min(int(row.confidence * bins), bins - 1), []).append(row)
    return [
        Bin(
            rows=len(group),
            confidence=sum(row.confidence for row in group) / len(group),
            accuracy=accuracy(group),
        )
        for _, group in sorted(grouped.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: mean distance of confidence and accuracy."""
    rows = sum(each.rows for each in bins)
    apart = sum(each.rows * abs(each.confidence - each.accuracy) for each in bins)
    return apart / rows if rows else 0.0


@dataclass(frozen=True)
class Point:
    """What a threshold brings and costs."""

    threshold: float
    in_scope_right: float
    """Share of messages in scope that are answered, and rightly."""
    out_caught: float
    """Share of messages out of scope that are not answered as something else."""


def scope_curve(rows: Sequence[Read], thresholds: Sequence[float] = THRESHOLDS) -> list[Point]:
    """Return a point for each threshold below which a message counts as out of scope.

    Args:
        rows: Messages as they are understood without a threshold.
        thresholds: Confidences.
    """
    outside = [row for row in rows if row.truth == {NOTHING_FITS}]
    inside = [row for row in rows if row.truth != {NOTHING_FITS}]

    def share(group: Sequence[Read], count: int) -> float:
        return count / len(group) if group else 0.0

    return [
        Point(
            threshold=limit,
            in_scope_right=share(inside, sum(r.right and r.confidence >= limit for r in inside)),
            out_caught=share(outside, sum(r.right or r.confidence < limit for r in outside)),
        )
        for limit in thresholds
    ]
