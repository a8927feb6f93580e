"""Ids of the texts and buttons of a handoff (answers/handoff.yml)."""

from __future__ import annotations

import difflib

from desk import errors
from desk.errors import SettingsError
from desk.lines import Lines

CANCEL, RATING_YES, RATING_NO = "handoff_cancel", "rating_yes", "rating_no"

QUEUED = "handoff_queued"
QUEUED_OPEN = "handoff_queued_open"
QUEUED_NONE = "handoff_queued_none"
QUEUED_CLOSED = "handoff_queued_closed"
LATE = "handoff_late"
CANCELLED = "handoff_cancelled"
KEPT = "handoff_kept"
OVER = "handoff_over"
CLOSED = "handoff_closed"
JOINED = "staff_joined"
HANDED = "staff_handed"
LEFT = "staff_left"
LEFT_RATE = "staff_left_rate"
RELEASED = "staff_released"
UNANSWERED = "staff_unanswered"
THANKS = "rating_thanks"
ALL = (
    QUEUED,
    QUEUED_OPEN,
    QUEUED_NONE,
    QUEUED_CLOSED,
    LATE,
    CANCELLED,
    KEPT,
    OVER,
    CLOSED,
    JOINED,
    HANDED,
    LEFT,
    LEFT_RATE,
    RELEASED,
    UNANSWERED,
    THANKS,
)


def check_topics(lines: Lines) -> None:
    """Check that the center's topics are intents.

    Raises:
        SettingsError: One is none.
    """
    known = lines.catalogue.titles
    for topic in sorted(lines.center.handoff.topics):
        if topic not in known:
            near = difflib.get_close_matches(topic, known, 1)
            hint = f" (did you mean `{near[0]}`?)" if near else ""
            raise SettingsError(errors.UNKNOWN_TOPIC.format(topic=topic, hint=hint))


def check(lines: Lines) -> None:
    """Check that every text is there.

    Raises:
        SettingsError: One is missing.
    """
    for name in ALL:
        if not lines.has(name):
            raise SettingsError(errors.MISSING_LINE.format(id=name))
