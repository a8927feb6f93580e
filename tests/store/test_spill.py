from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.errors import StoreError
from store.records import Entry, Message
from store.spill import Spill


def entry(seq: int) -> Entry:
    return Entry("c1", "web", seq, (Message(seq, "visitor", "text", f"words {seq}", seq),))


class Log:
    """Takes entries, or refuses after so many."""

    def __init__(self, takes: int = 99) -> None:
        self.takes = takes
        self.seen: list[Entry] = []

    async def write(self, given: Entry) -> None:
        if len(self.seen) >= self.takes:
            raise StoreError("full")
        self.seen.append(given)


async def test_entries_are_replayed_in_order_and_forgotten(tmp_path: Path) -> None:
    spill, log = Spill(tmp_path), Log()
    for seq in (1, 2, 3):
        await spill.add(entry(seq))
    assert spill.waiting
    assert await spill.replay(log.write) == 3
    assert log.seen == [entry(1), entry(2), entry(3)]
    assert not spill.waiting
    assert list(tmp_path.iterdir()) == []


async def test_a_replay_that_was_cut_short_is_done_again(tmp_path: Path) -> None:
    spill = Spill(tmp_path)
    await spill.add(entry(1))
    await spill.add(entry(2))
    with pytest.raises(StoreError):
        await spill.replay(Log(takes=1).write)
    await spill.add(entry(3))
    log = Log()
    assert await Spill(tmp_path).replay(log.write) == 2
    assert await Spill(tmp_path).replay(log.write) == 1
    assert log.seen == [entry(1), entry(2), entry(3)]


@pytest.mark.parametrize("damage", [b"{", b"\xff\n", b'{"messages": 1}\n', b"[]\n"])
async def test_a_damaged_line_does_not_hold_up_the_others(tmp_path: Path, damage: bytes) -> None:
    spill, log = Spill(tmp_path), Log()
    await spill.add(entry(1))
    path = tmp_path / "spill.jsonl"
    path.write_bytes(path.read_bytes() + damage)
    assert await spill.replay(log.write) == 1
    assert log.seen == [entry(1)]


async def test_a_disk_that_does_not_take_it(tmp_path: Path) -> None:
    (tmp_path / "spill.jsonl").mkdir()
    with pytest.raises(StoreError, match="spill"):
        await Spill(tmp_path).add(entry(1))


async def test_a_full_disk_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill, log = Spill(tmp_path), Log()
    await spill.add(entry(1))
    with monkeypatch.context() as full:
        write = os.write
        full.setattr("store.spill.os.write", lambda handle, line: write(handle, line[:10]))
        with pytest.raises(StoreError):
            await spill.add(entry(2))
    await spill.add(entry(3))
    await spill.replay(log.write)
    assert log.seen == [entry(1), entry(3)]
