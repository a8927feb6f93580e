"""What staff do at a crisis alert, step by step: the center's own list, or the draft."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from center.facts import Center

DRAFT_FILE = Path(__file__).resolve().parent / "crisis_checklist.yml"


@dataclass(frozen=True)
class Checklist:
    """Steps for staff, in order."""

    steps: tuple[str, ...]
    draft: bool
    """Whether it is the project's draft, which no clinician has approved."""


@lru_cache(maxsize=1)
def draft_checklist() -> Checklist:
    """Return the draft that stands in until a center has its own."""
    read = yaml.safe_load(DRAFT_FILE.read_text("utf-8"))
    return Checklist(tuple(read["steps"]), draft=read["approval"] == "draft")


def checklist_of(center: Center) -> Checklist:
    """Return the center's `crisis_checklist`, or the draft where it has none."""
    own = center.values.get("crisis_checklist")
    return Checklist(tuple(own), draft=False) if own else draft_checklist()
