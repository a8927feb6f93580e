"""The brain's figures, which the desk hands on to Prometheus (docs/monitoring.md).

No label holds anything of a person.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

logger = logging.getLogger(__name__)

CONTENT_TYPE = CONTENT_TYPE_LATEST
# When each began to count would double what is told.
disable_created_metrics()
_REGISTRY = CollectorRegistry()
ProcessCollector(namespace="iop_brain", registry=_REGISTRY)
_SECONDS = Histogram(
    "iop_brain_answer_seconds",
    "What the brain itself took to answer, by call.",
    ("call",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 1.0, 5.0),
    registry=_REGISTRY,
)
_FAILURES = Counter(
    "iop_brain_answer_failures_total",
    "Calls in which something broke, by call.",
    ("call",),
    registry=_REGISTRY,
)
_MODEL = Gauge("iop_brain_model_info", "Which model answers.", ("model",), registry=_REGISTRY)
_REPORTED = frozenset({"turn", "read"})
for _call in sorted(_REPORTED):
    _SECONDS.labels(_call)
    _FAILURES.labels(_call)


@contextmanager
def counted(call: str) -> Iterator[None]:
    """Count a call of the desk while the block runs, and log that it was answered."""
    began = time.perf_counter()
    try:
        yield
    except Exception:
        _FAILURES.labels(call).inc()
        raise
    took = time.perf_counter() - began
    _SECONDS.labels(call).observe(took)
    if call in _REPORTED:
        logger.info(
            "A call was answered.", extra={"call": call, "milliseconds": round(took * 1000, 1)}
        )


def exposition(model: str | None) -> bytes:
    """Return all figures as Prometheus reads them.

    Args:
        model: The id of the model that answers.
    """
    _MODEL.clear()
    if model is not None:
        _MODEL.labels(model).set(1)
    return generate_latest(_REGISTRY)
