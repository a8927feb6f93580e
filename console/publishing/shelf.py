"""Everything that may be said, as it is now: files, publications, and what is being worked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sanic import Request
from sqlalchemy import Connection

from answers import editions, writing
from answers.catalogue import Catalogue, Edition, load_catalogue
from center.current import center_of_file
from center.editing import edited, usable
from center.facts import Center
from console.access.settings import access_of
from console.databases import LIMIT, database_of
from store import closures, publications, revisions
from store import staff as accounts
from store.closures import Closure
from store.database import Database
from store.places import Place
from store.publications import Published
from store.revisions import Revision


@dataclass(frozen=True)
class Shelf:
    """What may be said."""

    files: Catalogue
    """As the files have it."""
    catalogue: Catalogue
    """With what was published."""
    center_file: Center
    center: Center
    published: Mapping[Place, Published]
    open: Mapping[Place, Revision]
    closures: list[Closure]
    names: Mapping[str, str]
    """Of staff, by id."""
    today: str
    """At the center, such as 2026-11-30."""

    def due(self, place: Place) -> bool:
        """Say whether somebody was to look at what is spoken at a place by a day that is past."""
        found = self.published.get(place)
        return bool(found and found.review_by and found.review_by < self.today)


async def shelf_of(request: Request) -> Shelf:
    """Read it for a page; raises StoreError."""
    return await read_shelf(database_of(request), access_of(request).clock())


async def read_shelf(database: Database, now: int) -> Shelf:
    """Read it as it is at a moment (milliseconds since 1970); raises StoreError."""
    center = center_of_file()

    def read(
        c: Connection,
    ) -> tuple[Mapping[Place, Published], Mapping[Place, Revision], list[Closure], dict[str, str]]:
        return (
            publications.everything(c),
            revisions.all_open(c),
            closures.coming(c, now),
            accounts.names(c),
        )

    published, working, closed, names = await database.read(read, limit=LIMIT)
    files = load_catalogue()
    facts = {p.name: each.content for p, each in published.items() if p.kind == "fact"}
    return Shelf(
        files=files,
        catalogue=editions.with_editions(files, _texts(published)),
        center_file=center,
        center=edited(center, usable(center, facts)),
        published=published,
        open=working,
        closures=closed,
        names=names,
        today=datetime.fromtimestamp(now / 1000, center.zone).date().isoformat(),
    )


def _texts(published: Mapping[Place, Published]) -> dict[tuple[str, str], Edition]:
    return {
        (place.name, form): Edition(writing.unpacked(each.content), each.version, each.approved_by)
        for place, each in published.items()
        if (form := editions.FORMS.get((place.channel, place.language)))
    }
