"""The arithmetic of `make eval`, on readings that were made up."""

from __future__ import annotations

import pytest

from benchmarks.asking import Answered
from benchmarks.heldout import COLUMNS, Heldout, heldout, latency, read_files
from benchmarks.labelled import wanted
from benchmarks.risk_scores import RiskRow, harmless_score, risk_score
from benchmarks.scores import (
    Bin,
    Point,
    Read,
    accuracy,
    by_intent,
    calibration_error,
    confusions,
    macro_f1,
    reliability,
    scope_curve,
)


def read(label: str, found: str, confidence: float = 1.0, text: str = "words") -> Read:
    """Return a message; `found` names the first intent, and after `+` the others."""
    names = found.split("+")
    return Read(text, wanted(label), names[0], frozenset(names), confidence)


@pytest.mark.parametrize(
    ("label", "found", "right"),
    [
        ("cost", "cost", True),
        ("cost", "greet", False),
        # One label: the first intent decides, as the answer's `intent` does.
        ("cost", "cost+greet", True),
        ("cost", "greet+cost", False),
        ("cost|greet", "cost", True),
        ("cost|greet", "greet", True),
        ("cost|greet", "deny", False),
        ("cost+greet", "greet+cost", True),
        ("cost+greet", "cost", False),
        ("cost+greet", "cost+greet+deny", False),
        ("cost+greet|deny", "deny", True),
        ("cost+greet|deny", "greet+cost", True),
        (" cost | greet ", "greet", True),
    ],
)
def test_right_is_what_the_label_says(label: str, found: str, right: bool) -> None:
    assert read(label, found).right is right


def test_accuracy_is_the_share_of_right_ones() -> None:
    rows = [read("cost", "cost"), read("cost", "greet"), read("a|b", "b"), read("a+b", "a")]
    assert accuracy(rows) == 0.5
    assert accuracy([]) == 0


def test_each_intent_has_precision_recall_and_f1() -> None:
    rows = [
        read("cost", "cost"),
        read("cost", "cost"),
        read("cost", "greet"),
        read("greet", "greet"),
        read("deny", "thanks"),
    ]
    cost, deny, greet = by_intent(rows)
    assert (cost.intent, deny.intent, greet.intent) == ("cost", "deny", "greet")
    assert (cost.rows, cost.precision, cost.recall) == (3, 1, pytest.approx(2 / 3))
    assert cost.f1 == pytest.approx(0.8)
    assert (greet.precision, greet.recall, greet.f1) == (0.5, 1, pytest.approx(2 / 3))
    assert (deny.precision, deny.recall, deny.f1) == (0, 0, 0)


def test_macro_f1_weighs_wanted_intents_alike() -> None:
    rows = [read("cost", "cost")] * 9 + [read("greet", "thanks")]
    assert macro_f1(by_intent(rows)) == pytest.approx(0.5)
    assert macro_f1([]) == 0


def test_either_of_two_labels_counts_for_the_one_found() -> None:
    (score,) = by_intent([read("cost|greet", "greet")])
    assert (score.intent, score.f1) == ("greet", 1)
    (score,) = by_intent([read("cost|greet", "deny")])
    assert (score.intent, score.f1) == ("cost", 0)


def test_both_of_two_labels_count_each() -> None:
    cost, greet = by_intent([read("cost+greet", "cost+deny")])
    assert (cost.f1, greet.f1) == (1, 0)


def test_the_largest_confusions_come_first() -> None:
    rows = [
        read("cost", "cost"),
        read("deny", "thanks", text="one"),
        read("cost", "greet", text="two"),
        read("cost", "greet", text="three"),
        read("b+a", "a", text="four"),
    ]
    assert confusions(rows) == [
        ("cost", "greet", ["two", "three"]),
        ("a+b", "a", ["four"]),
        ("deny", "thanks", ["one"]),
    ]


def test_reliability_groups_by_confidence() -> None:
    rows = [
        read("a", "a", 0.95),
        read("a", "b", 1.0),
        read("a", "a", 0.31),
        read("a", "b", 0.39),
    ]
    low, high = reliability(rows)
    assert (low.rows, low.confidence, low.accuracy) == (2, pytest.approx(0.35), 0.5)
    assert (high.rows, high.confidence, high.accuracy) == (2, pytest.approx(0.975), 0.5)


def test_calibration_error_weighs_bins_by_their_messages() -> None:
    bins = [Bin(30, 0.9, 0.8), Bin(10, 0.5, 0.9)]
    assert calibration_error(bins) == pytest.approx((30 * 0.1 + 10 * 0.4) / 40)
    assert calibration_error([]) == 0
    sure_and_right = reliability([read("a", "a", 1.0)] * 5)
    assert calibration_error(sure_and_right) == 0


def test_a_threshold_trades_answers_for_what_is_out_of_scope() -> None:
    outside = [read("out_of_scope", "cost", 0.2), read("out_of_scope", "out_of_scope", 0.9)]
    inside = [read("cost", "cost", 0.1), read("cost", "cost", 0.6), read("cost", "greet", 0.9)]
    inside.append(read("cost", "cost", 0.8))
    assert scope_curve([*outside, *inside], (0.0, 0.3, 0.7)) == [
        Point(0.0, 0.75, 0.5),
        Point(0.3, 0.5, 1.0),
        Point(0.7, 0.25, 1.0),
    ]


