"""What holds for every way to a place."""

from __future__ import annotations

LIMIT = 10.0
"""Seconds that a place may take for one notice."""
AT_ONCE = 4
"""Notices that one place is given at the same time."""


class NotDeliveredError(RuntimeError):
    """A place did not take a notice; the message is the class of the error, without any words."""
