"""How much one person, one address and everybody together may send and hold open."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from desk.settings import Rate

_MANY = 50_000


class Limiter:
    """Token buckets by key, in memory; keys that are full again are forgotten."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        """Let through as much as `rate` says."""
        self._rate, self._clock = rate, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Say whether one more is let through, and count it if so."""
        if not self._rate.burst:
            return True
        now = self._clock()
        left, at = self._buckets.pop(key, (self._rate.burst, now))
        left = min(self._rate.burst, left + (now - at) * self._rate.per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MANY:
            self._buckets.popitem(last=False)
        return allowed


class Held:
    """Counts what is open at a time, by key and in all."""

    def __init__(self, most: int, each: int) -> None:
        """Let `most` be open, and `each` of one key."""
        self._most, self._each = most, each
        self._open: dict[str, int] = {}
        self.count = 0
        """How much is open in all."""

    @contextmanager
    def one(self, key: str) -> Iterator[bool]:
        """Hold one more open; yields whether that was allowed."""
        held = self._open.get(key, 0)
        allowed = self.count < self._most and held < self._each
        if allowed:
            self._open[key] = held + 1
            self.count += 1
        try:
            yield allowed
        finally:
            if allowed:
                self._close(key)

    def _close(self, key: str) -> None:
        self.count -= 1
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]


def network(address: str) -> str:
    """Return what counts as one address: an IPv6 visitor has a whole /64 to pick from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        # So a socket for both kinds names an IPv4 visitor; the /64 would hold all of them.
        parsed = parsed.ipv4_mapped
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
