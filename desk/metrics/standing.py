"""Figures of how things stand: read when Prometheus asks for them, and not oftener than needed.

Everything here runs in threads of its own, on a connection of its own: no turn waits for it, and a
desk that stands still is seen by that.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.engine import make_url

from desk import measuring
from desk.conversations import now_ms
from store.candidates import WORKING
from store.database import look
from store.errors import StoreError
from store.server_troubles import TROUBLES
from store.spill import LOCKED, REPLAYING, WAITING
from store.standing import Queue, Standing, standing

EVERY = 10.0
"""Seconds for which what the database said is told again."""
LIMIT = 2.0
"""Seconds that the database is waited for, and the desk's event loop."""
_PIECE = 1 << 20


class StandingFigures(Collector):
    """The gauges of one desk."""

    def __init__(self, url: str, state: Path, clock: Callable[[], int] = now_ms) -> None:
        """Ask the database at `url` and a state's folder; make it inside the event loop."""
        self._loop = asyncio.get_running_loop()
        self._url, self._state, self._clock = url, state, clock
        self._thread = ThreadPoolExecutor(1, "figures")
        self._reading: Future[Standing] | None = None
        self._known: Standing | None = None
        self._read_at = float("-inf")
        self._one_at_a_time = threading.Lock()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def collect(self) -> Iterable[Metric]:
        """Return the gauges; those that cannot be had are left out."""
        name, text = "iop_loop_delay_seconds", "How long the desk took to look up from its work."
        yield _gauge(name, text, self._loop_delay())
        with self._one_at_a_time:
            found = self._standing()
        yield _gauge("iop_figures_read", "1 when the database has told the figures.", bool(found))
        if found is not None:
            yield from _of_log(found, self._clock())
        yield from self._of_disk(found)

    def _loop_delay(self) -> float:
        asked, seen = time.perf_counter(), threading.Event()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(seen.set)
            seen.wait(LIMIT)
        return time.perf_counter() - asked

    def _standing(self) -> Standing | None:
        if self._reading is None and time.monotonic() - self._read_at < EVERY:
            return self._known
        self._read_at = time.monotonic()
        # One that takes too long is waited for, a little each time, and not asked beside itself.
        self._reading = self._reading or self._thread.submit(self._read)
        try:
            self._known = self._reading.result(LIMIT)
        except LateError:
            return None
        except StoreError:
            self._known = None
        finally:
            if self._reading.done():
                self._reading = None
        return self._known

    def _read(self) -> Standing:
        now = self._clock()
        return look(self._url, lambda c: standing(c, now))

    def _of_disk(self, found: Standing | None) -> Iterator[Metric]:
        room = measuring.room(self._state)
        yield _gauge("iop_disk_free_bytes", "Free space where the state is.", room.free)
        yield _gauge("iop_disk_size_bytes", "All space where the state is.", room.size)
        size = _size(self._url, found)
        if size is not None:
            yield _gauge("iop_database_bytes", "Size of the log's database.", size)
        waiting = sum(_lines(self._state / name) for name in (WAITING, REPLAYING))
        yield _gauge("iop_spill_entries", "Entries that wait in the spill file.", waiting)
        locked = _lines(self._state / LOCKED)
        yield _gauge("iop_spill_locked_entries", "Entries that no key opens.", locked)
        backup = measuring.newest_backup(self._state)
        made = None if backup is None else measuring.made_at(backup)
        yield _gauge("iop_backup_timestamp_seconds", "When the newest backup was made.", made)


def _of_log(found: Standing, now: int) -> Iterator[Metric]:
    yield from _queue("iop_waiting_people", "People who wait for staff", found.people, now)
    yield from _queues(
        "iop_alerts_open", "Alerts that nobody has acknowledged", "kind", found.alerts, now
    )
    yield from _queues(
        "iop_notices_waiting", "Notices that places have not got", "kind", found.notices, now
    )
    yield _gauge("iop_failing_places", "Places that take no notices.", found.failing_places)
    yield from _queues(
        "iop_deliveries_waiting",
        "Messages that are to be sent to people, but for quiet hours",
        "channel",
        found.deliveries,
        now,
    )
    yield from _queue(
        "iop_arrivals_waiting", "Messages of platforms not handled yet", found.arrivals, now
    )
    late = found.overdue_callbacks
    yield from _queue("iop_callbacks_overdue", "Calls not made in time", late, now)
    wrong = GaugeMetricFamily(
        "iop_server_trouble", "1 for what staff are told is wrong here.", labels=["trouble"]
    )
    for name in TROUBLES:
        wrong.add_metric([name], name in found.troubles)
    yield wrong
    made = GaugeMetricFamily(
        "iop_candidates", "Candidate models that are waited for, by state.", labels=["state"]
    )
    for state in WORKING:
        made.add_metric([state], found.candidates.get(state, 0))
    yield made
    at = None if found.drill_at is None else found.drill_at / 1000
    yield _gauge("iop_drill_timestamp_seconds", "When the last drill ended.", at)
    failed = None if at is None else found.drill_failed
    yield _gauge("iop_drill_failed", "1 when the last drill did not pass.", failed)


def _gauge(name: str, text: str, value: float | None) -> Metric:
    """Return a gauge; one without a value is named all the same."""
    return GaugeMetricFamily(name, text, value=None if value is None else float(value))


def _queue(name: str, text: str, found: Queue, now: int) -> Iterator[Metric]:
    yield _gauge(name, f"{text}.", found.count)
    yield _gauge(_oldest(name), f"{text}: for how long the oldest.", _age(found, now))


def _queues(
    name: str, text: str, label: str, found: dict[str, Queue], now: int
) -> Iterator[Metric]:
    counts = GaugeMetricFamily(name, f"{text}, by {label}.", labels=[label])
    ages = GaugeMetricFamily(_oldest(name), f"{text}: for how long the oldest.", labels=[label])
    for each, queue in sorted(found.items()):
        counts.add_metric([each], queue.count)
        ages.add_metric([each], _age(queue, now))
    yield counts
    yield ages


def _oldest(name: str) -> str:
    return f"{name}_oldest_seconds"


def _age(found: Queue, now: int) -> float:
    return 0.0 if found.since is None else max(0.0, (now - found.since) / 1000)


def _size(url: str, found: Standing | None) -> int | None:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return found.database_bytes if found else None
    file = Path(address.database or "")
    return sum(_bytes(file.with_name(file.name + end)) for end in ("", "-wal"))


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _lines(path: Path) -> int:
    """Return how many lines a file has; none where it is not there, or goes meanwhile."""
    try:
        with path.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b""))
    except FileNotFoundError:
        return 0
