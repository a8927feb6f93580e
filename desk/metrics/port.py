"""The port on which Prometheus asks: on this machine alone, in a thread of its own.

A thread, since whoever asks must get an answer also while the desk stands still, and must not be
able to hold it up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from desk import errors
from desk.metrics import figures
from desk.metrics.others import BrainFigures, SupervisorFigures
from desk.metrics.standing import StandingFigures
from desk.parts import Desk
from monitoring.figures import REGISTRY
from setup.code_print import ROOT

HOST = "127.0.0.1"
RELEASES = "releases"


class Build(Collector):
    """Which release runs: the name of its folder on a server (deploy/server/layout.py)."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return the one figure, whose value is always 1."""
        release = ROOT.name if ROOT.parent.name == RELEASES else ""
        family = GaugeMetricFamily("iop_build_info", "Which release runs.", labels=["release"])
        family.add_metric([release], 1)
        yield family


def listen(port: int) -> None:
    """Answer Prometheus from now on, as long as the process lives; not at all where it is 0.

    Raises:
        OSError: The port is taken; the message says what to do.
    """
    if not port:
        return
    try:
        start_http_server(port, HOST, REGISTRY)
    except OSError as problem:
        message = errors.PORT_TAKEN.format(
            name="The port for metrics", port=port, host=HOST, variable="IOP_METRICS_PORT"
        )
        raise OSError(message) from problem


@contextmanager
def of_desk(desk: Desk) -> Iterator[None]:
    """Have the figures of a desk, its brain and its supervisor told while the block runs."""
    settings = desk.parts.settings
    standing = StandingFigures(settings.database, settings.state)
    brain = BrainFigures(settings.brain_url, desk.parts.brain_token)
    collectors = (Build(), standing, brain, SupervisorFigures(settings.state))
    for each in collectors:
        REGISTRY.register(each)
    desk.database.observer = figures.transacted
    try:
        yield
    finally:
        desk.database.observer = None
        for each in collectors:
            REGISTRY.unregister(each)
        standing.close()
