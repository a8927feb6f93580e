"""Goes along the chain of the audit, and says which row was changed or is missing.

Whoever can write the database can also write a whole chain anew. So the desk keeps, in a file
beside it, which hash the newest row had each day (`Anchors`): a chain made anew has others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, select

from store import audit as deeds
from store.tables.privacy import audit_starts
from store.tables.staff import audit

_AT_ONCE = 2000
_LINE = re.compile(r"(\d{1,16}) (\d{1,16}) ([0-9a-f]{64})")
DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong with the chain."""

    row: int
    what: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found."""

    rows: int
    last: int
    digest: str
    """Of the last row."""
    troubles: tuple[Trouble, ...]


def verify(connection: Connection, anchors: Mapping[int, str] | None = None) -> Chain:
    """Go along the chain.

    Args:
        connection: Where to read.
        anchors: Hashes that rows once had, by their numbers.
    """
    start = deeds.start(connection)
    number, digest = start
    known, count, troubles = dict(anchors or {}), 0, list[Trouble]()
    for row in _rows(connection):
        count += 1
        troubles += _compare(row, number, digest, known.pop(row["id"], None))
        number, digest = row["id"], row["digest"]
    # What was deleted in time is missing with reason.
    gone = [each for each in known if each > max(number, start[0])]
    if gone:
        troubles.append(_missing(number + 1, max(gone)))
    return Chain(count, number, digest, tuple(troubles))


def _rows(connection: Connection) -> Iterator[Mapping[str, Any]]:
    last = 0
    while True:
        query = select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(_AT_ONCE)
        rows = connection.execute(query).mappings().all()
        yield from map(dict, rows)
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1]["id"]


def _compare(
    row: Mapping[str, Any], before: int, digest: str, anchor: str | None
) -> Iterator[Trouble]:
    number = row["id"]
    if number != before + 1:
        yield _missing(before + 1, number - 1)
    elif row["previous"] != digest:
        yield Trouble(number, f"row {before} was changed, or row {number} was put in its place")
    if deeds.digest_of(row) != row["digest"]:
        yield Trouble(number, f"row {number} was changed")
    elif anchor is not None and anchor != row["digest"]:
        yield Trouble(number, f"row {number} is not the one that was here: the chain was made anew")


def _missing(first: int, last: int) -> Trouble:
    one = first == last
    return Trouble(
        last, f"row {first} is missing" if one else f"rows {first} to {last} are missing"
    )


class Anchors:
    """Hashes that the newest row had, a line a day, in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        """Keep them in a file, which need not be there yet."""
        self._path = path

    def read(self) -> dict[int, str]:
        """Return hashes by the numbers of their rows."""
        try:
            lines = self._path.read_text("ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            return {}
        found = [match for line in lines if (match := _LINE.fullmatch(line))]
        return {int(match[2]): match[3] for match in found}

    def add(self, at: int, row: int, digest: str) -> None:
        """Add a line; raises OSError."""
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{at} {row} {digest}\n")

    def end_at(self, row: int, aside: Path) -> None:
        """Leave out rows after one, because the chain of a restored database ends there.

        Args:
            row: The last row of the chain.
            aside: Where the file as it was is kept.

        Raises:
            OSError: It could not be written.
        """
        if not self._path.exists():
            return
        lines = self._path.read_text("ascii", "replace").splitlines()
        kept = [match[0] for line in lines if (match := _LINE.fullmatch(line))]
        self._path.rename(aside)
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.writelines(f"{line}\n" for line in kept if int(line.split()[1]) <= row)


def retire(connection: Connection, before: int, at: int) -> int:
    """Delete what was done before a moment, and note it; the chain goes on from there.

    Args:
        connection: Where to write.
        before: The moment, in milliseconds.
        at: Now.

    Returns:
        How many rows.
    """
    # By their number: whoever set the clock back must not have newer rows deleted.
    newer = select(func.min(audit.c.id)).where(audit.c.at >= before)
    end = connection.execute(newer).scalar() or deeds.last(connection)[0] + 1
    kept = select(audit.c.id, audit.c.digest).where(audit.c.id < end)
    row = connection.execute(kept.order_by(audit.c.id.desc()).limit(1)).first()
    if row is None:
        return 0
    deeds.note(connection, None, "audit deleted in time", detail=f"up to row {row.id}", at=at)
    # The triggers let only rows up to such a start go.
    connection.execute(audit_starts.insert().values(after=row.id, digest=row.digest, at=at))
    done: int = connection.execute(delete(audit).where(audit.c.id <= row.id)).rowcount
    return done


def told(chain: Chain) -> Sequence[str]:
    """Return what was found, in lines for whoever asked."""
    if not chain.troubles:
        return [f"The audit is whole: {chain.rows} rows, the last one {chain.last} {chain.digest}"]
    return [f"The audit is NOT whole ({chain.rows} rows):", *(t.what for t in chain.troubles)]
