"""The days that figures are of, and those before that they are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

CHOICES = {"7": "7 days", "30": "30 days", "90": "90 days"}
USUAL = "30"
LONGEST = 366
CHANNELS = ("web", "sms", "slack")
WRONG = (
    "These are no days that can be counted: write them as 2026-03-31, the first before the last, "
    f"none in the future, {LONGEST} at most."
)


class PeriodError(ValueError):
    """The days asked for are none that can be counted."""


@dataclass(frozen=True)
class Period:
    """Days, both included."""

    first: date
    last: date
    channel: str | None = None
    """The one channel that is looked at; None for all."""
    days: str = ""
    """One of CHOICES; empty for own dates."""

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days just before."""
        last = self.first - timedelta(days=1)
        return Period(last - timedelta(days=self.length - 1), last, self.channel)

    def each(self) -> Iterator[date]:
        """Return the days, in order."""
        return (self.first + timedelta(days=ahead) for ahead in range(self.length))

    def query(self, **more: str) -> str:
        """Return the same as an address has it."""
        dates = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        values = {"days": self.days} if self.days else dates
        if self.channel:
            values["channel"] = self.channel
        return urlencode({**values, **more})


def period_of(values: Mapping[str, str], today: date) -> Period:
    """Return the period that an address asks for.

    Args:
        values: Its values: "days", or "from" and "to"; "channel".
        today: The center's present day.

    Raises:
        PeriodError: It is none.
    """
    channel = values.get("channel") or None
    if channel not in (None, *CHANNELS):
        raise PeriodError(WRONG)
    if values.get("from") or values.get("to"):
        return _own(values, today, channel)
    days = values.get("days") or USUAL
    if days not in CHOICES:
        raise PeriodError(WRONG)
    return Period(today - timedelta(days=int(days) - 1), today, channel, days)


def _own(values: Mapping[str, str], today: date, channel: str | None) -> Period:
    try:
        last = date.fromisoformat(values["to"]) if values.get("to") else today
        first = date.fromisoformat(values["from"]) if values.get("from") else last
    except ValueError:
        raise PeriodError(WRONG) from None
    found = Period(first, last, channel)
    if first > last or last > today or found.length > LONGEST or first.year < 1971:
        raise PeriodError(WRONG)
    return found
