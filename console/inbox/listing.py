"""The inbox as a page, and the stream that keeps pages up to date."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sanic import HTTPResponse, Request
from sanic.response import redirect, text
from sqlalchemy import Connection

from console.access import current, may, still_open
from console.access.marks import session_of
from console.access.settings import access_of, digits
from console.databases import LIMIT, database_of, writer_of
from console.inbox import board, errors, shown
from console.inbox.fragments import Fragments
from console.inbox.hub import Hub, TooManyError
from console.inbox.noting import note_look
from console.inbox.stream import Stream
from console.rendering import page
from store import inbox, seen
from store import staff as accounts
from store.errors import StoreError

CHECK = 3.0
"""Seconds between two looks whether the person is still signed in; proxies see the stream live."""
_PATIENCE = 10.0
"""Seconds that a page may take for one event before it is cut off."""
_LONGEST_ID, _LONGEST_SEQ = 64, 16
_EMPTY = {
    "waiting": "Nobody waits.",
    "mine": "You have no conversation.",
    "all": "No conversation is with staff, and nobody waits.",
    "snoozed": "Nothing is snoozed.",
}
Send = Callable[[bytes], Awaitable[None]]


@may("read")
async def home(request: Request) -> HTTPResponse:
    """Lead to the inbox."""
    return redirect("/inbox", status=303)


@may("read")
async def page_of_tab(request: Request) -> HTTPResponse:
    """Show a tab of the inbox."""
    return await _listing(request)


@may("read", by_itself=True)
async def anew(request: Request) -> HTTPResponse:
    """Show a tab as a page without scripts loads it by itself, which keeps no session open."""
    return await _listing(request)


async def _listing(request: Request) -> HTTPResponse:
    me, tab = current(request), _tab(request) or "waiting"
    rows, names = await database_of(request).read(
        lambda c: (inbox.listed(c), accounts.names(c)), limit=LIMIT
    )
    ids = [row.id for row in rows]
    read_to = await database_of(request).read(lambda c: seen.up_to(c, me.id, ids), limit=LIMIT)
    fragments, now = fragments_of(request), board.Board(rows)
    return page(
        request,
        "inbox/list.html",
        tab=tab,
        tabs=board.TABS,
        counts=now.counts(me, read_to),
        rows=[
            fragments.row(row, names, me, unread=board.is_unread(row, read_to))
            for row in now.shown(tab, me)
        ],
        empty=_EMPTY[tab],
        most=board.MOST,
        path="/inbox",
    )


def fragments_of(request: Request) -> Fragments:
    """Return what makes pieces of pages."""
    fragments: Fragments = request.app.ctx.fragments
    return fragments


def _tab(request: Request) -> str | None:
    tab = request.args.get("tab")
    return tab if tab in board.TABS else None


@may("read", by_itself=True)
async def events(request: Request) -> HTTPResponse | None:
    """Stream what changes of a tab, of a conversation, or of the counts alone."""
    hub: Hub = request.app.ctx.hub
    session, conversation = session_of(request), request.args.get("conversation")
    stream = Stream(
        current(request),
        session.proof if session else "",
        tab=_tab(request),
        conversation=conversation if conversation and len(conversation) <= _LONGEST_ID else None,
    )
    if stream.conversation is not None:
        await _note_read(request, stream.conversation)
    after = request.headers.get("last-event-id") or request.args.get("after")
    try:
        await hub.join(stream, digits(after, _LONGEST_SEQ) or 0)
    except TooManyError:
        return text(errors.TOO_MANY_STREAMS, 429)
    try:
        response = await request.respond(
            content_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )
        with suppress(TimeoutError):
            await _send(response.send, stream, request)
        await response.eof()
    finally:
        hub.leave(stream)
        await _note_seen(request, stream)
    return None


async def _note_read(request: Request, conversation: str) -> None:
    """Note that somebody reads a conversation, and whether as it was written."""
    me, now = current(request), access_of(request).clock()

    def write(c: Connection) -> None:
        found = inbox.one(c, conversation)
        if found is not None:
            note_look(c, me.id, conversation, now, own=shown.owns(found, me))

    # As on its page: staff must see it even while the database takes no writes.
    with suppress(StoreError):
        await writer_of(request).write(write, limit=LIMIT)


async def _send(send: Send, stream: Stream, request: Request) -> None:
    """Send events until the stream, or the session, is over.

    Raises:
        TimeoutError: The page does not take them.
    """
    await _one(send, b"retry: 1000\n\n")
    checked = time.monotonic()
    while True:
        event: bytes | None = b": ping\n\n"
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK):
                event = await stream.next()
        if event is None:
            return
        if time.monotonic() - checked >= CHECK:
            checked = time.monotonic()
            if not await _signed_in(request):
                await _one(send, b"event: over\ndata: {}\n\n")
                return
        await _one(send, event)


async def _signed_in(request: Request) -> bool:
    try:
        return await still_open(request)
    except StoreError:
        # Nobody is sent away because the database was busy; the next look tells.
        return True


async def _one(send: Send, event: bytes) -> None:
    async with asyncio.timeout(_PATIENCE):
        await send(event)


async def _note_seen(request: Request, stream: Stream) -> None:
    conversation, who = stream.conversation, stream.me.id
    seq = stream.seen.get(conversation or "", 0)
    if conversation is None or not seq:
        return
    with suppress(StoreError):
        await writer_of(request).write(lambda c: seen.mark(c, who, conversation, seq), limit=LIMIT)
