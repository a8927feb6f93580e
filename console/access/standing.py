"""How a session stands: open, locked, run out."""

from __future__ import annotations

from enum import Enum

from console.access.settings import Access
from store.staff_sessions import Session


class Standing(Enum):
    """What somebody with this cookie may do."""

    NONE = "none"
    """Sign in."""
    HALF = "half"
    """Show the second factor, or set it up."""
    LOCKED = "locked"
    """Unlock with the password: nothing was done for a while."""
    OPEN = "open"


def left(session: Session, access: Access, *, used: bool) -> int:
    """Return for how many milliseconds an open session stays so, if nothing more is done.

    Args:
        session: As it was found.
        access: Holds the times.
        used: Whether it is being used at this moment.
    """
    now = access.clock()
    idle = access.idle - (0 if used else now - session.used_at)
    return max(0, min(idle, access.longest - (now - session.began_at)))


def standing(session: Session | None, access: Access) -> Standing:
    """Return how a session stands at this moment.

    Nothing done for a while: the password alone unlocks it, as NIST SP 800-63B, section 4.2.3,
    allows while the session's secret is still valid. Past the absolute limit it is over.
    """
    if session is None or session.account.closed_at is not None:
        return Standing.NONE
    now = access.clock()
    if not session.complete:
        return Standing.HALF if now - session.began_at < access.half else Standing.NONE
    if now - session.began_at >= access.longest:
        return Standing.NONE
    return Standing.LOCKED if now - session.used_at >= access.idle else Standing.OPEN
