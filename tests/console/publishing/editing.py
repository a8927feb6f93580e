"""People of a console who edit texts and facts, as tests need them."""

from __future__ import annotations

import re

from answers.catalogue import load_catalogue
from answers.writing import written
from console.access import Staff as Person
from store import revisions
from store.places import Place
from store.revisions import Revision
from tests.console.entering import Staff

COST = Place("text", "cost", "web", "en")
PAGE, SAVE = "/answers/cost?form=web", "/answers/cost/web/save"
NEW = "A day here costs {price}.\nelse: Ask us for the price.\n\nTo ask, {contact}."
CRISIS = next(id_ for id_ in load_catalogue().answers if id_.startswith("crisis_S1"))
CRISIS_WORDS = "Call or text 988 now. You are not alone."
OURS = written(load_catalogue().answers["cost"].texts["web"])
_SEEN = re.compile(r'name="(id|edits)" value="(\d+)"')


async def seen(staff: Staff, page: str) -> dict[str, str]:
    """Return what the forms of a page say was seen."""
    return in_forms((await staff.get(page))[1])


def in_forms(page: str) -> dict[str, str]:
    """Return the same of a page that is there."""
    return dict(_SEEN.findall(page))


async def people(staff: Staff, *roles: str) -> list[Person]:
    """Open accounts, one of each role."""
    return [await staff.account(role, f"{role.title()}{n} Roe") for n, role in enumerate(roles)]


async def save(
    staff: Staff, text: str = NEW, do: str = "submit", base: str = "/answers/cost/web", **more: str
) -> tuple[int, str]:
    """Write something as whoever is signed in, with what their page showed before them."""
    page = base if base.startswith("/facts") else "{}?form={}".format(*base.rsplit("/", 1))
    form = {**(await seen(staff, page)), "text": text, "do": do, **more}
    return await staff.post(f"{base}/save", follow=False, **form)


async def do(staff: Staff, deed: str, base: str = "/answers/cost/web") -> tuple[int, str]:
    """Press a button of a page."""
    page = base if base.startswith("/facts") else "{}?form={}".format(*base.rsplit("/", 1))
    return await staff.post(f"{base}/{deed}", follow=False, **(await seen(staff, page)))


async def working_on(staff: Staff, place: Place = COST) -> Revision | None:
    """Return the draft of a place."""
    return await staff.database.read(lambda c: revisions.open_one(c, place))
