"""The reason that somebody types for seeing what is masked; it is kept in the audit."""

from __future__ import annotations

from sanic import Request

from console.access.settings import clean, field
from store.masking import masked

LONGEST = 100
_SHORTEST = 5


def reason_of(request: Request) -> str | None:
    """Return the reason that was typed, masked; None for none, and for one that says nothing."""
    # A reason must name nobody, but people forget.
    reason = masked(clean(field(request, "reason")))[:LONGEST]
    return reason if len(reason) >= _SHORTEST else None
