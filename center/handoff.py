"""How a center hands conversations over to staff: what center.yml says under `handoff`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WAIT_MINUTES, ANSWER_MINUTES = 10, 5


@dataclass(frozen=True)
class Handoff:
    """The limits of a wait, in minutes, and the topics that are a person's from the start."""

    wait_minutes: int = WAIT_MINUTES
    """After how long in the queue a person gets an apology and other ways to reach the center."""
    answer_minutes: int = ANSWER_MINUTES
    """After how long without an answer whoever has the conversation is reminded; after as long
    again it goes back to the queue."""
    topics: frozenset[str] = frozenset()
    """Intents that are answered as always and open a handoff, too."""

    @classmethod
    def read(cls, given: Mapping[str, Any] | None) -> Handoff:
        """Make it from center.yml's form; what is left out has its default."""
        given = {name: value for name, value in (given or {}).items() if value is not None}
        return cls(**{**given, "topics": frozenset(given.get("topics", ()))})
