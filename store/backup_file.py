"""The form of a backup: one file, encrypted so that it opens with store.keys alone.

A line that says what it is; a line with the backup's own key, encrypted under the newest master
key; then pieces of one size, each encrypted under that own key, numbered, the last one marked. So
a piece that was changed, moved, left out or added is found, and so is an end that was cut off.
Inside: what stands beside the database (`Contents`), then the database as it was copied.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.errors import StoreError
from store.key_file import MasterKey, opened, sealed

PIECE = 1 << 20
"""Bytes of a piece before it is encrypted: as much as lies in memory at a time."""
_MARK = b"iop-backup 1\n"
_BOUND_TO = b"key of a backup"
_TAG = 16
_LONGEST_HEAD = 1 << 16

NOT_ONE = "{file} is no backup of this assistant."
DAMAGED = "{file} is damaged: something in it was changed, or its end is missing. Take another one."
OTHER_KEYS = (
    "{file} cannot be opened: it is under a master key that store.keys does not have. Put back the "
    "copy of store.keys from the time of the backup, and run the command again."
)
NO_KEYS = (
    "There are no master keys: store.keys is missing. A backup is made under them and opens with "
    "them alone. Put the file back; on a new machine `make run` makes one."
)


class BackupError(StoreError):
    """A backup cannot be made, or cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds."""

    made_at: int
    """In milliseconds."""
    kind: str
    """Of the database: sqlite or postgresql."""
    files: Mapping[str, str]
    """Small files by name, in base64."""


def _nonce(number: int, *, last: bool) -> bytes:
    """Return a piece's nonce: the key is the backup's own, so that counting is enough."""
    return number.to_bytes(11, "big") + bytes([last])


class BackupWriter:
    """Encrypts what is written, a piece at a time."""

    def __init__(
        self,
        file: BinaryIO,
        keys: tuple[MasterKey, ...],
        contents: Contents,
        used: Iterable[str] = (),
    ) -> None:
        """Begin a backup.

        Args:
            file: Where it goes.
            keys: The master keys, oldest first; at least one.
            contents: What it holds beside the database.
            used: Ids of the master keys that persons' keys in the database are under.
        """
        secret, master = os.urandom(32), keys[-1]
        head = {
            "master": master.id,
            "masters": sorted({master.id, *used}),
            "key": sealed(master.cipher, secret, _BOUND_TO),
        }
        self._head = _MARK + orjson.dumps(head) + b"\n"
        self._file, self._key = file, AESGCM(secret)
        self._left, self._number = bytearray(), 0
        file.write(self._head)
        inside = orjson.dumps(asdict(contents))
        self.write(len(inside).to_bytes(8, "big") + inside)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._left += data
        # One piece always stays: the last one is marked.
        while len(self._left) > PIECE:
            self._put(last=False)

    def finish(self) -> None:
        """Write the last piece; without it the file counts as damaged."""
        self._put(last=True)

    def _put(self, *, last: bool) -> None:
        piece = bytes(self._left[:PIECE])
        del self._left[:PIECE]
        nonce = _nonce(self._number, last=last)
        self._file.write(self._key.encrypt(nonce, piece, self._head))
        self._number += 1


class BackupReader:
    """Opens a backup; what it returns is what was written, or it raises."""

    def __init__(self, file: BinaryIO, keys: tuple[MasterKey, ...], name: str) -> None:
        """Read what stands beside the database.

        Args:
            file: The backup, from its beginning.
            keys: The master keys of store.keys.
            name: The file's name, for what is said of it.

        Raises:
            BackupError: It is no backup, it is damaged, or the keys are others.
        """
        self._file, self._name = file, name
        head, self._head = _head_of(file, name)
        secret = _secret(head, keys, name)
        self._pieces = self._opened(AESGCM(secret))
        self._left = b""
        length = int.from_bytes(self._read(8), "big")
        self.contents = Contents(**orjson.loads(self._read(length)))

    def database(self) -> Iterator[bytes]:
        """Yield the database, a piece at a time; the end has come only when nothing was raised.

        Raises:
            BackupError: The file is damaged.
        """
        yield self._left
        self._left = b""
        yield from self._pieces

    def _read(self, length: int) -> bytes:
        while len(self._left) < length:
            piece = next(self._pieces, None)
            if piece is None:
                raise BackupError(DAMAGED.format(file=self._name))
            self._left += piece
        found, self._left = self._left[:length], self._left[length:]
        return found

    def _opened(self, key: AESGCM) -> Iterator[bytes]:
        number, piece = 0, self._file.read(PIECE + _TAG)
        while True:
            following = self._file.read(PIECE + _TAG)
            try:
                plain = key.decrypt(_nonce(number, last=not following), piece, self._head)
            except InvalidTag:
                raise BackupError(DAMAGED.format(file=self._name)) from None
            yield plain
            if not following:
                return
            number, piece = number + 1, following


def _head_of(file: BinaryIO, name: str) -> tuple[dict[str, Any], bytes]:
    """Return what a backup's second line says, and both lines as they are."""
    mark, line = file.read(len(_MARK)), file.readline(_LONGEST_HEAD)
    if mark != _MARK:
        raise BackupError(NOT_ONE.format(file=name))
    try:
        head = orjson.loads(line)
        if not all(isinstance(head[key], str) for key in ("master", "key")):
            raise TypeError
        head["masters"] = frozenset(head["masters"])
    except (ValueError, KeyError, TypeError):
        raise BackupError(DAMAGED.format(file=name)) from None
    return head, mark + line


def _secret(head: Mapping[str, Any], keys: tuple[MasterKey, ...], name: str) -> bytes:
    """Return a backup's own key."""
    known = {key.id: key for key in keys}
    if not head["masters"] <= known.keys():
        # Of some words in it, too, the key would be missing.
        raise BackupError(OTHER_KEYS.format(file=name))
    master = known.get(head["master"])
    secret = opened(master.cipher, head["key"], _BOUND_TO) if master else None
    if secret is None:
        raise BackupError(DAMAGED.format(file=name))
    return secret


def keys_named(folder: Path) -> frozenset[str]:
    """Return the ids of the master keys that the backups of a folder need."""
    found: set[str] = set()
    for path in folder.glob("*.backup"):
        with suppress(BackupError, OSError), path.open("rb") as file:
            found |= _head_of(file, path.name)[0]["masters"]
    return frozenset(found)


def packed(content: bytes) -> str:
    """Return a small file as `Contents` has it."""
    return base64.b64encode(content).decode("ascii")


def unpacked(content: str) -> bytes:
    """Return a small file as it was."""
    return base64.b64decode(content)
