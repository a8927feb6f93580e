"""One conversation as a page."""

from __future__ import annotations

import secrets
from contextlib import suppress

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sqlalchemy import Connection

from console.access import current, may
from console.access.marks import session_of
from console.access.settings import digits
from console.conversations.asked import NAMES, Clock, asked
from console.databases import LIMIT, database_of, writer_of
from console.inbox import reading, shown
from console.inbox.listing import fragments_of
from console.inbox.noting import AS_OWNER
from console.rendering import page
from store import audit, canned, seen
from store.errors import StoreError

SIZE = 200
"""Messages on one page."""
LONGEST = 4000
"""Characters of an answer or a note."""


@may("read")
async def show(request: Request, conversation: str) -> HTTPResponse:
    """Show a conversation; that somebody has read it is noted."""
    return await conversation_page(request, conversation)


def new_client_id() -> str:
    """Return an id for an answer that is about to be written: sent twice, it is taken once."""
    return secrets.token_urlsafe(16)


async def conversation_page(
    request: Request,
    conversation: str,
    *,
    status: int = 200,
    text: str = "",
    said: str = "",
    client_id: str | None = None,
) -> HTTPResponse:
    """Return the page of a conversation.

    Args:
        request: Whose.
        conversation: The conversation's id.
        status: The answer's status.
        text: What stands in the box for an answer.
        said: What is said above it, as HTML.
        client_id: The id of the answer that stands in the box, if it has one already.

    Raises:
        NotFound: There is no such conversation.
    """
    before = digits(request.args.get("before"), 16)
    found, texts = await database_of(request).read(
        lambda c: (
            reading.detail(c, conversation, before=before, size=SIZE + 1),
            canned.everything(c),
        ),
        limit=LIMIT,
    )
    if found is None:
        raise NotFound
    me, fragments, session = current(request), fragments_of(request), session_of(request)
    own = shown.owns(found.row, me)
    await _note(request, conversation, found.row.heard, own=own)
    messages = found.messages[-SIZE:]
    regions = fragments.regions(found, me, session.proof if session else "", [])
    return page(
        request,
        "inbox/conversation.html",
        status=status,
        id=conversation,
        label=shown.label(conversation, found.row.channel),
        channel=shown.CHANNELS.get(found.row.channel, found.row.channel),
        drill=found.row.drill,
        began=fragments.moment(found.row.created_at),
        entries=list(fragments.entries(messages, unmasked=own, marks=True).values()),
        own=own,
        earlier=messages[0]["seq"] if len(found.messages) > SIZE else None,
        before=before,
        last=messages[-1]["seq"] if messages else 0,
        listed=_list_of(request),
        may_reply=me.may("reply") and not found.row.drill and before is None,
        canned=texts,
        longest=LONGEST,
        text=text,
        said=said,
        client_id=client_id or new_client_id(),
        **regions,
    )


def _list_of(request: Request) -> str:
    """Return the list that somebody came from, as its address has it; empty for none."""
    fragments, names = fragments_of(request), (*NAMES, "s", "view")
    clock = Clock(fragments.clock(), fragments.zone)
    values = {name: request.args.get(name) or "" for name in names}
    return asked(values, clock, current(request).id).query()


async def _note(request: Request, conversation: str, heard: int, *, own: bool) -> None:
    who, now = current(request).id, request.app.ctx.access.clock()

    def write(c: Connection) -> None:
        audit.note(c, who, "read", conversation, AS_OWNER if own else None, at=now)
        seen.mark(c, who, conversation, heard)

    # Staff must see a conversation even while the database takes no writes.
    with suppress(StoreError):
        await writer_of(request).write(write, limit=LIMIT)
    request.app.ctx.hub.saw(who, conversation, heard)
