"""Shows one conversation as it was written, once, to whoever may and says why."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound

from console.access import current, may
from console.access.settings import access_of
from console.databases import LIMIT, database_of, writer_of
from console.inbox import reading, shown
from console.inbox.answering import said
from console.inbox.conversation import SIZE, conversation_page
from console.inbox.listing import fragments_of
from console.privacy.reasons import reason_of
from console.rendering import page
from store import audit

NO_REASON = "Say in a few words why you need to see it: 5 letters or more."


@may("unmask")
async def show(request: Request, conversation: str) -> HTTPResponse:
    """Show a conversation unmasked; that it was shown, and why, is noted first."""
    reason = reason_of(request)
    if reason is None:
        return await conversation_page(request, conversation, status=422, said=said(NO_REASON))
    found = await database_of(request).read(
        lambda c: reading.detail(c, conversation, size=SIZE), limit=LIMIT
    )
    if found is None:
        raise NotFound
    me, now, fragments = current(request).id, access_of(request).clock(), fragments_of(request)
    await writer_of(request).write(
        lambda c: audit.note(c, me, "unmasked", conversation, reason, at=now), limit=LIMIT
    )
    # Not a redirect: asked for again, the conversation is masked again.
    return page(
        request,
        "privacy/unmasked.html",
        id=conversation,
        label=shown.label(conversation, found.row.channel),
        entries=list(fragments.entries(found.messages, unmasked=True).values()),
        notes=[
            shown.note(row, found.names, fragments.zone, now, unmasked=True) for row in found.notes
        ],
        reason=reason,
        cut=len(found.messages) == SIZE,
        path="/conversations",
    )
