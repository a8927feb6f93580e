"""Bars as places on a canvas; the template draws them as SVG, which needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 220
_LEFT, _TOP, _BOTTOM, _RIGHT = 48, 16, 34, 8
_LINE, _NAMES, _NUMBERS = 26, 220, 90
_MOST_TICKS = 8


@dataclass(frozen=True)
class Value:
    """One thing of a chart."""

    name: str
    number: float | None
    """None where it is hidden."""
    words: str
    """As the table says it."""


@dataclass(frozen=True)
class Bar:
    """A bar, in units of the canvas."""

    x: float
    y: float
    width: float
    height: float
    words: str
    hidden: bool


@dataclass(frozen=True)
class Mark:
    """A word on the canvas."""

    x: float
    y: float
    words: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Chart:
    """What is drawn."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    lines: tuple[float, ...]
    """Heights of the lines behind upright bars."""
    told: str
    """What it shows, for whoever does not see it."""


def _top(values: Sequence[Value]) -> float:
    """Return a round number that none is above."""
    most = max((each.number or 0 for each in values), default=0)
    step = 1
    while most > step * 10:
        step *= 10
    return next((step * n for n in (1, 2, 4, 5, 6, 8, 10) if step * n >= most), 1) or 1


def _told(values: Sequence[Value]) -> str:
    known = [each for each in values if each.number is not None]
    if not any(each.number for each in known):
        return "Every number is hidden or 0."
    most = max(known, key=lambda each: each.number or 0)
    return f"The most, {most.words}: {most.name}. The table below has every number."


def upright(values: Sequence[Value]) -> Chart:
    """Return bars side by side, in the order given: days or hours."""
    top, bottom = _top(values), HEIGHT - _BOTTOM
    room = (WIDTH - _LEFT - _RIGHT) / max(1, len(values))
    tall = bottom - _TOP
    bars, marks = [], []
    every = -(-len(values) // _MOST_TICKS) if len(values) > 2 * _MOST_TICKS else 1
    for place, each in enumerate(values):
        x = _LEFT + place * room
        height = 3.0 if each.number is None else tall * each.number / top
        bars.append(_bar(each, x + room * 0.1, bottom - height, room * 0.8, height))
        if place % every == 0:
            marks.append(Mark(round(x + room / 2, 1), bottom + 20, each.name[-5:]))
    scale = (0.0, top / 2, top)
    heights = tuple(round(bottom - tall * each / top, 1) for each in scale)
    marks += [Mark(_LEFT - 6, y + 4, f"{n:g}", "end") for n, y in zip(scale, heights, strict=True)]
    return Chart(WIDTH, HEIGHT, tuple(bars), tuple(marks), heights, _told(values))


def lying(values: Sequence[Value]) -> Chart:
    """Return bars one under the other, each with its name before and its number behind."""
    top, long = _top(values), WIDTH - _NAMES - _NUMBERS
    bars, marks = [], []
    for place, each in enumerate(values):
        y = place * _LINE + 4.0
        width = 3.0 if each.number is None else max(1.0, long * each.number / top)
        bars.append(_bar(each, _NAMES, y, width, _LINE - 8))
        marks.append(Mark(_NAMES - 8, y + 14, each.name, "end"))
        marks.append(Mark(_NAMES + width + 6, y + 14, each.words, "start"))
    height = max(1, len(values)) * _LINE
    return Chart(WIDTH, height, tuple(bars), tuple(marks), (), _told(values))


def _bar(value: Value, x: float, y: float, width: float, height: float) -> Bar:
    left, top, wide, tall = (round(each, 1) for each in (x, y, width, height))
    words = f"{value.name}: {value.words}"
    return Bar(left, top, wide, tall, words, value.number is None)
