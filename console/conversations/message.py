"""One message with its tags and its flag, to change them."""

from __future__ import annotations

from contextlib import suppress

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sqlalchemy import Connection

from console.access import current, may
from console.conversations.asked import asked_in
from console.conversations.listing import clock_of
from console.databases import LIMIT, database_of, writer_of
from console.inbox import shown
from console.inbox.listing import fragments_of
from console.rendering import page
from store import audit, review, tags
from store.errors import StoreError


@may("review")
async def show(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Show a message, masked, and what can be put on it."""

    def look(c: Connection) -> tuple[dict[str, object] | None, str, dict[int, str]]:
        rows = review.marked(c, conversation, review.tail(c, conversation, before=seq + 1, size=1))
        found = rows[0] if rows and rows[0]["seq"] == seq else None
        head = review.head(c, conversation)
        return found, head["channel"] if head else "", tags.everything(c)

    row, channel, known = await database_of(request).read(look, limit=LIMIT)
    if row is None:
        raise NotFound
    who, now = current(request).id, clock_of(request).now
    # Staff must see it even while the database takes no writes.
    with suppress(StoreError):
        await writer_of(request).write(
            lambda c: audit.note(c, who, "read", conversation, at=now), limit=LIMIT
        )
    fragments = fragments_of(request)
    query = asked_in(request.query_string, clock_of(request), current(request).id).query()
    return page(
        request,
        "conversations/message.html",
        id=conversation,
        label=shown.label(conversation, channel),
        entry=shown.message(row, fragments.zone, fragments.clock()),
        known=known,
        longest=tags.LONGEST,
        query=query,
        path="/conversations",
    )
