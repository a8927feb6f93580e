"""The process's figures: one registry, and what desk and console count alike.

No label may hold anything of a person: no id, no words, no address. Labels have few values, all of
them names of our own (channels, outcomes, intents, tiers, statuses).
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    ProcessCollector,
    disable_created_metrics,
)

# When each began to count would double what is told.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry(auto_describe=False)
ProcessCollector(registry=REGISTRY)

ANSWERS = Counter(
    "iop_http_answers_total",
    "Answers over HTTP, by app (desk, console) and status.",
    ("app", "status"),
    registry=REGISTRY,
)
