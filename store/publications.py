"""What is spoken of what was edited: every publication is kept, the newest of a place counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from store.places import Place, at_place
from store.tables.publishing import publications, revisions


@dataclass(frozen=True, slots=True)
class Published:
    """A text or fact that is spoken instead of the file's own."""

    place: Place
    content: Any
    version: int
    approved_by: str
    review_by: str | None
    """A day such as 2027-06-30."""
    revision: int
    at: int


def number(connection: Connection) -> int:
    """Return a number that grows with everything that is published, rolled back or closed."""
    return connection.execute(select(func.max(publications.c.id))).scalar() or 0


def current(connection: Connection, place: Place) -> int | None:
    """Return which revision is spoken at a place; None for the file's own."""
    query = select(publications.c.revision_id).where(at_place(publications, place))
    return connection.execute(query.order_by(publications.c.id.desc()).limit(1)).scalar()


def everything(connection: Connection) -> dict[Place, Published]:
    """Return all that is spoken instead of the files' own."""
    columns = (publications.c[name] for name in ("kind", "name", "channel", "language"))
    newest = select(func.max(publications.c.id)).group_by(*columns)
    rows = connection.execute(
        select(
            revisions,
            publications.c.revision_id,
            publications.c.at.label("published_at"),
        )
        .join(revisions, revisions.c.id == publications.c.revision_id)
        .where(publications.c.id.in_(newest))
    ).mappings()
    found = (
        Published(
            place=Place.of(row),
            content=row["content"],
            version=row["version"],
            approved_by=row["approved_by"],
            review_by=row["review_by"],
            revision=row["revision_id"],
            at=row["published_at"],
        )
        for row in rows
    )
    return {each.place: each for each in found}


def history(connection: Connection, place: Place, size: int = 50) -> list[dict[str, Any]]:
    """Return what was published at a place when and by whom, the newest first."""
    query = select(publications).where(at_place(publications, place))
    rows = connection.execute(query.order_by(publications.c.id.desc()).limit(size))
    return [dict(row) for row in rows.mappings()]


def add(connection: Connection, place: Place, revision: int | None, by: str, at: int) -> None:
    """Have a revision spoken; store.revisions says which ones may be."""
    row = {**place.columns(), "revision_id": revision, "at": at, "by": by}
    connection.execute(publications.insert().values(**row))