def test_a_curve_of_nothing() -> None:
    assert scope_curve([], (0.5,)) == [Point(0.5, 0, 0)]


def found(category: str, tier: str) -> dict[str, str]:
    return {"category": category, "tier": tier, "rule": "x"}


@pytest.mark.parametrize(
    ("tier", "risk", "caught"),
    [
        ("T1", found("S4", "T2"), True),
        ("T1", found("SOFT", "T3"), False),
        ("T1", None, False),
        ("T3", found("SOFT", "T3"), True),
        ("T3", found("S1", "T2"), True),
        ("T3", None, False),
    ],
)
def test_caught_is_an_alarm_where_one_is_wanted(
    tier: str, risk: dict[str, str] | None, caught: bool
) -> None:
    assert RiskRow("S4", tier, risk).caught is caught


def test_risk_is_counted_by_category_and_tier() -> None:
    rows = [
        RiskRow("S4", "T1", found("S4", "T1")),
        RiskRow("S4", "T1", found("S5", "T1")),
        RiskRow("S4", "T1", found("S4", "T0")),
        RiskRow("S4", "T1", found("S2", "T2")),
        RiskRow("S4", "T1", None),
    ]
    score = risk_score("S4", rows)
    assert (score.rows, score.caught, score.right_category, score.right_tier) == (5, 4, 2, 2)
    assert (score.more_urgent, score.less_urgent) == (1, 1)


def test_false_alarms_are_not_check_ins() -> None:
    score = harmless_score("sad", [None, found("S1", "T2"), found("SOFT", "T3"), None])
    assert (score.rows, score.alarms, score.check_ins) == (4, 1, 1)


def answered(intents: str, risk: dict[str, str] | None = None, sure: float = 0.9) -> Answered:
    names = intents.split("+")
    answer = {"intent": names[0], "intents": names, "confidence": sure, "risk": risk}
    return Answered(answer, (names[0], sure), 0.01)


ROWS: dict[str, list[tuple[dict[str, str], Answered]]] = {
    "questions": [
        ({"intent": "cost", "register": "sms"}, answered("cost")),
        ({"intent": "greet", "register": "sms"}, answered("deny")),
        ({"intent": "a|greet", "register": "web"}, answered("greet")),
    ],
    "near_misses": [
        ({"intent": "out_of_scope"}, answered("out_of_scope")),
        ({"intent": "out_of_scope"}, answered("cost")),
    ],
    "compound": [
        ({"intents": "cost+greet"}, answered("greet+cost")),
        ({"intents": "cost+greet"}, answered("cost")),
        ({"intents": "cost+greet"}, answered("deny")),
    ],
    "single": [
        ({"intent": "cost"}, answered("cost+greet")),
        ({"intent": "cost"}, answered("safety_crisis+cost")),
    ],
    "risk": [
        ({"category": "S4", "tier": "T1", "other": "0"}, answered("x", found("S4", "T1"))),
        ({"category": "S1", "tier": "T2", "other": "1"}, answered("x")),
    ],
    "harmless": [
        ({"kind": "sad"}, answered("x", found("S1", "T2"))),
        ({"kind": "idiom"}, answered("x")),
    ],
}


@pytest.fixture(name="scored")
def _scored() -> Heldout:
    files = {name: [{"text": name, **row} for row, _ in rows] for name, rows in ROWS.items()}
    return heldout(files, lambda texts: [made for rows in ROWS.values() for _, made in rows])


def test_every_file_is_scored_by_its_own_rows(scored: Heldout) -> None:
    assert accuracy(scored.questions) == pytest.approx(2 / 3)
    assert scored.registers == [("sms", 2, 0.5), ("web", 1, 1.0)]
    assert (scored.near_misses, scored.near_misses_in_scope) == (2, 1)
    assert len(scored.without_threshold) == 5
    assert [(s.name, s.rows, s.caught) for s in scored.risk] == [("S4", 1, 1), ("S1", 1, 0)]
    assert [(s.name, s.caught) for s in scored.risk_by_tier] == [("T1", 1), ("T2", 0)]
    assert [(s.name, s.alarms) for s in scored.harmless] == [("idiom", 0), ("sad", 1)]


def test_questions_in_one_message(scored: Heldout) -> None:
    several = scored.compound
    assert (several.rows, several.exact, several.some) == (3, 1, 2)
    assert (several.single_rows, several.split) == (2, 1)


def test_latency_is_in_milliseconds() -> None:
    assert latency([0.01] * 19 + [0.05])["p95_ms"] == pytest.approx(10)
    assert latency([0.01] * 9 + [0.05])["p99_ms"] == pytest.approx(50)


def test_the_held_out_files_have_the_columns() -> None:
    files = read_files()
    assert set(files) == set(COLUMNS)
    assert all(rows for rows in files.values())
