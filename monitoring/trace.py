"""One id for each thing that somebody asks for: made at the entrance, sent to the brain, logged.

It says nothing of anybody: 128 random bits, in hexadecimal. Nothing else is ever taken as one, so
that no stranger's words come into a log line or a header.
"""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Trace-Id"
"""Under which it goes to the brain, and back to whoever asked."""
FROM_PROXY = "X-Request-Id"
"""Under which a proxy of one's own may hand over an id that stands in its own log."""
_FORM = re.compile(r"[0-9a-f]{32}")
_SPOKEN = 8

_current: ContextVar[str | None] = ContextVar("trace", default=None)


def current() -> str | None:
    """Return the id of what is being done, if it has one."""
    return _current.get()


def begin(known: str | None = None) -> str:
    """Give what is done from now on, in this task and those it makes, an id.

    Args:
        known: An id that it has already. Anything that is not 32 hexadecimal digits, in lower
            case, is not taken, and a new one is made.

    Returns:
        The id.
    """
    found = known if known is not None and _FORM.fullmatch(known) else secrets.token_hex(16)
    _current.set(found)
    return found


def end() -> None:
    """Leave what is done from now on without an id."""
    _current.set(None)


def spoken() -> str:
    """Return as much of the id as a person can read out: its first eight digits."""
    return (current() or begin())[:_SPOKEN]
