"""From measured times to figures, bench.json and the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from benchmarks import report
from benchmarks.__main__ import publish
from benchmarks.figures import (
    RATIOS,
    Figures,
    Measured,
    Round,
    as_json,
    figures,
    percentile,
    ratios,
)
from benchmarks.load import Run

RATIO_NAMES = {
    "p50_1",
    "p95_1",
    "p50_8",
    "throughput_8",
    "brain_memory",
    "all_memory",
    "train",
    "ready",
    "turn_500_over_5",
}
WHERE: dict[str, object] = {"at": "2026-01-01T00:00:00+00:00", "system": "Linux", "processors": 2}


def measured(factor: float, *, risk: bool = False) -> Measured:
    """Return rounds of which the second is the median, all times multiplied by a factor."""
    rounds = [
        Round(
            ready_s=10 * factor * change,
            one=Run((0.010 * factor * change,) * 19 + (0.050 * factor,), 0.2),
            eight=Run((0.080 * factor * change,) * 40, 2 * factor * change),
            brain_memory_mb=1000 * factor,
            all_memory_mb=1200 * factor,
        )
        for change in (0.5, 1.0, 3.0)
    ]
    turns = {5: [0.01 * factor] * 3, 50: [0.02 * factor] * 3, 500: [0.04 * factor] * 3}
    times = Run(tuple(number / 1000 for number in range(1, 101)), 5.0)
    return Measured(100 * factor, rounds, turns, times if risk else None)


@pytest.fixture(name="stock")
def _stock() -> Figures:
    return figures(measured(1))


@pytest.fixture(name="ours")
def _ours() -> Figures:
    return figures(measured(0.25, risk=True))


@pytest.mark.parametrize(
    ("values", "percent", "wanted"),
    [
        ([7], 50, 7),
        ([7], 99, 7),
        ([1, 2], 50, 1),
        ([3, 1, 2], 50, 2),
        (range(1, 101), 95, 95),
        (range(1, 101), 99, 99),
        (range(1, 21), 95, 19),
        (range(1, 21), 100, 20),
        ([1, 2, 3], 0, 1),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: Sequence[float], percent: float, wanted: float
) -> None:
    assert percentile(values, percent) == wanted


def test_a_percentile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_figures_are_medians_of_the_rounds_in_milliseconds(stock: Figures) -> None:
    assert stock.ready_s == 10
    assert stock.p50_1 == pytest.approx(10)
    assert stock.p50_8 == pytest.approx(80)
    assert stock.throughput_8 == pytest.approx(20)
    assert (stock.turn_5, stock.turn_50, stock.turn_500) == pytest.approx((10, 20, 40))
    assert stock.turn_500_over_5 == pytest.approx(4)


def test_messages_of_risk_are_timed_for_ours_alone(stock: Figures, ours: Figures) -> None:
    assert stock.risk_p99_8 is None
    assert ours.risk_p50_8 == pytest.approx(50)
    assert ours.risk_p99_8 == pytest.approx(99)


def test_ratios_are_ours_divided_by_stock(stock: Figures, ours: Figures) -> None:
    found = ratios(stock, ours)
    assert set(found) == RATIO_NAMES
    assert found.pop("throughput_8") == pytest.approx(4)
    assert found.pop("turn_500_over_5") == pytest.approx(4)
    assert list(found.values()) == pytest.approx([0.25] * len(found))


def test_every_ratio_is_made_from_a_figure() -> None:
    assert set(RATIOS.values()) <= set(Figures.__dataclass_fields__)


def test_the_json_has_stock_ours_and_ratio(stock: Figures, ours: Figures) -> None:
    found = orjson.loads(orjson.dumps(as_json(stock, ours, WHERE)))
    assert set(found) == {"stock", "ours", "ratio", "machine"}
    assert set(found["ratio"]) == RATIO_NAMES
    assert set(found["stock"]) == set(found["ours"]) == set(Figures.__dataclass_fields__)
    assert all(isinstance(value, float) for value in found["ratio"].values())


def test_what_is_published(
    stock: Figures, ours: Figures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(stock, ours, WHERE, tmp_path / "out")
    assert orjson.loads((tmp_path / "out" / "bench.json").read_bytes())["ratio"]["train"] == 0.25
    table = (tmp_path / "out" / "bench.md").read_text("utf-8")
    assert "| Training, from nothing | 100 s | 25 s | 0.25 |" in table
    assert table.strip().endswith("Linux, 2 processors.")
    assert "Training, from nothing" in capsys.readouterr().out


def test_every_row_of_the_table_has_four_cells(stock: Figures, ours: Figures) -> None:
    lines = report.markdown(stock, ours, "").strip().splitlines()
    assert {line.count("|") for line in lines} == {5}
