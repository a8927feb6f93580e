"""What a candidate does otherwise than the model in use, in figures and places; no words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.candidates import Comparison
from supervisor.comparing import ALARM, Case, Found

Both = tuple[Case, Found, Found]
"""A message, what the model in use makes of it, and what the candidate does."""
_MOST_CHANGES = 500


def comparison(against: str | None, crises: Sequence[int], found: Sequence[Both]) -> Comparison:
    """Return what was found out.

    Args:
        against: The model that the candidate was compared with.
        crises: Ids of the confirmed crises among the messages.
        found: All messages.
    """
    lost = [case.place for case, old, new in found if _is_lost(case, old, new)]
    changed = [_change(*each) for each in found if each[0].group == "past" and _differs(*each)]
    # What is no longer seen as a crisis first.
    changed.sort(key=lambda each: each["level_after"] - each["level_before"])
    figures = {
        "questions": _right(found, "questions"),
        "tests": _right(found, "tests"),
        "crises": {**_caught(found), "lost": lost},
        "harmless": _alarmed(found),
        "past": {"rows": sum(case.group == "past" for case, *_ in found), "changed": len(changed)},
        "stories": _stories(found),
    }
    return Comparison(against, tuple(crises), len(lost), figures, tuple(changed[:_MOST_CHANGES]))


def _is_lost(case: Case, old: Found, new: Found) -> bool:
    """Whether a message of risk gets less than before of what it must get."""
    return min(new.level, case.needs) < min(old.level, case.needs)


def _right(found: Sequence[Both], group: str) -> dict[str, int]:
    mine = [each for each in found if each[0].group == group]
    return {
        "rows": len(mine),
        "before": sum(old.right(case) for case, old, _ in mine),
        "after": sum(new.right(case) for case, _, new in mine),
    }


def _stories(found: Sequence[Both]) -> dict[str, Any]:
    """Count stories of which every line is right; "lost" are ids of those that no longer are."""
    told: dict[int, list[Both]] = {}
    for each in found:
        if each[0].group == "stories":
            told.setdefault(each[0].place[0], []).append(each)
    before = {id_ for id_, mine in told.items() if all(old.right(case) for case, old, _ in mine)}
    after = {id_ for id_, mine in told.items() if all(new.right(case) for case, _, new in mine)}
    counts = {"rows": len(told), "before": len(before), "after": len(after)}
    return {**counts, "lost": sorted(before - after)}


def _caught(found: Sequence[Both]) -> dict[str, int]:
    mine = [each for each in found if each[0].group == "crises"]
    return {
        "rows": len(mine),
        "before": sum(old.level >= case.needs for case, old, _ in mine),
        "after": sum(new.level >= case.needs for case, _, new in mine),
    }


def _alarmed(found: Sequence[Both]) -> dict[str, int]:
    mine = [each for each in found if each[0].group == "harmless"]
    return {
        "rows": len(mine),
        "before": sum(old.level == ALARM for _, old, _ in mine),
        "after": sum(new.level == ALARM for _, _, new in mine),
    }


def _differs(case: Case, old: Found, new: Found) -> bool:
    return old != new


def _change(case: Case, old: Found, new: Found) -> dict[str, Any]:
    conversation, seq = case.place
    return {
        "conversation": conversation,
        "seq": seq,
        "before": list(old.intents),
        "after": list(new.intents),
        "answers_before": list(old.answers),
        "answers_after": list(new.answers),
        "level_before": old.level,
        "level_after": new.level,
    }
