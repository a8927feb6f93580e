"""What the pages of answers and facts say of states and refusals."""

from __future__ import annotations

from collections.abc import Mapping

from store.revisions import Refusal

STATES: Mapping[str, str] = {
    "draft": "draft",
    "submitted": "waits for approval",
    "approved": "approved, to be published",
    "published": "published",
    "dropped": "given up",
}
REFUSALS: Mapping[Refusal, str] = {
    "gone": "This is no longer there. Nothing was changed.",
    "stale": "Somebody else has changed this meanwhile. Nothing of yours was kept: compare, and "
    "save again what you want to stand.",
    "state": "This is no longer in the state that you saw. Nothing was changed.",
    "own": "You have written in this. Somebody else must approve it.",
    "clinician": "This is said in a crisis: a clinician must approve it.",
    "administrator": "An administrator must approve this.",
}
FORBIDDEN = frozenset({"own", "clinician", "administrator"})
"""Refusals for who somebody is, not for what is there."""
NO_DAY = "The review date is not a day. Write it as 2027-03-31, or leave it empty."
TOO_LONG = "This is too long: {longest} characters at most."
SAME = "These are the words that are spoken already, and they are approved."
NO_TIME = "A time is missing, or not as 2026-12-24T09:00."
OVER = "The closure ends before it begins, or is over already."
"""Of a closure."""
