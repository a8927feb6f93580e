from __future__ import annotations

import asyncio

import pytest

from monitoring import trace

GIVEN = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_an_id_of_the_right_form_is_taken() -> None:
    assert trace.begin(GIVEN) == GIVEN == trace.current()
    assert trace.spoken() == "4bf92f35"


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "i want to kill myself",
        GIVEN.upper(),
        GIVEN[:-1],
        GIVEN + "0",
        GIVEN + "\n",
        f"00-{GIVEN}-00f067aa0ba902b7-01",
        "٠" * 32,
    ],
)
def test_nothing_else_is_ever_taken(given: str | None) -> None:
    made = trace.begin(given)
    assert made != given
    assert len(made) == 32
    assert int(made, 16) >= 0


def test_two_have_different_ids() -> None:
    assert trace.begin() != trace.begin()


async def test_what_is_done_at_the_same_time_keeps_its_own() -> None:
    async def one() -> bool:
        mine = trace.begin()
        await asyncio.sleep(0)
        return await asyncio.create_task(it_makes()) == mine == trace.current()

    async def it_makes() -> str:
        await asyncio.sleep(0)
        return trace.current()

    assert all(await asyncio.gather(*(one() for _ in range(10))))
