"""Figures of the processes beside the desk: asked of the brain, read from the supervisor's file.

So one address gives Prometheus all of them, and nothing but the desk has to be reachable.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

SUPERVISOR = "supervisor.prom"
"""The supervisor's file in the state's folder."""
LIMIT = 1.0
"""Seconds that each step of the brain's answer may take."""
_PATH = "/webhooks/desk/v1/metrics"
_LARGEST = 1 << 20


class BrainFigures(Collector):
    """What the brain says of itself, under names that begin with iop_brain_."""

    def __init__(self, url: str, token: str) -> None:
        """Ask the brain at `url` with the shared token."""
        self._place, self._token = urlsplit(url), token

    def collect(self) -> Iterable[Metric]:
        """Return them; a brain that does not answer is down."""
        families: list[Metric] = []
        try:
            families = list(text_string_to_metric_families(self._answer()))
        except (OSError, http.client.HTTPException, ValueError):
            # Told by the figure itself.
            families = []
        up = float(bool(families))
        yield GaugeMetricFamily("iop_brain_up", "1 when the brain answers.", value=up)
        yield from (each for each in families if each.name.startswith("iop_brain_"))

    def _answer(self) -> str:
        connection = http.client.HTTPConnection(
            self._place.hostname or "", self._place.port, timeout=LIMIT
        )
        try:
            headers = {"Authorization": f"Bearer {self._token}"}
            connection.request("GET", self._place.path + _PATH, headers=headers)
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise http.client.BadStatusLine(str(answer.status))
            return answer.read(_LARGEST).decode("utf-8")
        finally:
            connection.close()


class SupervisorFigures(Collector):
    """What the supervisor has last written of itself."""

    def __init__(self, state: Path) -> None:
        """Read its file in a folder."""
        self._file = state / SUPERVISOR

    def collect(self) -> Iterator[Metric]:
        """Return them; none where no supervisor runs."""
        try:
            text = self._file.read_text("utf-8")
            families = list(text_string_to_metric_families(text))
        except (OSError, ValueError):
            return
        yield from (each for each in families if each.name.startswith("iop_supervisor_"))
