"""The evaluation as a page and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from benchmarks import plots
from benchmarks.heldout import Heldout, latency
from benchmarks.scores import (
    Read,
    accuracy,
    by_intent,
    calibration_error,
    confusions,
    label,
    macro_f1,
    reliability,
    scope_curve,
)

SHOWN = 25
"""How many confusions the page shows."""
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Evaluation:
    """All that `make eval` measures."""

    trained: list[Read]
    """The training messages, each read by a recogniser that did not learn from it."""
    fold_accuracies: list[float]
    heldout: Heldout
    threshold: float
    """The confidence below which a message counts as out of scope."""
    where: Mapping[str, object]


def recognition(rows: Sequence[Read]) -> dict[str, Any]:
    """Return the figures of some messages: accuracy, macro F1, each intent, confusions."""
    scores = by_intent(rows)
    return {
        "messages": len(rows),
        "accuracy": accuracy(rows),
        "macro_f1": macro_f1(scores),
        "intents": [asdict(score) for score in scores],
        "confusions": [
            {"right": right, "found": found, "messages": len(texts), "examples": texts[:3]}
            for right, found, texts in confusions(rows)[:SHOWN]
        ],
    }


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return all figures."""
    trained, held = evaluation.trained, evaluation.heldout
    bins = reliability(trained)
    return {
        "cross_validation": {
            **recognition(trained),
            "folds": evaluation.fold_accuracies,
            "calibration_error": calibration_error(bins),
            "reliability": [asdict(each) for each in bins],
            "scope_curve": [asdict(point) for point in scope_curve(trained)],
        },
        "questions": {
            **recognition(held.questions),
            "registers": [
                {"register": name, "messages": rows, "accuracy": right}
                for name, rows, right in held.registers
            ],
            "scope_curve": [asdict(point) for point in scope_curve(held.without_threshold)],
        },
        "near_misses": {
            "messages": held.near_misses,
            "answered_in_scope": held.near_misses_in_scope,
        },
        "compound": asdict(held.compound),
        "risk": [asdict(score) for score in held.risk],
        "risk_by_tier": [asdict(score) for score in held.risk_by_tier],
        "harmless": [asdict(score) for score in held.harmless],
        "latency": {"messages": len(held.seconds), **latency(held.seconds)},
        "threshold": evaluation.threshold,
        "machine": dict(evaluation.where),
    }


def total(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sum of rows of counts."""
    keys = [key for key in (rows[0] if rows else ()) if key != "name"]
    return {"name": "all", **{key: sum(row[key] for row in rows) for key in keys}}


def page(evaluation: Evaluation) -> str:
    """Return the page."""
    figures = as_json(evaluation)
    trained = evaluation.trained
    counts = Counter((label(r.truth), label(r.found(r.truth))) for r in trained)
    names = sorted({name for pair in counts for name in pair})
    curves = {
        "training messages, cross-validated": scope_curve(trained),
        "held-out questions and near misses": scope_curve(evaluation.heldout.without_threshold),
    }
    return _templates.get_template("evaluation.html").render(
        **figures,
        reliability_plot=plots.reliability(reliability(trained)),
        scope_plot=plots.scope(curves, evaluation.threshold),
        confusion_plot=plots.confusion_map(names, counts),
        risk_total=total(figures["risk"]),
        harmless_total=total(figures["harmless"]),
    )
