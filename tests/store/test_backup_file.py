"""The file of a backup: each change in it is found, and any length comes back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store import backup_file, key_file
from store.backup_file import BackupError, BackupReader, BackupWriter, Contents
from store.key_file import KeyFile

AT = 1_795_579_500_000


def pieces_of(keys: tuple[key_file.MasterKey, ...], path: Path, data: bytes) -> list[bytes]:
    """Write a backup and return its head and its pieces."""
    with path.open("wb") as file:
        writer = BackupWriter(file, keys, Contents(AT, "sqlite", {}))
        writer.write(data)
        writer.finish()
    content = path.read_bytes()
    begin = content.index(b"\n", content.index(b"\n") + 1) + 1
    size = backup_file.PIECE + 16
    return [content[:begin], *(content[i : i + size] for i in range(begin, len(content), size))]


def read(keys: tuple[key_file.MasterKey, ...], path: Path, pieces: list[bytes]) -> bytes:
    path.write_bytes(b"".join(pieces))
    with path.open("rb") as file:
        return b"".join(BackupReader(file, keys, path.name).database())


def trouble(keys: tuple[key_file.MasterKey, ...], path: Path, pieces: list[bytes]) -> str:
    try:
        read(keys, path, pieces)
    except BackupError as problem:
        return str(problem)
    return "nothing"


def unnamed(head: bytes) -> bytes:
    """Return a head that does not say what keys the database needs."""
    before, _, rest = head.partition(b'"masters":[')
    return before + b'"masters":[' + rest[rest.index(b"]") :]


def test_pieces_that_are_cut_off_moved_or_added_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_file, "PIECE", 1000)
    keys, path = KeyFile(tmp_path / key_file.NAME).make().read(), tmp_path / "x.backup"
    data = os.urandom(4500)
    head, *pieces = pieces_of(keys, path, data)
    assert len(pieces) == 5
    assert read(keys, path, [head, *pieces]) == data
    other = pieces_of(keys, path, data)
    changed = {
        "cut": [head, *pieces[:-1]],
        "cut in a piece": [head, *pieces[:-1], pieces[-1][:-3]],
        "all cut": [head],
        "moved": [head, pieces[0], pieces[2], pieces[1], *pieces[3:]],
        "left out": [head, pieces[0], *pieces[2:]],
        "twice": [head, pieces[0], *pieces],
        "added": [head, *pieces, b"x"],
        "another's head": [other[0], *pieces],
        "keys not named": [unnamed(head), *pieces],
        "another's piece": [head, pieces[0], other[2], *pieces[2:]],
    }
    for name, made in changed.items():
        assert "is damaged" in trouble(keys, path, made), name
    assert "is no backup" in trouble(keys, path, [b"SQLite format 3", *pieces])


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 2000])
def test_any_length_comes_back(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_file, "PIECE", 1000)
    keys, path = KeyFile(tmp_path / key_file.NAME).make().read(), tmp_path / "x.backup"
    data = os.urandom(length)
    assert read(keys, path, pieces_of(keys, path, data)) == data
