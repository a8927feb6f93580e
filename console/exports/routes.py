"""The page on which an export is asked for, and the file, which is sent as it is read."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import access_of, field
from console.conversations import shown
from console.conversations.asked import asked_in
from console.conversations.listing import clock_of
from console.conversations.resolving import Resolved, resolved
from console.databases import LIMIT, database_of, writer_of
from console.exports.forms import FORMS, Form
from console.inbox.listing import fragments_of
from console.privacy.reasons import LONGEST, reason_of
from console.rendering import page
from store import audit, pouring, summaries, tags
from store import staff as accounts
from store.errors import StoreError
from store.filters import Filter
from store.pouring import Place
from store.search import Query

_DETAIL = 128
_COUNTING = 30.0
NO_REASON = "Say in a few words why identifiers are needed: 5 letters or more."
NO_FORM = "Choose one of the two forms."


def routes() -> Blueprint:
    """Return the routes under /exports."""
    exports = Blueprint("console_exports")
    exports.add_route(show, "/exports", methods=["GET"], name="exports")
    exports.add_route(give, "/exports", methods=["POST"], name="export")
    return exports


@may("export")
async def show(request: Request) -> HTTPResponse:
    """Show what an export of a list would hold, and the form."""
    return await _page(request, request.query_string)


async def _page(request: Request, query: str, status: int = 200, wrong: str = "") -> HTTPResponse:
    me, clock = current(request).id, clock_of(request)
    found = asked_in(query, clock, me)
    names = fragments_of(request).suggestions.titles

    def look(c: Connection) -> tuple[Resolved, int, Any]:
        of = resolved(c, found, clock, me)
        known = {name: name for name in {*names, *summaries.values_of(c, "intents")}}
        people = accounts.names(c)
        offered = shown.choices(known, [], [], people, tags.everything(c))
        count = 0 if of.troubles else pouring.count(c, of.asked.wanted, of.query)
        return of, count, offered

    of, count, offered = await database_of(request).read(look, limit=_COUNTING)
    return page(
        request,
        "exports/page.html",
        status=status,
        said=[each for each in (wrong, *of.troubles) if each],
        whole=not of.troubles,
        set_=shown.in_words(of.asked.values, offered),
        words=of.words,
        count=count,
        forms=FORMS,
        query=of.asked.query(),
        longest=LONGEST,
        path="/exports",
    )


@dataclass(frozen=True)
class _Export:
    """One export."""

    key: str
    form: Form
    wanted: Filter
    words: Query | None
    unmasked: bool


@may("export")
async def give(request: Request) -> HTTPResponse | None:
    """Send the file, as it is read; who took it, and how much it was, is noted."""
    query, form = field(request, "list"), FORMS.get(field(request, "form"))
    if form is None:
        return await _page(request, query, 422, NO_FORM)
    unmasked = field(request, "identifiers") == "shown"
    reason = reason_of(request)
    if unmasked and not current(request).may("unmask"):
        return page(request, "error.html", status=403, words=_NOT_UNMASKED)
    if unmasked and reason is None:
        return await _page(request, query, 422, NO_REASON)
    of = await _resolved(request, query)
    if of.troubles:
        # Without what is gone it would be all conversations.
        return await _page(request, query, 422)
    key = secrets.token_urlsafe(8)
    export = _Export(key, form, of.asked.wanted, of.query, unmasked)
    await _note_begin(request, export, _filters(of), reason)
    await _send(request, export)
    return None


_NOT_UNMASKED = "Your role exports with identifiers hidden alone."


async def _resolved(request: Request, query: str) -> Resolved:
    me, clock = current(request).id, clock_of(request)
    found = asked_in(query, clock, me)
    return await database_of(request).read(lambda c: resolved(c, found, clock, me), limit=LIMIT)


def _filters(of: Resolved) -> str:
    """Return what was asked for, as it is at this moment; no word searched for is in it."""
    if of.view is None:
        return of.asked.query() or "all conversations"
    parts = f"view={of.view.id}", "words" if of.words else "", urlencode(of.asked.values)
    return "&".join(filter(None, parts))


async def _note_begin(request: Request, export: _Export, filters: str, reason: str | None) -> None:
    me, now = current(request).id, access_of(request).clock()
    detail = f"{export.form.suffix}, {filters}"

    def write(c: Connection) -> None:
        # All of them: filters that are longer than a row's detail go on in the next row.
        for begin in range(0, len(detail), _DETAIL):
            part = detail[begin : begin + _DETAIL]
            audit.note(c, me, "exported", f"conversations {export.key}", part, at=now)
        if export.unmasked:
            audit.note(c, me, "unmasked", f"conversations {export.key}", reason, at=now)

    # Before the first line leaves: what cannot be noted is not given.
    await writer_of(request).write(write, limit=LIMIT)


async def _send(request: Request, export: _Export) -> None:
    day, form = clock_of(request).today, export.form
    name = f"conversations-{day}-{export.key}.{form.suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response: Any = await request.respond(content_type=form.kind, headers=headers)
    sent = _Sent()
    try:
        await response.send(form.begin)
        async for lines in _read(request, export, sent):
            await response.send(lines)
        sent.whole = True
    finally:
        # Before the end of the file: whoever has all of it is noted.
        await _note_end(request, export, sent)
    await response.eof()


@dataclass
class _Sent:
    """What has gone out so far."""

    conversations: int = 0
    messages: int = 0
    whole: bool = False


async def _read(request: Request, export: _Export, sent: _Sent) -> AsyncIterator[str]:
    zone = clock_of(request).zone
    after: Place | None = None

    def look(c: Connection) -> tuple[str, Place | None, int, int]:
        found = pouring.batch(c, export.wanted, export.words, after=after, unmasked=export.unmasked)
        count = sum(len(each.messages) for each in found)
        # Written here, in the reader's thread, so that nobody waits for it.
        lines = export.form.lines(found, zone)
        return lines, found[-1].place if found else None, len(found), count

    while True:
        lines, after, conversations, messages = await database_of(request).read(look)
        if not conversations:
            return
        sent.conversations += conversations
        sent.messages += messages
        yield lines


async def _note_end(request: Request, export: _Export, sent: _Sent) -> None:
    me, now = current(request).id, access_of(request).clock()
    how = "" if sent.whole else ", broken off"
    detail = f"{sent.conversations} conversations, {sent.messages} messages{how}"
    with suppress(StoreError):
        await writer_of(request).write(
            lambda c: audit.note(
                c, me, "export ended", f"conversations {export.key}", detail, at=now
            ),
            limit=LIMIT,
        )
