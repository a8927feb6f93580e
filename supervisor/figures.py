"""The supervisor's figures: written to a file, from which the desk hands them on.

A file, since the supervisor listens nowhere; the form is that of Prometheus's own text files.
"""

from __future__ import annotations

import logging
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
    write_to_textfile,
)

from desk.metrics.others import SUPERVISOR
from desk.settings import Settings

# When each began to count would double what is told.
disable_created_metrics()  # type: ignore[no-untyped-call]
logger = logging.getLogger(__name__)


class Figures:
    """What one supervisor counts."""

    def __init__(self, state: Path) -> None:
        """Write to a file in the state's folder, with each event."""
        self._file, registry = state / SUPERVISOR, CollectorRegistry()
        self._registry = registry
        self._starts = Counter(
            "iop_supervisor_starts_total",
            "How often the supervisor has started a process.",
            ("process",),
            registry=registry,
        )
        self._ended = Counter(
            "iop_supervisor_ended_early_total",
            "How often a process has ended by itself.",
            ("process",),
            registry=registry,
        )
        since = Gauge(
            "iop_supervisor_start_time_seconds", "Since when it counts.", registry=registry
        )
        since.set_to_current_time()

    @classmethod
    def wanted(cls, settings: Settings) -> Figures | None:
        """Return the figures of a supervisor, where a desk tells them to Prometheus."""
        return cls(settings.state) if settings.metrics_port else None

    def started(self, process: str) -> None:
        """Count the start of a process."""
        self._ended.labels(process)
        self._starts.labels(process).inc()
        self._write()

    def ended_early(self, process: str) -> None:
        """Count the end of a process that nobody had asked to end."""
        self._ended.labels(process).inc()
        self._write()

    def _write(self) -> None:
        try:
            write_to_textfile(str(self._file), self._registry)
        except OSError as problem:
            # Figures are worth less than what they are about.
            logger.warning("The supervisor's figures were not written: %s.", problem.strerror)
