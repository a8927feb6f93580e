"""The page on which an export is asked for, and the file, which is sent as it is read."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import access_of, clean, field
from console.conversations import errors, shown
from console.conversations.asked import Asked, asked_in
from console.conversations.listing import clock_of, resolved
from console.databases import LIMIT, database_of, writer_of
from console.exports.forms import FORMS, Form
from console.inbox.listing import fragments_of
from console.rendering import page
from store import audit, pouring, summaries, tags
from store import staff as accounts
from store.errors import StoreError
from store.filters import Filter
from store.masking import masked
from store.pouring import Place
from store.search import Query, query_of

SHORTEST, LONGEST = 5, 100
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

    def look(c: Connection) -> tuple[Asked, str, int, Any]:
        asked, words = resolved(c, found, clock, me)
        known = {name: name for name in {*names, *summaries.values_of(c, "intents")}}
        people = accounts.names(c)
        offered = shown.choices(known, [], [], people, tags.everything(c))
        return asked, words, pouring.count(c, asked.wanted, query_of(words)), offered

    asked, words, count, offered = await database_of(request).read(look, limit=_COUNTING)
    left_out = errors.LEFT_OUT.format(names=", ".join(found.left_out)) if found.left_out else ""
    return page(
        request,
        "exports/page.html",
        status=status,
        said=[each for each in (wrong, left_out) if each],
        set_=shown.in_words(asked.values, offered),
        words=words,
        count=count,
        forms=FORMS,
        query=found.query(),
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
    query, form = field(request, "list")[:2000], FORMS.get(field(request, "form"))
    if form is None:
        return await _page(request, query, 422, NO_FORM)
    unmasked = field(request, "identifiers") == "shown"
    # A reason must name nobody, but people forget.
    reason = masked(clean(field(request, "reason")))[:LONGEST]
    if unmasked and not current(request).may("unmask"):
        return page(request, "error.html", status=403, words=_NOT_UNMASKED)
    if unmasked and len(reason) < SHORTEST:
        return await _page(request, query, 422, NO_REASON)
    export, asked = await _planned(request, query, form, unmasked=unmasked)
    await _note_begin(request, export, asked, reason)
    await _send(request, export)
    return None


_NOT_UNMASKED = "Your role exports with identifiers hidden alone."


async def _planned(
    request: Request, query: str, form: Form, *, unmasked: bool
) -> tuple[_Export, Asked]:
    me, clock = current(request).id, clock_of(request)
    found = asked_in(query, clock, me)
    asked, words = await database_of(request).read(
        lambda c: resolved(c, found, clock, me), limit=LIMIT
    )
    key = secrets.token_urlsafe(8)
    return _Export(key, form, asked.wanted, query_of(words), unmasked), asked


async def _note_begin(request: Request, export: _Export, asked: Asked, reason: str) -> None:
    me, now = current(request).id, access_of(request).clock()
    # No word searched for is in it: the list's address has a key in its place.
    filters = asked.query() or "all conversations"
    detail = f"{export.form.suffix}, {filters}"[:_DETAIL]

    def write(c: Connection) -> None:
        audit.note(c, me, "exported", f"conversations {export.key}", detail, at=now)
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
