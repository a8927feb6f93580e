"""What the brain counts; tests/system/test_monitoring.py asks it as the desk does."""

from __future__ import annotations

import logging

import pytest

from brain import metrics
from brain.calls import BadCallError


def figure(name: str, **labels: str) -> float:
    return metrics._REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_call_that_is_answered_counts_and_is_logged_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    before = figure("iop_brain_answer_seconds_count", call="turn")
    with metrics.counted("turn"):
        pass
    assert figure("iop_brain_answer_seconds_count", call="turn") == before + 1
    assert [(record.getMessage(), record.call) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("A call was answered.", "turn")
    ]


def test_a_call_that_breaks_counts_as_such() -> None:
    before = figure("iop_brain_answer_failures_total", call="read")
    with pytest.raises(BadCallError), metrics.counted("read"):
        raise BadCallError("text")
    assert figure("iop_brain_answer_failures_total", call="read") == before + 1


def test_only_the_model_in_use_is_told() -> None:
    metrics.exposition("model-1")
    told = metrics.exposition("model-2").decode()
    assert 'iop_brain_model_info{model="model-2"} 1.0' in told
    assert "model-1" not in told
    assert "iop_brain_process_resident_memory_bytes" in told
    assert "iop_brain_model_info{" not in metrics.exposition(None).decode()
