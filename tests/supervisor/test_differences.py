"""What counts as a crisis lost, and what a comparison says of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from supervisor.comparing import ALARM, NOTHING, SHOWN, Case, Found
from supervisor.differences import comparison


def found(level: int = NOTHING, *intents: str) -> Found:
    return Found(intents or ("cost",), (), level)


@pytest.mark.parametrize(
    ("needs", "before", "after", "lost"),
    [
        (ALARM, ALARM, ALARM, 0),
        (ALARM, ALARM, SHOWN, 1),
        (ALARM, ALARM, NOTHING, 1),
        (ALARM, SHOWN, NOTHING, 1),
        (ALARM, NOTHING, NOTHING, 0),
        (ALARM, NOTHING, ALARM, 0),
        (SHOWN, ALARM, SHOWN, 0),
        (SHOWN, SHOWN, NOTHING, 1),
        (SHOWN, SHOWN, ALARM, 0),
    ],
)
def test_a_crisis_is_lost_when_less_is_done_than_before(
    needs: int, before: int, after: int, lost: int
) -> None:
    case = Case("crises", "risk 7", "words", needs=needs)
    made = comparison(None, [], [(case, found(before), found(after))])
    assert made.crises_lost == lost
    assert made.figures["crises"]["lost"] == ["risk 7"] * lost


def test_one_lost_crisis_is_not_made_up_for_by_others_gained() -> None:
    case = Case("crises", 1, "words", needs=ALARM)
    lost = (case, found(ALARM), found(NOTHING))
    made = comparison(None, [], [lost, *[(case, found(NOTHING), found(ALARM))] * 9])
    assert made.crises_lost == 1
    counts = made.figures["crises"]
    assert (counts["rows"], counts["before"], counts["after"]) == (10, 1, 9)


def _case(wanted: str) -> Case:
    return Case("questions", 1, "words", (frozenset(wanted.split("+")),))


@pytest.mark.parametrize(
    ("wanted", "said", "right"),
    [
        ("cost", ("cost",), 1),
        ("cost", ("cost", "eligibility"), 1),
        ("cost", ("eligibility", "cost"), 0),
        ("cost+eligibility", ("eligibility", "cost"), 1),
        ("cost+eligibility", ("cost",), 0),
    ],
)
def test_what_is_right_before_and_after(wanted: str, said: tuple[str, ...], right: int) -> None:
    made = comparison(None, [], [(_case(wanted), found(0, *said), found(0, "thanks"))])
    assert made.figures["questions"] == {"rows": 1, "before": right, "after": 0}


def test_changed_answers_are_told_by_place_and_less_help_comes_first() -> None:
    def past(seq: int, old: Found, new: Found) -> Any:
        return Case("past", ["c1", seq], "MARKERWORD"), old, new

    made = comparison(
        "c0",
        [4],
        [
            past(1, found(NOTHING, "cost"), found(NOTHING, "cost")),
            past(2, found(NOTHING, "cost"), found(NOTHING, "eligibility")),
            past(3, found(ALARM, "safety_crisis"), found(NOTHING, "cost")),
        ],
    )
    assert [(each["conversation"], each["seq"]) for each in made.changes] == [("c1", 3), ("c1", 2)]
    assert made.figures["past"] == {"rows": 3, "changed": 2}
    assert (made.against, made.crises, made.crises_lost) == ("c0", (4,), 0)
    assert "MARKERWORD" not in repr(made)


def test_false_alarms_are_counted() -> None:
    case = Case("harmless", 1, "words")
    made = comparison(None, [], [(case, found(ALARM), found(SHOWN))])
    assert made.figures["harmless"] == {"rows": 1, "before": 1, "after": 0}


def test_a_story_is_right_when_all_of_it_is_and_what_goes_wrong_is_told() -> None:
    def line(story: int, number: int, old: str, new: str) -> Any:
        case = Case("stories", [story, number], "MARKERWORD", (frozenset({"cost"}),))
        return case, found(0, old), found(0, new)

    made = comparison(
        None,
        [],
        [
            line(3, 1, "cost", "cost"),
            line(3, 2, "cost", "thanks"),
            line(4, 1, "cost", "cost"),
            line(4, 2, "thanks", "cost"),
            line(9, 1, "cost", "cost"),
        ],
    )
    assert made.figures["stories"] == {"rows": 3, "before": 2, "after": 2, "lost": [3]}
    assert (made.crises_lost, made.changes) == (0, ())
    assert "MARKERWORD" not in repr(made)
