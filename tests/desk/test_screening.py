"""The desk's screen: what cannot be screened whole counts as unscreened, never as harmless."""

from __future__ import annotations

import asyncio

import pytest

from desk import screening
from desk.screening import NOTHING, Screener, Screening
from safety.course import Course, Heard
from safety.risk import Risk
from tests.desk.raw import PATIENCE


class Finds:
    def __init__(self, risk: Risk | None) -> None:
        self.risk = risk

    def screen(self, text: str) -> Risk | None:
        return self.risk


ALARM, GENTLE = Risk("S2", "T2", "s2.x"), Risk("SOFT", "T3", "soft.x")


@pytest.mark.parametrize(
    ("risk", "whole", "failed"),
    [
        (None, True, False),
        (GENTLE, True, False),
        (ALARM, True, False),
        (None, False, True),
        (GENTLE, False, True),
        (ALARM, False, False),
    ],
)
async def test_a_half_screen_does_not_clear_a_message(
    risk: Risk | None, whole: bool, failed: bool
) -> None:
    screener = Screener(Finds(risk), whole=whole)
    found = await screener.screen("some words")
    assert found.failed is failed
    assert found.risk == risk
    assert found.crisis is (failed or risk is ALARM)
    screener.close()


class FindsTogether:
    """A screen that finds a risk only in both halves together."""

    def by_rules(self, text: str) -> Risk | None:
        return self.screen(text)

    def screen(self, text: str) -> Risk | None:
        return ALARM if text == "to die" or text == "i want to die" else None


@pytest.mark.parametrize("whole", [True, False])
async def test_a_half_screen_joins_messages_too(whole: bool) -> None:
    screener, course = Screener(FindsTogether(), whole=whole), Course()
    course.hear(Heard("i want", 0))
    alone = Screening(None, failed=not whole)
    found = await screener.in_course(course, alone, "to die", None, 1000)
    assert found.risk is not None
    assert found.risk.rule == "joined:s2.x"
    assert await screener.in_course(course, found, "to die", None, 1000) is found
    screener.close()


class FindsEverywhere(FindsTogether):
    def screen(self, text: str) -> Risk | None:
        return ALARM


async def test_two_whole_questions_are_not_read_together() -> None:
    screener, course = Screener(FindsEverywhere()), Course()
    course.hear(Heard("will my insurance pay for all of this", 0))
    second = "are you the ones by the farmers market downtown"
    assert (await screener.in_course(course, NOTHING, second, None, 1000)).risk is None
    # After a sign of risk they are.
    course.hear(Heard("i feel so low and worn out lately", 1000, Risk("SOFT", "T3", "a")))
    assert (await screener.in_course(course, NOTHING, second, None, 2000)).risk is not None
    screener.close()


async def test_two_messages_read_together_wait_behind_those_of_their_own_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screener, course = Screener(FindsEverywhere()), Course()
    course.hear(Heard("i feel so low and worn out lately", 0, Risk("SOFT", "T3", "a")))
    screen, places = screener.screen, []

    async def noted(text: str, group: str = "", within: float | None = None) -> Screening:
        places.append(group)
        return await screen(text, group, within)

    monkeypatch.setattr(screener, "screen", noted)
    await screener.in_course(course, NOTHING, "what do you charge", None, 1000, "203.0.113.9")
    assert places == ["203.0.113.9"]
    screener.close()


@pytest.mark.parametrize(("words", "found"), [("to die", True), ("to eat", False)])
async def test_where_too_much_waits_two_messages_are_read_together_by_the_rules(
    monkeypatch: pytest.MonkeyPatch, words: str, found: bool
) -> None:
    monkeypatch.setattr(screening, "_TOGETHER_WITHIN", 0.01)
    screener, course = Screener(FindsTogether()), Course()
    course.hear(Heard("i want", 0, Risk("SOFT", "T3", "a")))
    async with screener._short.place("others"), asyncio.timeout(PATIENCE):
        read = await screener.in_course(course, NOTHING, words, None, 1000)
    assert (read.risk is not None) is found
    screener.close()


class Breaks(FindsTogether):
    def by_rules(self, text: str) -> Risk | None:
        raise RuntimeError("words of the person")


async def test_a_screen_that_breaks_on_two_messages_keeps_what_one_held(
    caplog: pytest.LogCaptureFixture,
) -> None:
    screener, course = Screener(Breaks()), Course()
    course.hear(Heard("i want", 0))
    assert (await screener.in_course(course, NOTHING, "coffee", None, 1000)).risk is None
    assert "RuntimeError" in caplog.text
    assert "words of the person" not in caplog.text
    screener.close()


async def test_a_button_that_is_no_answer_says_nothing_of_risk() -> None:
    screener = Screener(Finds(ALARM))
    found = await screener.in_course(Course(), NOTHING, "", "cost", 0)
    assert found.risk is None
    assert found.follow is None
    screener.close()
