from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.fair_queue import FairQueue

Came = list[tuple[str, str]]


async def hold(queue: FairQueue, group: str, member: str, came: Came, limit: Any = None) -> bool:
    async with queue.place(group, member, limit) as entered:
        if entered:
            came.append((group, member))
            await asyncio.sleep(0)
        return entered


async def started(*work: Any) -> list[asyncio.Task[bool]]:
    """Start tasks in this order, each as far as it gets by itself."""
    tasks = []
    for each in work:
        tasks.append(asyncio.create_task(each))
        await asyncio.sleep(0)
    return tasks


async def test_a_flood_of_one_address_lets_the_one_message_of_another_pass() -> None:
    queue = FairQueue(1, 100)
    came: Came = []
    async with queue.place("flood", "first"):
        flood = await started(*(hold(queue, "flood", str(n), came) for n in range(20)))
        other = await started(hold(queue, "other", "one", came))
    await asyncio.gather(*flood, *other)
    assert came.index(("other", "one")) <= 1
    assert len(came) == 21


async def test_conversations_of_one_address_take_turns() -> None:
    queue = FairQueue(1, 100)
    came: Came = []
    async with queue.place("house", "first"):
        many = await started(*(hold(queue, "house", "loud", came) for _ in range(10)))
        one = await started(hold(queue, "house", "quiet", came))
    await asyncio.gather(*many, *one)
    assert came.index(("house", "quiet")) == 1


async def test_a_flood_leaves_one_place_free_for_others() -> None:
    queue = FairQueue(2, 100)
    came: Came = []
    async with AsyncExitStack() as places:
        await places.enter_async_context(queue.place("flood", "first"))
        second = queue.place("flood", "second")
        await second.__aenter__()
        flood = await started(*(hold(queue, "flood", str(n), came) for n in range(20)))
        await second.__aexit__(None, None, None)
        assert came == []
        assert await hold(queue, "other", "one", came) is True
        assert came == [("other", "one")]
    assert await asyncio.gather(*flood) == [True] * 20


async def test_when_it_is_full_the_longest_has_to_go() -> None:
    queue = FairQueue(1, 4)
    came: Came = []
    async with queue.place("flood", "first"):
        flood = await started(*(hold(queue, "flood", str(n), came) for n in range(4)))
        assert not queue.takes("flood")
        assert queue.takes("other")
        other = await started(hold(queue, "other", "one", came))
    assert await asyncio.gather(*flood, *other) == [True, True, True, False, True]


async def test_whoever_has_as_much_as_the_longest_is_turned_away() -> None:
    queue = FairQueue(1, 2)
    came: Came = []
    async with queue.place("x", ""):
        waiting = await started(hold(queue, "a", "", came), hold(queue, "b", "", came))
        assert await hold(queue, "c", "", came) is False
    assert await asyncio.gather(*waiting) == [True, True]


async def test_whoever_waits_too_long_is_told_so_and_leaves_the_queue() -> None:
    queue = FairQueue(1, 2)
    came: Came = []
    async with queue.place("x", ""):
        assert await hold(queue, "a", "", came, 0.001) is False
        assert queue.waiting == 0


async def test_a_conversation_at_risk_waits_no_longer() -> None:
    queue = FairQueue(1, 10)
    came: Came = []
    async with queue.place("x", ""):
        others = await started(*(hold(queue, "a", str(n), came) for n in range(3)))
        mine = await started(hold(queue, "b", "mine", came))
        queue.hurry("mine")
        assert await mine[0] is True
        assert came == [("b", "mine")]
    assert await asyncio.gather(*others) == [True] * 3


async def test_who_gives_up_leaves_no_place_taken() -> None:
    queue = FairQueue(1, 10)
    came: Came = []
    async with queue.place("x", ""):
        waiting = await started(hold(queue, "a", "", came), hold(queue, "b", "", came))
        waiting[0].cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*waiting, return_exceptions=True)
    assert came == [("b", "")]
    assert await hold(queue, "c", "", came) is True


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=30),
    st.integers(1, 3),
    st.integers(1, 12),
)
def test_nobody_is_forgotten_and_no_more_are_inside_than_allowed(
    who: list[tuple[str, str]], at_once: int, most: int
) -> None:
    async def run() -> None:
        queue, inside, highest = FairQueue(at_once, most), 0, 0

        async def one(group: str, member: str) -> bool:
            nonlocal inside, highest
            async with queue.place(group, member) as entered:
                inside += entered
                highest = max(highest, inside)
                await asyncio.sleep(0)
                inside -= entered
                return entered

        answers = await asyncio.gather(*(one(*each) for each in who))
        assert highest <= at_once
        assert queue.waiting == 0
        assert sum(answers) >= min(len(who), at_once + most)

    asyncio.run(run())


@pytest.mark.parametrize("group", ["", "::", "10.0.0.1"])
async def test_an_empty_queue_lets_anybody_in_at_once(group: str) -> None:
    queue = FairQueue(1, 1)
    async with queue.place(group) as entered:
        assert entered
