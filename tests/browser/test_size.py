"""The widget is small enough not to be noticed on a clinic's site."""

from __future__ import annotations

import gzip
from pathlib import Path

WIDGET = Path(__file__).parents[2] / "widget"
EMBEDDED_BYTES = 25_000
# With the style of the demo page and of the form, which no clinic's own site loads.
EVERYTHING_BYTES = 28_416


def of_visitors(file: Path) -> bool:
    """Say whether a file is for visitors: the simulator's pages are for the maker's machine."""
    return file.is_file() and "try" not in file.parts


def compressed(files: list[Path]) -> int:
    """Sum of the files, each compressed by itself as a server sends it."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def test_what_a_clinic_embeds_is_within_budget() -> None:
    modules = list(WIDGET.glob("*.js"))
    assert modules
    assert compressed(modules) <= EMBEDDED_BYTES


def test_everything_with_the_pages_assets_is_within_budget() -> None:
    assert compressed([file for file in WIDGET.rglob("*") if of_visitors(file)]) <= EVERYTHING_BYTES


def test_text_never_enters_as_markup() -> None:
    ways_in = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
    sources = {file.name: file.read_text() for file in WIDGET.rglob("*.js")}
    found = [(name, way) for name, text in sources.items() for way in ways_in if way in text]
    assert found == []
