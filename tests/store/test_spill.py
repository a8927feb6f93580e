from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from store import spill as spilling
from store.errors import StoreError
from store.key_file import NAME, KeyFile
from store.records import Entry, Message
from store.spill import LOCKED, Spill


def entry(seq: int, conversation: str = "c1") -> Entry:
    return Entry(conversation, "web", seq, (Message(seq, "visitor", "text", f"words {seq}", seq),))


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


async def erased(_: frozenset[str]) -> Mapping[str, int]:
    return {"c1": 100}


def other_keys(path: Path) -> bytes:
    """Put another file of keys in the place of one, and return what was in that."""
    before = path.read_bytes()
    path.unlink()
    KeyFile(path).make()
    return before


async def test_a_line_whose_key_is_gone_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys, log = KeyFile(tmp_path / NAME).make(), Log()
    spill = Spill(tmp_path, keys)
    await spill.add(entry(1))
    before = other_keys(keys.path)
    await spill.add(entry(2))
    with caplog.at_level(logging.ERROR):
        assert await spill.replay(log.write) == 1
    assert LOCKED in caplog.text
    assert log.seen == [entry(2)]
    assert not spill.waiting
    # Who finds the keys again puts them, and the line, back.
    keys.path.write_bytes(before)
    (tmp_path / LOCKED).rename(tmp_path / spilling.WAITING)
    assert await spill.replay(log.write) == 1
    assert log.seen == [entry(2), entry(1)]


async def test_a_key_that_is_changed_in_the_middle_of_a_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, log = KeyFile(tmp_path / NAME).make(), Log()
    spill, write, changes = Spill(tmp_path, keys), os.write, [1]

    def late(handle: int, line: bytes) -> int:
        if changes:
            changes.clear()
            assert spilling.keys_named(tmp_path) == frozenset()
            other_keys(keys.path)
        return write(handle, line)

    with monkeypatch.context() as slow:
        slow.setattr("store.spill.os.write", late)
        await spill.add(entry(1))
    assert await spill.replay(log.write) == 1
    assert log.seen == [entry(1)]


async def test_a_crash_in_the_middle_of_erasing_loses_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill, log = Spill(tmp_path), Log()
    await spill.add(entry(1))
    await spill.add(entry(2, "c2"))
    with monkeypatch.context() as crash:

        def broken(*_: object) -> None:
            raise OSError("power")

        crash.setattr(Path, "replace", broken)
        with pytest.raises(OSError, match="power"):
            await spill.erase(erased)
    assert list(tmp_path.glob("*.kept"))
    again = Spill(tmp_path)
    assert not list(tmp_path.glob("*.kept"))
    assert await again.erase(erased) == 1
    assert await again.replay(log.write) == 1
    assert log.seen == [entry(2, "c2")]


async def test_what_is_erased_is_overwritten_on_the_disk(tmp_path: Path) -> None:
    spill = Spill(tmp_path)
    await spill.add(entry(1))
    await spill.add(entry(2, "c2"))
    os.link(tmp_path / spilling.WAITING, tmp_path / "disk")
    assert await spill.erase(erased) == 1
    assert not (tmp_path / "disk").read_bytes().strip(b"\0")
    assert b"words 2" in (tmp_path / spilling.WAITING).read_bytes()


async def test_erasing_opens_each_line_once_and_leaves_those_that_it_cannot_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = KeyFile(tmp_path / NAME).make()
    spill = Spill(tmp_path, keys)
    await spill.add(entry(9, "c9"))
    other_keys(keys.path)
    await spill.add(entry(1))
    await spill.add(entry(2, "c2"))
    calls, open_it = 0, spilling.opened

    def counted(*given: object) -> object:
        nonlocal calls
        calls += 1
        return open_it(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(spilling, "opened", counted)
    assert await spill.erase(erased) == 1
    assert calls == 2
    assert len((tmp_path / spilling.WAITING).read_bytes().splitlines()) == 2


async def test_lines_are_sealed_while_the_file_of_keys_is_away(tmp_path: Path) -> None:
    keys, log = KeyFile(tmp_path / NAME).make(), Log()
    keys.read()
    keys.path.unlink()
    spill = Spill(tmp_path, keys)
    await spill.add(entry(1))
    assert b"words" not in (tmp_path / spilling.WAITING).read_bytes()
    assert await spill.replay(log.write) == 1


async def test_that_lines_are_not_sealed_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spill = Spill(tmp_path, KeyFile(tmp_path / NAME))
    for seq in (1, 2):
        await spill.add(entry(seq))
    assert caplog.text.count(spilling.NOT_SEALED) == 1
