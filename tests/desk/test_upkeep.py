"""What the desk does by the way goes on, whatever breaks."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from desk.upkeep import Upkeep
from store.retention import Retention

MARKER = "MARKERWORD"


class Nothing:
    async def replay(self) -> int:
        return 0

    async def write(self, _: object) -> list[str]:
        return []

    async def finish(self) -> int:
        return 0


async def test_a_job_that_breaks_is_done_again_and_its_words_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls, again = 0, asyncio.Event()

    async def job() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError(MARKER)
        again.set()
        return 0

    nothing = cast(Any, Nothing())
    upkeep = Upkeep(nothing, nothing, nothing, Retention(), [(0.01, job)])
    upkeep.start()
    await asyncio.wait_for(again.wait(), 5)
    await upkeep.stop()
    assert "ValueError" in caplog.text
    assert MARKER not in caplog.text


async def test_what_is_left_of_erasures_is_done_by_one_job() -> None:
    class Eraser:
        asked = 0

        async def finish(self) -> int:
            self.asked += 1
            return 0

    nothing, eraser = cast(Any, Nothing()), Eraser()
    upkeep = Upkeep(nothing, nothing, cast(Any, eraser), Retention())
    assert await upkeep.purge() == 0
    assert eraser.asked == 0
    await upkeep.erase()
    assert eraser.asked == 1
