"""Who works in the console, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass

_AGENT = frozenset(
    {
        "read",
        "reply",
        "note",
        "claim",
        "assign",
        "resolve",
        "snooze",
        "callbacks",
        "acknowledge",
        "presence",
    }
)
_CLINICIAN = _AGENT | {"block", "canned", "unmask", "incident", "analytics", "approve_crisis"}
_REVIEWER = frozenset({"read", "note", "review", "analytics", "export", "edit"})
_OWN = frozenset({"staff", "audit", "privacy", "models", "approve", "publish"})
PERMISSIONS = _CLINICIAN | _REVIEWER | _OWN
"""All that can be allowed; "staff" is to administer accounts, "privacy" to export and erase,
"models" to have the assistant trained anew; "edit", "approve" and "publish" are of texts and facts.
"note" is of notes on a conversation; those to the next shift are left by who has a "presence".
"""
ROLES: dict[str, frozenset[str]] = {
    "agent": _AGENT,
    "clinician": _CLINICIAN,
    "reviewer": _REVIEWER,
    # What is said in a crisis a clinician approves, and nobody else.
    "administrator": PERMISSIONS - {"approve_crisis"},
}
"""What each role may do; docs/operations.md shows it as a table."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who is signed in."""

    id: str
    name: str
    """As visitors see it."""
    role: str

    def may(self, permission: str) -> bool:
        """Say whether the role allows something."""
        return permission in ROLES.get(self.role, frozenset())
