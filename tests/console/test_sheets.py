"""Cells of CSV: none is run as a formula, and every one can be read back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import sheets

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
    " =1",
    "\ufeff=1",
    "\uff1d1",
)


@pytest.mark.parametrize("words", FORMULAS)
def test_a_formula_is_text(words: str) -> None:
    assert sheets.safe(words) == f"'{words}"


@pytest.mark.parametrize(
    ("value", "words"), [("cost", "cost"), ("", ""), (None, ""), (-3, "-3"), (0.5, "0.5")]
)
def test_what_is_no_formula_stays(value: object, words: str) -> None:
    assert sheets.safe(value) == words


@given(st.text())
def test_no_cell_begins_as_a_formula(words: str) -> None:
    shown = sheets.safe(words)
    assert shown.lstrip(" \xa0\ufeff\u200b")[:1] not in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
    assert shown in (words, f"'{words}")


CELL = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=5))
def test_cells_are_read_back_as_they_were_made_safe(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(sheets.lines(rows), newline="")))
    assert read == [[sheets.safe(cell) for cell in row] for row in rows]
