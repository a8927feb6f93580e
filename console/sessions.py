"""Who may open the console: whoever was given a link that works once, for a short time."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

_MINUTE = 60.0


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


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
        self._sessions: dict[str, tuple[float, float]] = {}

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
        self._sessions[_digest(session)] = (now, now)
        return session

    def is_open(self, session: str) -> bool:
        """Say whether a session is open, and keep it so."""
        key, now = _digest(session), self._clock()
        began, used = self._sessions.get(key, (now, now))
        if key not in self._sessions:
            return False
        if now - used >= self._idle or now - began >= self._longest:
            del self._sessions[key]
            return False
        self._sessions[key] = (began, now)
        return True

    def leave(self, session: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(session), None)
