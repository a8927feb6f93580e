"""A short queue in which nobody's many requests hold up the few of others."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_Waiting = deque["asyncio.Future[bool]"]
_FLOOD = 8
"""Requests of one group that wait, from which on it may not have all the places."""


class FairQueue:
    """Lets a few in at once; the others wait in turns.

    Round robin in two steps: over groups (network addresses), and within a group over members
    (conversations). When no more may wait, whoever came last of the longest group has to go, so
    that one flood fills the queue for itself alone. A flood has all places but one at most: whoever
    else comes finds one free. (Nagle, "On Packet Switches with Infinite Storage", RFC 970, and the
    longest-queue drop of fair queueing.)
    """

    def __init__(self, at_once: int, most: int) -> None:
        """Let `at_once` in at a time, and `most` wait."""
        self._at_once, self._most = at_once, most
        self._inside = 0
        self._inside_of: dict[str, int] = {}
        self._groups: OrderedDict[str, OrderedDict[str, _Waiting]] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self.waiting = 0
        """How many wait."""

    def takes(self, group: str) -> bool:
        """Say whether one more of a group would be let in or could wait."""
        return self.waiting < self._most or self._sizes.get(group, 0) + 1 < self._longest()[1]

    @asynccontextmanager
    async def place(
        self, group: str, member: str = "", limit: float | None = None
    ) -> AsyncIterator[bool]:
        """Wait for a place and hold it.

        Args:
            group: Whose requests count together, such as those of a network address.
            member: One of the group, such as a conversation.
            limit: Seconds to wait at most; None waits as long as it takes.

        Yields:
            Whether there was a place.
        """
        entered = await self._enter(group, member, limit)
        try:
            yield entered
        finally:
            if entered:
                self._leave(group)

    def hurry(self, member: str) -> None:
        """Let all that wait of a member in at once, beyond what else is let in."""
        for group in list(self._groups):
            for future in tuple(self._groups[group].get(member, ())):
                self._remove(group, member, future)
                self._count_in(group)
                future.set_result(True)

    async def _enter(self, group: str, member: str, limit: float | None) -> bool:
        if self._inside < self._at_once and group not in self._groups:
            self._count_in(group)
            return True
        if not self.takes(group):
            return False
        if self.waiting >= self._most:
            self._turn_away_last(self._longest()[0])
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._groups.setdefault(group, OrderedDict()).setdefault(member, deque()).append(future)
        self._sizes[group] = self._sizes.get(group, 0) + 1
        self.waiting += 1
        return await self._wait(group, member, future, limit)

    async def _wait(
        self, group: str, member: str, future: asyncio.Future[bool], limit: float | None
    ) -> bool:
        try:
            await asyncio.wait((future,), timeout=limit)
        except asyncio.CancelledError:
            if future.done() and future.result():
                self._leave(group)
            elif not future.done():
                self._remove(group, member, future)
            raise
        if future.done():
            return future.result()
        self._remove(group, member, future)
        return False

    def _count_in(self, group: str) -> None:
        self._inside += 1
        self._inside_of[group] = self._inside_of.get(group, 0) + 1

    def _leave(self, group: str) -> None:
        self._inside -= 1
        self._inside_of[group] -= 1
        if not self._inside_of[group]:
            del self._inside_of[group]
        while self._inside < self._at_once and self._let_next_in():
            pass

    def _let_next_in(self) -> bool:
        """Let in whoever's turn it is; return whether there was anybody."""
        group = next((each for each in self._groups if not self._has_enough(each)), None)
        if group is None:
            return False
        members = self._groups[group]
        member, futures = next(iter(members.items()))
        future = futures[0]
        self._remove(group, member, future)
        # Whoever had their turn goes behind the others.
        if group in self._groups:
            self._groups.move_to_end(group)
            if member in members:
                members.move_to_end(member)
        self._count_in(group)
        future.set_result(True)
        return True

    def _has_enough(self, group: str) -> bool:
        """Whether one more of a flood would leave no place for others."""
        inside = self._inside_of.get(group, 0)
        return self._sizes[group] > _FLOOD and inside > 0 and self._inside + 1 >= self._at_once

    def _longest(self) -> tuple[str, int]:
        return max(self._sizes.items(), key=lambda each: each[1], default=("", 0))

    def _turn_away_last(self, group: str) -> None:
        members = self._groups[group]
        member = max(reversed(members), key=lambda each: len(members[each]))
        future = members[member][-1]
        self._remove(group, member, future)
        future.set_result(False)

    def _remove(self, group: str, member: str, future: asyncio.Future[bool]) -> None:
        members = self._groups[group]
        members[member].remove(future)
        if not members[member]:
            del members[member]
        if not members:
            del self._groups[group]
        self.waiting -= 1
        self._sizes[group] -= 1
        if not self._sizes[group]:
            del self._sizes[group]
