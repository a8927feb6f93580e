"""Draws the few plots of the evaluation, each as a data URI that a page can hold."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.scores import Bin, Point

INK, OURS, OTHER = "#1d2528", "#0b5c66", "#b5541c"
Draw = Callable[[Axes], None]


def _drawn(draw: Draw, size: tuple[float, float]) -> str:
    # Without pyplot, which would look for a screen.
    with matplotlib.rc_context({"svg.hashsalt": "eval", "font.size": 10, "text.color": INK}):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        written = io.BytesIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(written.getvalue()).decode()


def reliability(bins: Sequence[Bin]) -> str:
    """Return how often messages are right against how sure the recogniser is of them."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle="--", label="perfect")
        largest = max((each.rows for each in bins), default=1)
        axes.scatter(
            [each.confidence for each in bins],
            [each.accuracy for each in bins],
            s=[20 + 180 * each.rows / largest for each in bins],
            color=OURS,
            label="messages (area: how many)",
            clip_on=False,
        )
        axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
        axes.legend(loc="upper left", frameon=False)

    return _drawn(draw, (5, 4))


def scope(curves: Mapping[str, Sequence[Point]], threshold: float) -> str:
    """Return what is caught out of scope against what is right in scope, threshold by threshold.

    Args:
        curves: Points by what they were measured on.
        threshold: The one in use, which is marked.
    """

    def draw(axes: Axes) -> None:
        for (name, points), color in zip(curves.items(), (OURS, OTHER), strict=False):
            x, y = [p.out_caught for p in points], [p.in_scope_right for p in points]
            axes.plot(x, y, color=color, label=name)
            used = min(points, key=lambda p: abs(p.threshold - threshold))
            axes.plot(used.out_caught, used.in_scope_right, "o", color=color)
        axes.set(xlabel="out of scope, caught", ylabel="in scope, right", ylim=(0, 1))
        axes.legend(loc="lower left", frameon=False, title=f"dots: threshold {threshold:g}")

    return _drawn(draw, (5, 4))


def confusion_map(names: Sequence[str], counts: Mapping[tuple[str, str], int]) -> str:
    """Return the share of each intent's messages (rows) that was taken for each (columns).

    Args:
        names: The intents.
        counts: Messages by the intent that was right and the one that was found.
    """
    shares = []
    for truth in names:
        row = [counts.get((truth, said), 0) for said in names]
        shares.append([count / max(sum(row), 1) for count in row])

    def draw(axes: Axes) -> None:
        # What is right would outshine all else; a tenth of a row is a lot of confusion.
        image = axes.imshow(shares, cmap="YlGnBu", vmin=0, vmax=0.2)
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
        axes.set_yticks(range(len(names)), names, fontsize=7)
        axes.set(xlabel="found", ylabel="right")
        bar = axes.figure.colorbar(image, ax=axes, shrink=0.6, extend="max")
        bar.set_label("share of the row")

    return _drawn(draw, (10, 9))
