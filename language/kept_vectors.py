"""Vectors of the training messages, kept between trainings: only new messages are encoded."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt

from language.encoder import FOLDER, SIZE, WIDE, Vector, encoder

FILE = FOLDER.parent / "vectors.npz"
LOCK = FOLDER.parent / "vectors.lock"
_PROCESSES = 2
_PART = 500
"""Texts that a process encodes at a time."""
_WORTH_A_PROCESS = 500
"""Below so many new texts, a second process costs more than it saves."""


@lru_cache(maxsize=1)
def _encoder_print() -> bytes:
    graph = FOLDER / "model.onnx"
    return hashlib.sha256(graph.read_bytes()).digest() if graph.exists() else b""


def _key(text: str) -> bytes:
    # With the encoder: a release that brings another one must not learn from this one's vectors.
    words = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(_encoder_print() + words).digest()[:16]


def _encode(texts: list[str]) -> Vector:
    return encoder().encode_together(texts)


def hold_readers_back() -> int:
    """Make readers wait until the returned file descriptor, and every copy of it, is closed."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def wait_until_kept() -> None:
    """Wait while another process encodes the training messages (`hold_readers_back`)."""
    if LOCK.exists():
        with LOCK.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)


@lru_cache(maxsize=1)
def _kept() -> dict[bytes, Vector]:
    if not FILE.exists():
        return {}
    with np.load(FILE) as read:
        keys, vectors = read["keys"], read["vectors"]
    return {bytes(key): vector for key, vector in zip(keys, vectors, strict=True)}


def keep(texts: Iterable[str]) -> None:
    """Encode the texts that are not kept yet, in two processes, and forget all others."""
    wanted = list(dict.fromkeys(texts))
    known = _kept()
    new = [text for text in wanted if _key(text) not in known]
    if len(new) > _WORTH_A_PROCESS:
        with get_context("spawn").Pool(_PROCESSES) as pool:
            # By length, so that a part holds many texts of one length; the long ones first, so
            # that no process works on them alone at the end.
            new.sort(key=len, reverse=True)
            parts = [new[start : start + _PART] for start in range(0, len(new), _PART)]
            vectors = np.concatenate(pool.map(_encode, parts, chunksize=1))
    else:
        vectors = _encode(new)
    found = {**known, **{_key(t): v for t, v in zip(new, vectors, strict=True)}}
    keys = [_key(text) for text in wanted]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        FILE,
        keys=np.frombuffer(b"".join(keys), dtype="u1").reshape(-1, 16),
        vectors=np.stack([found[key] for key in keys]) if keys else np.zeros((0, WIDE), "f4"),
    )
    _kept.cache_clear()


def wide_vector(text: str) -> Vector:
    """Return a text's wide vector, from the file if it is kept there."""
    vector = _kept().get(_key(text))
    return encoder().encode_wide(text) if vector is None else vector


def kept_meanings(texts: Sequence[str]) -> npt.NDArray[np.float16]:
    """Return the meaning vectors of those texts that are kept; the file is not held in memory.

    Returns:
        16-bit floats, shape (number of texts, 384); a row of zeros where a text is not kept.
    """
    found = np.zeros((len(texts), SIZE), dtype=np.float16)
    if FILE.exists():
        with np.load(FILE) as read:
            keys, vectors = read["keys"], read["vectors"]
        places = {bytes(key): number for number, key in enumerate(keys)}
        for number, text in enumerate(texts):
            if (place := places.get(_key(text))) is not None:
                found[number] = vectors[place, :SIZE]
    return found


class KeptEncoder:
    """Encodes like language.encoder.Encoder, from the file where it can."""

    def encode(self, text: str) -> Vector:
        """Return the meaning vector of a text."""
        return wide_vector(text)[:SIZE]

    def encode_all(self, texts: list[str]) -> Vector:
        """Return the meaning vectors of several texts, shape (number of texts, 384)."""
        return np.stack([self.encode(text) for text in texts])
