"""Hides sums that are of few people, from all who are given tables or are no administrators."""

from __future__ import annotations

from collections.abc import Mapping

from store.day_counts import ENOUGH, Cell

FEW = f"under {ENOUGH} people"
"""What stands in the place of a sum of few people."""


def hidden_among(cells: Mapping[str, Cell]) -> frozenset[str]:
    """Return the names of sums that must not be told where all together are.

    One alone that is of few people could be told from the rest; then the smallest other goes, too.
    """
    few = {name for name, cell in cells.items() if cell.few}
    if len(few) == 1:
        others = [(cell.count, name) for name, cell in cells.items() if cell.count and not cell.few]
        few.update(name for _, name in sorted(others)[:1])
    return frozenset(few)


def may_tell(part: Cell, whole: Cell) -> bool:
    """Say whether a share may be told: neither it nor what is left is of few people."""
    return not (part.few or whole.few or 0 < whole.count - part.count < ENOUGH)
