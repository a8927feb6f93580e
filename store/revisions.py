"""Texts and facts that are edited: drafted, submitted, approved by a second person, published.

What may be done is decided here, inside the transaction of the deed, whoever asks. Each deed but
a draft's first must name the edit that was seen: somebody may have written in it meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, func, select, update

from store import audit, publications
from store.places import Place, at_place
from store.tables.publishing import revisions

State = Literal["draft", "submitted", "approved", "published", "dropped"]
OPEN: tuple[State, ...] = ("draft", "submitted", "approved")
"""States of what is being worked on; of each place there is one at most."""
Refusal = Literal["gone", "stale", "state", "own", "clinician", "administrator"]
"""Why something is not done."""
APPROVERS: Mapping[bool, Collection[str]] = {True: ("clinician",), False: ("administrator",)}
"""Roles that approve, for crisis texts (True) and for all else."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A row of `revisions`."""

    id: int
    place: Place
    content: Any
    version: int
    state: State
    crisis: bool
    edits: int
    authors: tuple[str, ...]
    at: int
    review_by: str | None
    submitted_by: str | None
    submitted_at: int | None
    approved_by: str | None
    approved_at: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote."""

    place: Place
    content: Any
    """Parts of a text (answers.writing), or a fact's value."""
    crisis: bool
    version: int
    """The version of the file's own text, which that of this one will exceed."""
    review_by: str | None = None
    """The day by which somebody has to look at it again, such as 2027-06-30."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Which state of a draft somebody had before them; the default: none was there."""

    id: int = 0
    edits: int = 0


def one(connection: Connection, number: int) -> Revision | None:
    """Return a revision by its number."""
    row = connection.execute(select(revisions).where(revisions.c.id == number)).mappings().first()
    return _revision(row) if row else None


def open_one(connection: Connection, place: Place) -> Revision | None:
    """Return what is being worked on at a place."""
    query = select(revisions).where(at_place(revisions, place), _open())
    row = connection.execute(query).mappings().first()
    return _revision(row) if row else None


def all_open(connection: Connection) -> dict[Place, Revision]:
    """Return everything that is being worked on."""
    rows = connection.execute(select(revisions).where(_open())).mappings()
    found = map(_revision, rows)
    return {each.place: each for each in found}


def history(connection: Connection, place: Place, size: int = 50) -> list[Revision]:
    """Return the revisions of a place, the newest first."""
    query = select(revisions).where(at_place(revisions, place))
    rows = connection.execute(query.order_by(revisions.c.id.desc()).limit(size)).mappings()
    return [_revision(row) for row in rows]


def save(
    connection: Connection, written: Written, by: str, at: int, seen: Seen
) -> Revision | Refusal:
    """Keep what somebody wrote as the place's draft; one that was approved loses its approval.

    Returns:
        The draft; "stale" when another state of it was seen than there is.
    """
    found = open_one(connection, written.place)
    if (Seen(found.id, found.edits) if found else Seen()) != seen:
        return "stale"
    values = {
        "content": written.content,
        "state": "draft",
        "crisis": int(written.crisis),
        "at": at,
        "review_by": written.review_by,
        **dict.fromkeys(("submitted_by", "submitted_at", "approved_by", "approved_at")),
    }
    if found:
        values["authors"] = [*dict.fromkeys((*found.authors, by))]
        _set(connection, found, edits=found.edits + 1, **values)
        number = found.id
    else:
        values |= {"authors": [by], "edits": 1, "version": _next_version(connection, written)}
        row = {**written.place.columns(), **values}
        insert = revisions.insert().values(**row).returning(revisions.c.id)
        number = connection.execute(insert).scalar_one()
    _note(connection, by, "text drafted", written.place, number, at)
    kept = one(connection, number)
    return kept if kept else "gone"


def submit(connection: Connection, seen: Seen, by: str, at: int) -> Refusal | None:
    """Ask for the approval of a draft; None when it is done."""
    found = _seen(connection, seen, ("draft",))
    if not isinstance(found, Revision):
        return found
    values = {"state": "submitted", "submitted_by": by, "submitted_at": at}
    return _done(connection, found, by, "text submitted", at, values)


