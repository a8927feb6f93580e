"""Keys in memory: those that are used stay, and threads share them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, cast

import pytest

from store import sealing
from store.database import Database
from store.sealing import KeyRing


def ring_of_two(monkeypatch: pytest.MonkeyPatch, kept: int) -> KeyRing:
    monkeypatch.setattr(sealing, "_KEPT", kept)
    opened = Database("sqlite://")
    ring = opened._keys
    opened.close()
    return ring


def test_keys_that_are_used_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ring_of_two(monkeypatch, 2)
    first = ring.keep("one", b"1" * 32)
    ring.keep("two", b"2" * 32)
    assert ring.key_of("one") is first
    ring.keep("three", b"3" * 32)
    assert list(ring._keys) == ["one", "three"]


class NoRow:
    """A connection that finds nothing."""

    def execute(self, *_: object) -> NoRow:
        return self

    def first(self) -> None:
        return None


class Meddled(OrderedDict[str, Any]):
    """Keys of which another thread drops one at whichever moment is the worst."""

    def __init__(self, ring: KeyRing) -> None:
        super().__init__()
        self.ring, self.busy = ring, False

    def meddle(self) -> None:
        if not self.busy:
            self.busy = True
            other = threading.Thread(target=self.ring.drop, args=("one",))
            other.start()
            # Whoever holds the lock is not disturbed, however long the other one waits.
            other.join(0.05)
            self.busy = False

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self.meddle()

    def __getitem__(self, key: str) -> Any:
        self.meddle()
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        self.meddle()
        return found

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        self.meddle()
        return found


def test_threads_share_the_keys_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, nothing = ring_of_two(monkeypatch, 2), cast(Any, NoRow())
    ring._keys = Meddled(ring)
    for _ in range(3):
        assert ring.keep("one", b"1" * 32) is not None
        # It was dropped meanwhile, or it was not: both may be, and nothing breaks.
        ring.key_of("one", nothing)
