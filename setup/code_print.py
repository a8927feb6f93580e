"""A fingerprint of the code that training depends on."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRAINED_BY = ("brain", "language", "safety")
"""Rooms whose code shapes what is learned."""


def fingerprint(paths: list[Path]) -> str:
    """Return a hash of names and contents of files; folders count with all their files."""
    files: list[Path] = []
    for path in paths:
        files += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        if "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def code_print() -> str:
    """Return the fingerprint of the rooms that training runs."""
    return fingerprint([ROOT / room for room in TRAINED_BY])
