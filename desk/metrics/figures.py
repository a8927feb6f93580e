"""What the desk counts as it works; docs/monitoring.md says what each figure means.

Counting must cost a turn nothing that anybody could notice: each call takes some microseconds
(`python -m benchmarks.counting`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from monitoring.figures import REGISTRY
from store.records import Reading

if TYPE_CHECKING:
    from desk.screening import Screening

logger = logging.getLogger(__name__)

UNSURE = 0.6
"""Confidence below which a reading counts as unsure, as in the review queue (store.models)."""
FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
TURN = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
SCREEN = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)

TURNS = Counter(
    "iop_turns_total",
    "Messages of people that were taken, by channel and by what became of them.",
    ("channel", "outcome"),
    registry=REGISTRY,
)
TURN_SECONDS = Histogram(
    "iop_turn_seconds",
    "From a message's arrival in its turn until it is answered and logged.",
    ("channel",),
    buckets=TURN,
    registry=REGISTRY,
)
SCREEN_SECONDS = Histogram(
    "iop_screen_seconds",
    "One look of the risk screen.",
    buckets=SCREEN,
    registry=REGISTRY,
)
RISKS = Counter(
    "iop_risks_total",
    "Messages in which the screen has found a risk, by tier and category.",
    ("tier", "category"),
    registry=REGISTRY,
)
UNSCREENED = Counter(
    "iop_unscreened_total",
    "Messages that the screen could not judge; resources were shown.",
    registry=REGISTRY,
)
READINGS = Counter(
    "iop_readings_total",
    "Messages that the brain has read, by intent.",
    ("intent",),
    registry=REGISTRY,
)
UNSURE_READINGS = Counter(
    "iop_unsure_readings_total",
    f"Those of them that were read with a confidence below {UNSURE}.",
    registry=REGISTRY,
)
BRAIN_SECONDS = Histogram(
    "iop_brain_call_seconds",
    "Calls of the brain that were answered, by call.",
    ("call",),
    buckets=FAST,
    registry=REGISTRY,
)
BRAIN_FAILURES = Counter(
    "iop_brain_call_failures_total",
    "Calls of the brain that failed, by call.",
    ("call",),
    registry=REGISTRY,
)
DATABASE_SECONDS = Histogram(
    "iop_database_seconds",
    "Transactions of the desk, the wait for their turn included; purpose is read or write.",
    ("purpose",),
    buckets=FAST,
    registry=REGISTRY,
)
DATABASE_FAILURES = Counter(
    "iop_database_failures_total",
    "Transactions that failed or took too long.",
    ("purpose",),
    registry=REGISTRY,
)
SPILLED = Counter(
    "iop_spilled_total",
    "Entries that went to the spill file because the database did not take them.",
    registry=REGISTRY,
)
REFUSALS = Counter(
    "iop_refusals_total",
    "Requests of visitors that were refused, by status and reason.",
    ("status", "reason"),
    registry=REGISTRY,
)
UPKEEP_FAILURES = Counter(
    "iop_upkeep_failures_total",
    "Jobs of upkeep that could not do their work; they try again.",
    registry=REGISTRY,
)
STREAMS = Gauge("iop_streams", "Streams of visitors' pages that are open.", registry=REGISTRY)

# Made at once: a figure that only comes with its first event hides that event from `rate`.
for _channel in ("web", "sms", "slack"):
    TURN_SECONDS.labels(_channel)
    for _outcome in ("brain", "fixed", "safe", "read", "failed"):
        TURNS.labels(_channel, _outcome)
for _purpose in ("read", "write"):
    DATABASE_SECONDS.labels(_purpose)
    DATABASE_FAILURES.labels(_purpose)
for _call in ("turn", "read"):
    BRAIN_SECONDS.labels(_call)
    BRAIN_FAILURES.labels(_call)


def screened(screening: Screening) -> None:
    """Count what the screen has found in a message."""
    if screening.failed:
        UNSCREENED.inc()
    elif screening.risk is not None:
        RISKS.labels(screening.risk.tier, screening.risk.category).inc()


def turn_ended(channel: str, reading: Reading, seconds: float) -> None:
    """Count a turn that came to its end, and log that it did, in a form without its words."""
    TURNS.labels(channel, reading.outcome).inc()
    TURN_SECONDS.labels(channel).observe(seconds)
    if reading.intent is not None:
        READINGS.labels(reading.intent).inc()
        if (reading.confidence or 0.0) < UNSURE:
            UNSURE_READINGS.inc()
    if logger.isEnabledFor(logging.INFO):
        more = {"channel": channel, "outcome": reading.outcome}
        logger.info("A turn ended.", extra={**more, "milliseconds": round(seconds * 1000, 1)})


def turn_failed(channel: str) -> None:
    """Count a turn that broke off, or whose message could be kept nowhere."""
    TURNS.labels(channel, "failed").inc()


def transacted(purpose: str, seconds: float, failed: bool) -> None:
    """Count a transaction (store.database.Observer)."""
    DATABASE_SECONDS.labels(purpose).observe(seconds)
    if failed:
        DATABASE_FAILURES.labels(purpose).inc()
