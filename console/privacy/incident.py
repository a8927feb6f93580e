"""The file on one crisis, by one press."""

from __future__ import annotations

import orjson
from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound

from console.access import current, may
from console.access.settings import access_of
from console.databases import LIMIT, writer_of
from store import incidents


@may("incident")
async def give(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Give the file; what was said stands in it unmasked for whoever answers for privacy."""
    me, now = current(request), access_of(request).clock()
    unmasked = me.may("privacy")
    file = await writer_of(request).write(
        lambda c: incidents.incident(c, conversation, seq, unmasked=unmasked, by=me.id, at=now),
        limit=LIMIT,
    )
    if file is None:
        raise NotFound
    headers = {"Content-Disposition": 'attachment; filename="incident.json"'}
    body = orjson.dumps(file, option=orjson.OPT_INDENT_2)
    return HTTPResponse(body, 200, headers, "application/json; charset=utf-8")
