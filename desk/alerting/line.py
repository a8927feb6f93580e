"""What the worker of one place knows: what went out, and what waits in memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from desk.alerting.limits import NotDeliveredError
from desk.alerting.places import Place
from desk.alerting.senders import Sender
from store.outbox import Notice

_FIRST_PAUSE, _LONGEST_PAUSE = 5_000, 300_000
_REMEMBERED = 10_000

Key = tuple[str, str, int]


def pause(tries: int) -> int:
    """Return the milliseconds until a notice is tried again that was tried so often in vain."""
    doubled: int = _FIRST_PAUSE << min(tries, 10)
    return min(doubled, _LONGEST_PAUSE)


@dataclass
class Direct:
    """A notice that the database did not take: it is delivered from memory."""

    notice: Notice
    due: int = 0
    tries: int = 0


class Line:
    """What one place's worker knows."""

    def __init__(self, place: Place, sender: Sender) -> None:
        """Know nothing yet of a place."""
        self.place, self.sender = place, sender
        self.wake = asyncio.Event()
        self.direct: dict[Key, Direct] = {}
        # A notice that went out while the database did not take note of it must not go out twice.
        self.done: OrderedDict[Key, None] = OrderedDict()
        self.failing = False

    def remember(self, key: Key) -> None:
        """Note that a notice went out."""
        self.direct.pop(key, None)
        self.done[key] = None
        while len(self.done) > _REMEMBERED:
            self.done.popitem(last=False)


async def hand_over(sender: Sender, notice: Notice) -> str | None:
    """Send a notice; whatever goes wrong is a NotDeliveredError."""
    try:
        return await sender.send(notice)
    except NotDeliveredError:
        raise
    except Exception as problem:
        # Whatever broke, the worker must live on: others wait for it. Only the class is kept.
        raise NotDeliveredError(type(problem).__name__[:64]) from None


def key_of(notice: Notice) -> Key:
    """Return what a notice is known by at its place."""
    return notice.id, notice.channel, notice.repeat