def approve(connection: Connection, seen: Seen, by: str, role: str, at: int) -> Refusal | None:
    """Approve what was submitted: never what one has written in, crisis texts as a clinician.

    Args:
        connection: Where to write.
        seen: What the person had before them.
        by: Who approves.
        role: Theirs.
        at: When, in milliseconds.

    Returns:
        None when it is done, else why not.
    """
    found = _seen(connection, seen, ("submitted",))
    if not isinstance(found, Revision):
        return found
    refusal: Refusal | None = None
    if role not in APPROVERS[found.crisis]:
        refusal = "clinician" if found.crisis else "administrator"
    elif by in found.authors:
        refusal = "own"
    if refusal:
        _note(connection, by, "text not approved", found.place, found.id, at, refusal)
        return refusal
    values = {"state": "approved", "approved_by": by, "approved_at": at}
    return _done(connection, found, by, "text approved", at, values)


def send_back(connection: Connection, seen: Seen, by: str, at: int) -> Refusal | None:
    """Make a draft again of what was submitted or approved; None when it is done."""
    found = _seen(connection, seen, ("submitted", "approved"))
    if not isinstance(found, Revision):
        return found
    nobody = dict.fromkeys(("submitted_by", "submitted_at", "approved_by", "approved_at"))
    return _done(connection, found, by, "text sent back", at, {"state": "draft", **nobody})


def drop(connection: Connection, seen: Seen, by: str, at: int) -> Refusal | None:
    """Give up what is being worked on; it stays in the history. None when it is done."""
    found = _seen(connection, seen, OPEN)
    if not isinstance(found, Revision):
        return found
    return _done(connection, found, by, "text dropped", at, {"state": "dropped"})


def publish(connection: Connection, seen: Seen, by: str, at: int) -> Refusal | None:
    """Have desks speak what was approved from now on; None when it is done."""
    found = _seen(connection, seen, ("approved",))
    if not isinstance(found, Revision):
        return found
    publications.add(connection, found.place, found.id, by, at)
    return _done(connection, found, by, "text published", at, {"state": "published"})


def roll_back(
    connection: Connection, place: Place, to: int | None, by: str, at: int
) -> Refusal | None:
    """Have desks speak again what was published before.

    Args:
        connection: Where to write.
        place: Where.
        to: The revision; None for the file's own text.
        by: Who does so.
        at: When, in milliseconds.

    Returns:
        None when it is done; "state" when it was never published or is spoken already.
    """
    now = publications.current(connection, place)
    if to == now:
        return "state"
    if to is not None:
        found = one(connection, to)
        if found is None or found.place != place:
            return "gone"
        if found.state != "published":
            return "state"
    publications.add(connection, place, to, by, at)
    _note(connection, by, "text rolled back", place, to, at)
    return None


def _open() -> ColumnElement[bool]:
    return revisions.c.state.in_(OPEN)


def _seen(connection: Connection, seen: Seen, states: Collection[str]) -> Revision | Refusal:
    found = one(connection, seen.id)
    if found is None:
        return "gone"
    if found.edits != seen.edits:
        return "stale"
    return found if found.state in states else "state"


def _done(
    connection: Connection,
    found: Revision,
    by: str,
    deed: str,
    at: int,
    values: Mapping[str, Any],
) -> Refusal | None:
    _set(connection, found, **values)
    _note(connection, by, deed, found.place, found.id, at)
    return None


def _set(connection: Connection, found: Revision, **values: Any) -> None:
    connection.execute(update(revisions).where(revisions.c.id == found.id).values(**values))


def _next_version(connection: Connection, written: Written) -> int:
    """Return a version that no text of the answer had: the log names answer and version alone."""
    place = written.place
    mine = (revisions.c.kind == place.kind) & (revisions.c.name == place.name)
    highest = connection.execute(select(func.max(revisions.c.version)).where(mine)).scalar()
    return max(written.version, highest or 0) + 1


def _note(
    connection: Connection,
    by: str,
    deed: str,
    place: Place,
    number: int | None,
    at: int,
    why: str = "",
) -> None:
    what = f"revision {number}" if number else "the file's own"
    detail = " ".join(filter(None, (place.kind, place.channel, place.language, what, why)))
    audit.note(connection, by, deed, place.name, detail, at=at)


def _revision(row: Mapping[Any, Any]) -> Revision:
    values = {name: row[name] for name in Revision.__slots__ if name != "place"}
    values |= {"crisis": bool(row["crisis"]), "authors": tuple(row["authors"])}
    return Revision(place=Place.of(row), **values)
