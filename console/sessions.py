"""Who may open the console: whoever was given a link that works once, for a short time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_MINUTE = 60.0
NAMELESS = "console"
"""Who acts in a session where no name was typed."""
_NAME_LONGEST = 40


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@dataclass
class _Session:
    began: float
    used: float
    proof: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    name: str = NAMELESS


class Sessions:
    """Links and sessions, in memory: they end with the process. Only hashes are kept."""

    def __init__(
        self,
        *,
        link_minutes: int = 30,
        idle_minutes: int = 30,
        longest_hours: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Let a link work for so long, a session rest and last for so long."""
        self.link_minutes = link_minutes
        self._idle, self._longest = idle_minutes * _MINUTE, longest_hours * 60 * _MINUTE
        self._clock = clock
        self._links: dict[str, float] = {}
        self._sessions: dict[str, _Session] = {}

    @property
    def longest(self) -> int:
        """Seconds after which every session ends."""
        return int(self._longest)

    def new_link(self) -> str:
        """Return a secret that opens one session."""
        secret = secrets.token_urlsafe(32)
        self._links[_digest(secret)] = self._clock() + self.link_minutes * _MINUTE
        return secret

    def enter(self, link: str) -> str | None:
        """Use up a link; return a session's secret, or None for a link that does not work."""
        until = self._links.pop(_digest(link), None)
        now = self._clock()
        if until is None or now >= until:
            return None
        session = secrets.token_urlsafe(32)
        self._sessions[_digest(session)] = _Session(now, now)
        return session

    def is_open(self, session: str) -> bool:
        """Say whether a session is open, and keep it so."""
        key, now = _digest(session), self._clock()
        found = self._sessions.get(key)
        if found is None:
            return False
        if now - found.used >= self._idle or now - found.began >= self._longest:
            del self._sessions[key]
            return False
        found.used = now
        return True

    def proof(self, session: str) -> str:
        """Return what a form of an open session must carry, which no other site can know."""
        found = self._sessions.get(_digest(session))
        return found.proof if found else ""

    def is_ours(self, session: str, proof: str) -> bool:
        """Say whether a form carries the session's own proof."""
        wanted = self.proof(session)
        return bool(wanted) and hmac.compare_digest(
            wanted.encode(), proof.encode("utf-8", "replace")
        )

    def name(self, session: str) -> str:
        """Return who acts in a session, as typed there, or "console"."""
        found = self._sessions.get(_digest(session))
        return found.name if found else NAMELESS

    def rename(self, session: str, name: str) -> None:
        """Note who acts in a session from now on; an empty name takes it back."""
        found = self._sessions.get(_digest(session))
        if found:
            shown = "".join(each for each in name if each.isprintable())
            found.name = " ".join(shown.split())[:_NAME_LONGEST].strip() or NAMELESS

    def leave(self, session: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(session), None)
