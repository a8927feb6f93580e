"""The list of all conversations: filtered, searched, page by page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import access_of
from console.access.settings import field as posted
from console.conversations import errors, shown
from console.conversations.asked import (
    DAYS,
    NAMES,
    Asked,
    Clock,
    asked,
    asked_in,
    number,
    place,
    with_view,
)
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.rendering import page
from store import alert_lists, review, search, summaries, tags, views
from store import staff as accounts
from store.review import Summary
from store.views import View

PAGE = 50


@dataclass
class _Page:
    """What the page needs of the store, read in one transaction."""

    asked: Asked
    words: str = ""
    lines: list[Summary] = field(default_factory=list)
    older: str | None = None
    through: bool = True
    trouble: str = ""
    alerts: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    view: View | None = None
    choices: Mapping[str, tuple[str, shown.Choices]] = field(default_factory=dict)


def clock_of(request: Request) -> Clock:
    """Return the center's clock."""
    return Clock(access_of(request).clock(), fragments_of(request).zone)


@may("read")
async def show(request: Request) -> HTTPResponse:
    """Show conversations, newest first; those that have what is asked for."""
    return await list_page(request)


async def list_page(request: Request, *, status: int = 200, trouble: str = "") -> HTTPResponse:
    """Return the page of the list that the address asks for.

    Args:
        request: Whose.
        status: The answer's status.
        trouble: What is said above the list.
    """
    values = {name: request.args.get(name) or "" for name in (*NAMES, "s", "view")}
    me, clock = current(request).id, clock_of(request)
    before = request.args.get("before")
    titles = fragments_of(request).suggestions.titles
    found = await database_of(request).read(
        lambda c: _read(c, values, clock, me, before, titles), limit=LIMIT
    )
    return _answer(request, found, first=before is None, status=status, trouble=trouble)


def _read(
    c: Connection,
    values: Mapping[str, str],
    clock: Clock,
    me: str,
    before: str | None,
    titles: Mapping[str, str],
) -> _Page:
    found = _Page(asked(values, clock, me))
    _resolve(c, found, clock, me)
    _fill(c, found, before)
    found.alerts = alert_lists.count_open(c)
    found.names = accounts.names(c)
    found.views = views.of(c, me)
    found.choices = shown.choices(
        _intents(c, titles),
        summaries.values_of(c, "models"),
        summaries.values_of(c, "languages"),
        {account.id: account.name for account in accounts.everyone(c) if not account.closed_at},
        tags.everything(c),
    )
    return found


def _resolve(c: Connection, found: _Page, clock: Clock, me: str) -> None:
    """Find the view, or what is searched for; say so where it is gone."""
    if found.asked.view is not None:
        found.view = views.one(c, me, found.asked.view)
        found.trouble = "" if found.view else errors.NO_VIEW
    elif found.asked.search is not None:
        known = views.words_of(c, me, found.asked.search) is not None
        found.trouble = "" if known else errors.FORGOTTEN
    found.asked, found.words = resolved(c, found.asked, clock, me)
    if found.trouble:
        found.asked = replace(found.asked, view=None, search=None)


def _intents(c: Connection, titles: Mapping[str, str]) -> dict[str, str]:
    known = summaries.values_of(c, "intents")
    return {name: name for name in sorted({*titles, *known})}


def _fill(c: Connection, found: _Page, before: str | None) -> None:
    query = search.query_of(found.words) if found.words else None
    wanted = found.asked.wanted
    if query is not None:
        hits = review.found(c, query, wanted, before=number(before), size=PAGE)
        found.lines, found.through = hits.lines, hits.looked_through
        found.older = str(hits.older) if hits.older is not None else None
        return
    lines = review.page(c, wanted, before=place(before), size=PAGE + 1)
    found.lines = lines[:PAGE]
    if len(lines) > PAGE:
        last = found.lines[-1]
        found.older = f"{last.last_at}-{last.id}"


def _answer(
    request: Request, found: _Page, *, first: bool, status: int, trouble: str
) -> HTTPResponse:
    fragments, asked_ = fragments_of(request), found.asked
    left_out = errors.LEFT_OUT.format(names=", ".join(asked_.left_out)) if asked_.left_out else ""
    said = [trouble, found.trouble, left_out]
    said += [errors.IDENTIFIERS] if "identifiers" in request.args else []
    said += [errors.ALL_REVIEWED] if "none-left" in request.args else []
    filtered = bool(asked_.values or found.words)
    return page(
        request,
        "conversations/list.html",
        status=status,
        rows=[shown.line(row, found.names, fragments) for row in found.lines],
        choices=found.choices,
        numbers=shown.NUMBERS,
        days=DAYS,
        values=asked_.values,
        set_=shown.in_words(asked_.values, found.choices),
        words=found.words,
        longest=search.LONGEST,
        filtered=filtered,
        query=asked_.query(),
        older=asked_.query(before=found.older) if found.older else None,
        through=found.through,
        first=first,
        said=[each for each in said if each],
        alerts=found.alerts,
        views=found.views,
        view=found.view,
        names=found.names,
        name_longest=views.LONGEST,
        path="/conversations",
    )


@may("read")
async def find(request: Request) -> HTTPResponse:
    """Take the form of the filters, and lead to the list's address; the words stay out of it."""
    me, clock = current(request).id, clock_of(request)
    values = {name: posted(request, name) for name in NAMES}
    found = asked(values, clock, me)
    words, hidden = search.without_identifiers(posted(request, "words"))
    if words:
        key = secrets.token_urlsafe(16)
        await writer_of(request).write(
            lambda c: views.remember(c, me, key, words, clock.now), limit=LIMIT
        )
        found = replace(found, search=key)
    query = found.query(**({"identifiers": 1} if hidden else {}))
    # What was not understood is said where the list is shown.
    wrong = "".join(f"&{name}=%3F" for name in found.left_out)
    return redirect(f"/conversations?{query}{wrong}".rstrip("?"), status=303)


@may("read")
async def next_unreviewed(request: Request) -> HTTPResponse:
    """Lead to the next conversation of the list that waits for review."""
    me, clock = current(request).id, clock_of(request)
    found = asked_in(request.query_string, clock, me)
    after = request.args.get("after") or ""

    def look(c: Connection) -> tuple[Asked, str | None]:
        asked_, words = resolved(c, found, clock, me)
        wanted = replace(asked_.wanted, reviewed=False)
        query = search.query_of(words)
        if query is not None:
            return asked_, search.following(c, query, wanted, after)
        return asked_, review.following(c, wanted, review.place_of(c, after))

    asked_, conversation = await database_of(request).read(look, limit=LIMIT)
    if conversation is None:
        return redirect(f"/conversations?{asked_.query(**{'none-left': 1})}", status=303)
    return redirect(f"/conversations/{conversation}?{asked_.query()}".rstrip("?"), status=303)


def resolved(c: Connection, found: Asked, clock: Clock, me: str) -> tuple[Asked, str]:
    """Return what is asked for with the filters of its view, and the words searched for."""
    if found.view is not None:
        view = views.one(c, me, found.view)
        if view is not None:
            return with_view(found, view.filters, clock, me), view.words
    if found.search is not None:
        return found, views.words_of(c, me, found.search) or ""
    return found, ""
