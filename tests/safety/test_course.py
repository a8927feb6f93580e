"""The course of risk over turns raises a finding, and never lowers one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.course import HEAVY, JOINED_WITHIN, LOOK_BACK, Course, Heard
from safety.risk import CATEGORIES, TIERS, Risk
from safety.screen import Screen

SOFT = Risk("SOFT", "T3", "soft.hopeless")
RISKS = st.none() | st.builds(
    Risk, st.sampled_from(sorted(CATEGORIES)), st.sampled_from(TIERS), st.just("a.rule")
)


def course(*heard: tuple[str, Risk | None]) -> Course:
    made = Course()
    for number, (text, risk) in enumerate(heard):
        made.hear(Heard(text, number * 1000, risk))
    return made


def rank(risk: Risk | None) -> int:
    return len(TIERS) if risk is None else TIERS.index(risk.tier)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=40), RISKS), max_size=8), RISKS, RISKS)
def test_reading_together_only_raises(
    heard: list[tuple[str, Risk | None]], found: Risk | None, together: Risk | None
) -> None:
    made = course(*heard) if heard else course(("hi", None))
    raised = made.raised(found, together)
    assert rank(raised) <= rank(found)
    if raised is not found:
        assert raised is not None
        assert raised.alarm
        assert raised.rule == "joined:a.rule"
        assert rank(raised) < min(rank(each.risk) for each in list(made.heard)[-2:])


@given(st.lists(RISKS, max_size=12))
def test_the_gravest_is_never_lowered(risks: list[Risk | None]) -> None:
    made, low = Course(), len(TIERS)
    for risk in risks:
        made.hear(Heard("words", 0, risk))
        if risk is not None and risk.alarm:
            low = min(low, rank(risk))
        assert rank(made.gravest) == low


@pytest.mark.parametrize(
    ("halves", "tier"),
    [
        (("i am going to hang", "myself"), "T1"),
        (("i want", "to die"), "T2"),
        (("tonight i will end", "my life"), "T1"),
        (("i dont want to be here anymore", "the pills are right here in my hand"), "T1"),
        (("he said he wants to shoot", "up the school"), "T1"),
    ],
)
def test_halves_are_screened_together(screen: Screen, halves: tuple[str, str], tier: str) -> None:
    made = course((halves[0], screen.screen(halves[0])))
    together = made.joined(halves[1], 2000)
    assert together in (" ".join(halves), "; ".join(halves))
    raised = made.raised(screen.screen(halves[1]), screen.screen(together))
    worst = min(rank(raised), rank(made.gravest))
    assert worst <= TIERS.index(tier)


def test_an_alarm_and_a_question_after_it_are_no_sentence(screen: Screen) -> None:
    alarm, question = "i want to kill myself", "do you take cigna"
    made = course((alarm, screen.screen(alarm)))
    together = made.joined(question, 2000)
    assert together == f"{alarm}; {question}"
    assert made.raised(None, screen.screen(together)) is None


def test_three_pieces_are_screened_together(screen: Screen) -> None:
    made = course(("i", None), ("want to", None))
    together = made.joined("die", 3000)
    assert together == "i want to die"
    assert made.raised(None, screen.screen(together)) is not None


def test_messages_far_apart_are_not_joined() -> None:
    assert JOINED_WITHIN == 5 * 60_000
    assert course(("i want", None)).joined("to die", JOINED_WITHIN) is not None
    assert course(("i want", None)).joined("to die", JOINED_WITHIN + 1) is None


def test_long_messages_are_joined_at_their_seam() -> None:
    together = course(("a " * 5000, None)).joined("b " * 5000, 0)
    assert together is not None
    assert len(together) < 1100


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("does mouthwash set off the test at your place", "how do i prepare for my assessment"),
        ("will my insurance pay for this", "are you the ones by the farmers market downtown"),
    ],
)
def test_two_whole_messages_without_any_sign_are_left_alone(first: str, second: str) -> None:
    made = course((first, None))
    assert not made.is_near_risk(None)
    assert not made.is_piece(second)


@pytest.mark.parametrize("apart", [0, 1, LOOK_BACK])
def test_hopelessness_is_counted_over_the_last_messages(apart: int) -> None:
    made = course(("hopeless", SOFT), *[("x", None)] * apart, ("hopeless", SOFT))
    heavy = made.follow("hopeless", SOFT) == "heavy"
    assert heavy == (apart + HEAVY <= LOOK_BACK)


def test_one_check_in_is_enough() -> None:
    made = course(*[("hopeless", SOFT)] * 4)
    made.say("crisis_check_in", "Are you safe right now?", "en", "web")
    assert made.follow("hopeless", SOFT) != "heavy"


@pytest.mark.parametrize(
    ("channel", "words", "follow"),
    [
        ("web", "no", "not_safe"),
        ("web", "yes", "safe"),
        # An SMS asks "In danger now?".
        ("sms", "no", "safe"),
        ("sms", "yes", "not_safe"),
    ],
)
def test_yes_and_no_answer_the_question_that_was_asked(
    channel: str, words: str, follow: str
) -> None:
    made = course(("i want to die", Risk("S1", "T2", "a.rule")))
    made.say("crisis_S1", "In danger now? Call 911.", "en", channel)
    assert made.follow(words, None) == follow
    made.hear(Heard("something else", 1, None))
    assert made.follow(words, None) is None


@pytest.mark.parametrize(
    ("gravest", "follow", "tier"),
    [
        (Risk("S1", "T2", "x"), "not_safe", "T1"),
        (Risk("MED", "T0", "x"), "not_safe", "T0"),
        (Risk("S1", "T2", "x"), "no_help", "T0"),
        (None, "not_safe", "T1"),
    ],
)
def test_not_safe_alarms_as_gravely_as_before(gravest: Risk | None, follow: str, tier: str) -> None:
    made = course(("x", gravest))
    risk = made.answered(follow)  # type: ignore[arg-type]
    assert (risk.tier, risk.rule) == (tier, f"answer:{follow}")
    if gravest:
        assert risk.category == gravest.category


def test_a_graver_finding_is_not_hidden_by_an_answer() -> None:
    made = course(("i want to die", Risk("S1", "T2", "x")))
    made.say("crisis_S1", "Are you safe right now?", "en", "web")
    assert made.follow("no i took pills", Risk("MED", "T0", "x")) is None
    assert made.follow("im not safe", Risk("S2", "T2", "x")) == "not_safe"
