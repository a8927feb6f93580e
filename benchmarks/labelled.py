"""Reads files of labelled messages: columns `text` and `intent`."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import errors
from benchmarks.errors import FileError

TEXT, INTENT = "text", "intent"
TRAIN, TEST = "train_10.csv", "test.csv"
"""The two files of another domain."""
CATEGORY = "category"
"""What such files may call the column of intents."""
Examples = tuple[list[str], list[str]]
"""Messages and their intents."""


@dataclass(frozen=True)
class Labelled:
    """A message, and what would be right to find in it."""

    text: str
    wanted: tuple[frozenset[str], ...]
    """Sets of intents, each of which would be right."""


def wanted(label: str) -> tuple[frozenset[str], ...]:
    """Return what a label asks for: `a|b` is either, `a+b` is both, nothing more nor less."""
    either = (
        frozenset(name.strip() for name in both.split("+") if name.strip())
        for both in label.split("|")
    )
    return tuple(names for names in either if names)


def table(path: Path, columns: Collection[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file that has at least these columns.

    Raises:
        FileError: There is no such file, it is no table, or a column is missing.
    """
    if not path.is_file():
        raise FileError(errors.NO_FILE.format(file=path))
    try:
        # Spreadsheet programs write a mark before the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            found = list(reader.fieldnames or ())
            missing = [name for name in columns if name not in found]
            if missing:
                named = {"found": _listed(found) or "none", "wanted": _listed(columns)}
                raise FileError(errors.WRONG_COLUMNS.format(file=path, **named))
            rows = [{name: row[name] or "" for name in columns} for row in reader]
    except (UnicodeDecodeError, csv.Error) as problem:
        # The decoder's own words would repeat what stands in the file.
        kind = problem.reason if isinstance(problem, UnicodeDecodeError) else str(problem)
        raise FileError(errors.NOT_A_TABLE.format(file=path, problem=kind)) from problem
    if not rows:
        raise FileError(errors.NO_ROWS.format(file=path))
    return rows


def read(path: Path, column: str = INTENT) -> list[Labelled]:
    """Return the labelled messages of a file.

    Args:
        path: The file.
        column: The name of its column of labels.

    Raises:
        FileError: The file cannot be used; the message says why, and what to do.
    """
    return list(_labelled(path, table(path, (TEXT, column)), column))


def examples(path: Path) -> Examples:
    """Return the messages of a file of another domain, and their intents.

    Raises:
        FileError: The file cannot be used.
    """
    column = INTENT
    try:
        rows = table(path, (TEXT, column))
    except FileError as problem:
        column = CATEGORY
        try:
            rows = table(path, (TEXT, column))
        except FileError:
            raise problem from None
    return [row[TEXT] for row in rows], [row[column] for row in rows]


def _labelled(path: Path, rows: list[dict[str, str]], column: str) -> Iterator[Labelled]:
    for line, row in enumerate(rows, 2):
        label = wanted(row[column])
        if not label:
            raise FileError(errors.NO_LABEL.format(file=path, line=line))
        yield Labelled(row[TEXT], label)


def unknown(messages: Iterable[Labelled], known: Collection[str]) -> list[str]:
    """Return the intents of labels that are not among the known ones."""
    names = {name for message in messages for either in message.wanted for name in either}
    return sorted(names.difference(known))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
