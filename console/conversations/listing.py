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
    Clock,
    asked,
    asked_in,
    number,
    place,
)
from console.conversations.resolving import Resolved, resolved
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

    of: Resolved
    lines: list[Summary] = field(default_factory=list)
    older: str | None = None
    through: bool = True
    first: bool = True
    alerts: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    choices: Mapping[str, tuple[str, shown.Choices]] = field(default_factory=dict)


def clock_of(request: Request) -> Clock:
    """Return the center's clock."""
    return Clock(access_of(request).clock(), fragments_of(request).zone)


@may("read")
async def show(request: Request) -> HTTPResponse:
    """Show conversations, newest first; those that have what is asked for."""
    return await list_page(request)


async def list_page(
    request: Request,
    *,
    query: str | None = None,
    status: int = 200,
    trouble: str = "",
    name: str | None = None,
) -> HTTPResponse:
    """Return the page of the list that an address asks for.

    Args:
        request: Whose.
        query: What stands behind the address's question mark; None for the request's own.
        status: The answer's status.
        trouble: What is said above the list.
        name: The name of a view that was not kept.
    """
    me, clock = current(request).id, clock_of(request)
    asked_ = asked_in(request.query_string if query is None else query, clock, me)
    before = request.args.get("before")
    titles = fragments_of(request).suggestions.titles
    found = await database_of(request).read(
        lambda c: _read(c, resolved(c, asked_, clock, me), me, before, titles), limit=LIMIT
    )
    said = [trouble, *found.of.troubles, *_said(request)]
    return _answer(request, found, status, said, name)


def _said(request: Request) -> list[str]:
    """Return what is to be said of what was done before."""
    words = {
        "identifiers": errors.IDENTIFIERS,
        "no-word": errors.NO_WORD,
        "none-left": errors.ALL_REVIEWED,
    }
    return [words[each] for each in words if each in request.args]


def _read(
    c: Connection, of: Resolved, me: str, before: str | None, titles: Mapping[str, str]
) -> _Page:
    found = _Page(of, first=before is None)
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


def _intents(c: Connection, titles: Mapping[str, str]) -> dict[str, str]:
    known = summaries.values_of(c, "intents")
    return {name: name for name in sorted({*titles, *known})}


def _fill(c: Connection, found: _Page, before: str | None) -> None:
    query, wanted = found.of.query, found.of.asked.wanted
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
    request: Request, found: _Page, status: int, said: list[str], name: str | None
) -> HTTPResponse:
    fragments, asked_, words = fragments_of(request), found.of.asked, found.of.words
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
        words=words,
        longest=search.LONGEST,
        filtered=bool(asked_.values or words),
        query=asked_.query(),
        older=asked_.query(before=found.older) if found.older else None,
        through=found.through,
        first=found.first,
        said=[each for each in said if each],
        alerts=found.alerts,
        views=found.views,
        view=found.of.view,
        name=name,
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
    more = {"identifiers": 1} if hidden else {}
    if words and search.query_of(words) is None:
        more = more or {"no-word": 1}
    elif words:
        key = secrets.token_urlsafe(16)
        await writer_of(request).write(
            lambda c: views.remember(c, me, key, words, clock.now), limit=LIMIT
        )
        found = replace(found, search=key)
    # What was not understood is said where the list is shown.
    return redirect(f"/conversations?{found.anew(**more)}".rstrip("?"), status=303)


@may("read")
async def next_unreviewed(request: Request) -> HTTPResponse:
    """Lead to the next conversation of the list that waits for review."""
    me, clock = current(request).id, clock_of(request)
    found = asked_in(request.query_string, clock, me)
    after = request.args.get("after") or ""

    def look(c: Connection) -> tuple[Resolved, str | None]:
        of = resolved(c, found, clock, me)
        wanted = replace(of.asked.wanted, reviewed=False)
        if of.troubles:
            return of, None
        if of.query is not None:
            return of, search.following(c, of.query, wanted, after)
        return of, review.following(c, wanted, review.place_of(c, after))

    of, conversation = await database_of(request).read(look, limit=LIMIT)
    if of.troubles:
        # The list says what is gone, or was not understood.
        return redirect(f"/conversations?{found.anew()}", status=303)
    if conversation is None:
        return redirect(f"/conversations?{of.asked.query(**{'none-left': 1})}", status=303)
    return redirect(f"/conversations/{conversation}?{of.asked.query()}".rstrip("?"), status=303)
