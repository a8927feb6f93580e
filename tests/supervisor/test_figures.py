from __future__ import annotations

from pathlib import Path

from desk.metrics.others import SupervisorFigures
from supervisor.figures import Figures


def told(state: Path) -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels.get("process", "")): sample.value
        for family in SupervisorFigures(state).collect()
        for sample in family.samples
    }


def test_the_desk_reads_what_the_supervisor_has_written(tmp_path: Path) -> None:
    figures = Figures(tmp_path)
    figures.started("brain")
    figures.ended_early("brain")
    figures.started("brain")
    found = told(tmp_path)
    assert found["iop_supervisor_starts_total", "brain"] == 2
    assert found["iop_supervisor_ended_early_total", "brain"] == 1
    assert found["iop_supervisor_start_time_seconds", ""] > 1_700_000_000


def test_a_disk_that_takes_no_figures_ends_nothing(tmp_path: Path) -> None:
    Figures(tmp_path / "gone").started("brain")
    assert told(tmp_path) == {}
