"""The center that this process speaks for, as its environment says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from center.editing import edited
from center.facts import CENTER_FILE, Center, load_center

FILE_VARIABLE, DEMO_VARIABLE = "IOP_CENTER_FILE", "IOP_DEMO"
_facts: ContextVar[Mapping[str, Any] | None] = ContextVar("facts", default=None)


def current_center() -> Center:
    """Return the facts of this process's center, with those edited that came with the turn.

    Raises:
        CenterError: The file is missing or wrong.
    """
    center, facts = center_of_file(), _facts.get()
    return edited(center, facts) if facts else center


@lru_cache(maxsize=1)
def center_of_file() -> Center:
    """Return the facts in IOP_CENTER_FILE (default: center.yml), with example values if IOP_DEMO=1.

    Raises:
        CenterError: The file is missing or wrong.
    """
    path = Path(os.environ.get(FILE_VARIABLE) or CENTER_FILE)
    return load_center(path, demo=os.environ.get(DEMO_VARIABLE) == "1")


@contextmanager
def with_facts(facts: Mapping[str, Any] | None) -> Iterator[None]:
    """Speak with facts that were edited, for what runs inside and in no other turn.

    Args:
        facts: Values by key, as center.editing.edited takes them.
    """
    before = _facts.set(facts)
    try:
        yield
    finally:
        _facts.reset(before)
