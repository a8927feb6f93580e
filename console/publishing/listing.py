"""The lists of answers and facts, and notices that the center is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sanic import HTTPResponse, Request
from sanic.response import redirect

from answers.catalogue import Answer
from answers.editions import PLACES, unapproved
from answers.grouping import FORMS
from center.editing import keys
from console.access import current, may
from console.access.settings import access_of, field
from console.databases import LIMIT, writer_of
from console.inbox.listing import fragments_of
from console.publishing.shelf import Shelf, shelf_of
from console.publishing.subjects import CRISIS_INTENT, Fact
from console.publishing.wording import NO_TIME, OVER, STATES
from console.rendering import page
from store import closures
from store.places import Place

TABS = {
    "work": "Being worked on",
    "unapproved": "Not approved",
    "due": "Review due",
    "crisis": "In a crisis",
    "all": "All",
}


@may("read")
async def answers(request: Request) -> HTTPResponse:
    """Show the answers of a tab."""
    shelf = await shelf_of(request)
    rows = [_answer(shelf, answer) for answer in shelf.catalogue.answers.values()]
    shown = request.args.get("show", "")
    tab = shown if shown in TABS else ("work" if any(r["work"] for r in rows) else "unapproved")
    counts = {name: sum(bool(row[name]) for row in rows) for name in TABS}
    return page(
        request,
        "publishing/answers.html",
        tab=tab,
        tabs=TABS,
        counts=counts,
        rows=[row for row in rows if row[tab]],
        unapproved=unapproved(shelf.catalogue),
        every=len(rows),
        path="/answers",
    )


def _answer(shelf: Shelf, answer: Answer) -> dict[str, Any]:
    forms = list(_forms(shelf, answer))
    return {
        "id": answer.id,
        "about": answer.about or shelf.catalogue.titles.get(answer.intent or "", ""),
        "forms": forms,
        "work": any(each["state"] for each in forms),
        "unapproved": any(not each["approved"] for each in forms),
        "due": any(each["due"] for each in forms),
        "crisis": answer.intent == CRISIS_INTENT,
        "all": True,
    }


def _forms(shelf: Shelf, answer: Answer) -> Iterator[dict[str, Any]]:
    for form, title in FORMS.items():
        place = Place("text", answer.id, *PLACES[form])
        draft = shelf.open.get(place)
        if form in answer.texts or draft:
            yield {
                "name": form,
                "title": title,
                "approved": form not in answer.texts or answer.approved(form),
                "due": shelf.due(place),
                "state": STATES[draft.state] if draft else "",
            }


@may("read")
async def facts(request: Request) -> HTTPResponse:
    """Show all facts, and when the center is closed."""
    return await _facts(request)


async def _facts(request: Request, *, status: int = 200, wrong: str = "") -> HTTPResponse:
    shelf = await shelf_of(request)
    moment = fragments_of(request).moment
    return page(
        request,
        "publishing/facts.html",
        status=status,
        wrong=wrong,
        rows=[_fact(shelf, key) for key in keys()],
        closures=[
            {
                "id": each.id,
                "start": moment(each.from_at),
                "end": moment(each.until_at),
                "by": shelf.names.get(each.by, "staff"),
            }
            for each in shelf.closures
        ],
        zone=shelf.center.time_zone.replace("_", " "),
        given={name: field(request, name) for name in ("from", "until")},
        path="/facts",
    )


def _fact(shelf: Shelf, key: str) -> dict[str, Any]:
    fact, draft = Fact(shelf, key), shelf.open.get(Place("fact", key))
    return {
        "key": key,
        "title": fact.title,
        "value": fact.spoken,
        "example": key.partition(".")[0] in shelf.center.examples,
        "published": fact.place in shelf.published,
        "due": shelf.due(fact.place),
        "state": STATES[draft.state] if draft else "",
    }


@may("publish")
async def close(request: Request) -> HTTPResponse:
    """Say that the center is closed for a time."""
    zone = fragments_of(request).zone
    now, who = access_of(request).clock(), current(request).id
    begins = _moment(field(request, "from"), zone) if field(request, "from") else now
    ends = _moment(field(request, "until"), zone)
    if begins is None or ends is None:
        return await _facts(request, status=422, wrong=NO_TIME)
    number = await writer_of(request).write(
        lambda c: closures.close(c, begins, ends, who, now), limit=LIMIT
    )
    if number is None:
        return await _facts(request, status=422, wrong=OVER)
    return redirect("/facts", status=303)


def _moment(written: str, zone: Any) -> int | None:
    """Return a moment on the center's clock, in milliseconds since 1970."""
    try:
        at = datetime.strptime(written, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
        return int(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


@may("publish")
async def reopen(request: Request, number: int) -> HTTPResponse:
    """Take such a notice back."""
    who, now = current(request).id, access_of(request).clock()
    await writer_of(request).write(lambda c: closures.end(c, number, who, now), limit=LIMIT)
    return redirect("/facts", status=303)
