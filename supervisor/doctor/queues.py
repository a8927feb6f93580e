"""What waits, and should not: alerts, notices, messages to people and of people, spill files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from desk import measuring
from store.standing import Queue
from supervisor.doctor import faults
from supervisor.doctor.finding import Fault, Finding
from supervisor.doctor.installation import Installation, age

_MINUTE = 60
_GRAVE = frozenset({"crisis", "unscreened", "unreachable"})
_GRAVE_MINUTES, _OTHER_MINUTES = 60, 24 * 60
"""How long an alert may be open: of risk, and others."""
_SENT_MINUTES = 10
"""A place or platform that is down is tried again every 5 minutes at the latest."""
_ANSWERED_MINUTES = 5


def check(installation: Installation) -> Iterator[Finding]:
    """Look at all queues."""
    state, now = installation.settings.state, installation.clock()
    if measuring.spill_waits(state, now):
        yield faults.SPILL_WAITS.found()
    if measuring.spill_is_locked(state):
        yield faults.SPILL_LOCKED.found()
    found = installation.standing
    if found is None:
        return
    for kind, queue in found.alerts.items():
        minutes = _GRAVE_MINUTES if kind in _GRAVE else _OTHER_MINUTES
        yield from _late(faults.ALERTS_OPEN, queue, minutes, now, kind=kind)
    yield from _each(faults.NOTICES_WAIT, found.notices, "kind", now)
    yield from _each(faults.DELIVERIES_WAIT, found.deliveries, "channel", now)
    yield from _late(faults.ARRIVALS_WAIT, found.arrivals, _ANSWERED_MINUTES, now)


def _each(fault: Fault, queues: Mapping[str, Queue], what: str, now: float) -> Iterator[Finding]:
    for name, queue in queues.items():
        yield from _late(fault, queue, _SENT_MINUTES, now, **{what: name})


def _late(
    fault: Fault, queue: Queue, minutes: float, now: float, **facts: str
) -> Iterator[Finding]:
    if queue.since is not None and now - queue.since / 1000 > minutes * _MINUTE:
        since = age(now - queue.since / 1000)
        yield fault.found(count=queue.count, age=since, **facts)
