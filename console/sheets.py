"""Tables for spreadsheets, whose cells can never be run as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_RUNS = frozenset("=+-@\t\r\n\x00|%＝＋－＠")
"""Beginnings that some spreadsheet takes for a formula; the wide ones it makes narrow itself."""
KIND = "text/csv; charset=utf-8"


def safe(value: object) -> str:
    """Return a cell's text, which a spreadsheet shows and does not run.

    A number stays a number; what could be a formula gets an apostrophe before it, which
    spreadsheets do not show. Blanks before a formula do not hide it from them, nor from us.
    """
    if isinstance(value, (int, float)):
        return str(value)
    words = "" if value is None else str(value)
    first = words.lstrip(" \xa0\ufeff\u200b")[:1]
    return f"'{words}" if words[:1] in _RUNS or first in _RUNS else words


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as lines of CSV (RFC 4180), every cell in quotes."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe(each) for each in row] for row in rows)
    return sheet.getvalue()
