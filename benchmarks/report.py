"""The table of the figures, for the terminal and, in Markdown, for the README."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figures, ratios

Row = tuple[str, str, str, str]


def rows(stock: Figures, ours: Figures) -> Iterator[Row]:
    """Yield what is measured, stock's figure, ours, and the ratio."""
    ratio = ratios(stock, ours)

    def row(title: str, figure: str, unit: str, digits: int) -> Row:
        theirs, own = getattr(stock, figure), getattr(ours, figure)
        shown = f"{own / theirs:.2f}"
        return title, f"{theirs:.{digits}f} {unit}", f"{own:.{digits}f} {unit}", shown

    yield row("Training, from nothing", "train_s", "s", 0)
    yield row("Start to ready", "ready_s", "s", 1)
    yield row("Memory, brain alone", "brain_memory_mb", "MB", 0)
    yield row("Memory, all processes", "all_memory_mb", "MB", 0)
    yield row("Answer, 1 conversation, p50", "p50_1", "ms", 1)
    yield row("Answer, 1 conversation, p95", "p95_1", "ms", 1)
    yield row("Answer, 8 conversations, p50", "p50_8", "ms", 0)
    yield row("Answer, 8 conversations, p95", "p95_8", "ms", 0)
    yield row("Messages a second, 8 conversations", "throughput_8", "/s", 0)
    yield row("Answer at turn 5", "turn_5", "ms", 1)
    yield row("Answer at turn 50", "turn_50", "ms", 1)
    yield row("Answer at turn 500", "turn_500", "ms", 1)
    late = f"{stock.turn_500_over_5:.2f}", f"{ratio['turn_500_over_5']:.2f}"
    yield "Turn 500 against turn 5", *late, ""
    if ours.risk_p99_8 is not None:
        yield "Answer to a message of risk among 8 others, p99", "", f"{ours.risk_p99_8:.0f} ms", ""


_HEAD: Row = ("", "stock", "ours", "ours / stock")


def markdown(stock: Figures, ours: Figures, note: str) -> str:
    """Return the table in Markdown.

    Args:
        stock: The stock assistant's figures.
        ours: This assistant's.
        note: Where and when it was measured.
    """
    lines = [f"| {' | '.join(_HEAD)} |", "|---|---:|---:|---:|"]
    lines += [f"| {' | '.join(row)} |" for row in rows(stock, ours)]
    return "\n".join(lines) + f"\n\n{note}\n"


def plain(stock: Figures, ours: Figures) -> str:
    """Return the table for a terminal."""
    table = [_HEAD, *rows(stock, ours)]
    widths = [max(len(row[column]) for row in table) for column in range(4)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )
