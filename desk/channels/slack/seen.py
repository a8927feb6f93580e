"""Remembers what has been handled: a bounded number of ids, the newest."""

from __future__ import annotations

from collections import OrderedDict

MOST = 20_000
"""Slack sends 30,000 events an hour at most, and again for up to 5 minutes."""


class Seen:
    """Ids that were seen; the oldest are forgotten."""

    def __init__(self, most: int = MOST) -> None:
        """Remember `most` of them."""
        self._most = most
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, mark: str) -> bool:
        """Say whether an id is remembered."""
        return mark in self._ids

    def add(self, mark: str) -> bool:
        """Remember an id; return whether it is new."""
        if mark in self._ids:
            return False
        self._ids[mark] = None
        while len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return True

    def discard(self, mark: str) -> None:
        """Forget an id."""
        self._ids.pop(mark, None)
