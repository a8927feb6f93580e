"""The public API's routes for codes of return."""

from __future__ import annotations

from typing import Any

import orjson
from sanic import Blueprint, HTTPResponse, Request

from answers.catalogue import Spoken
from desk.items import moment
from desk.lines import CODE
from desk.parts import Desk
from desk.reception import bearer
from desk.refusals import RefusedError
from desk.web_answers import address_of, json_answer
from store.errors import StoreError


def routes() -> Blueprint:
    """Return the routes."""
    api = Blueprint("returning", url_prefix="/api/v1")
    api.add_route(make, "/return-codes", methods=["POST"], name="make")
    api.add_route(take, "/return", methods=["POST"], name="take")
    return api


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.ctx.desk
    return desk


async def make(request: Request) -> HTTPResponse:
    """Return a code of the token's conversation."""
    desk = _desk(request)
    token = bearer(request.headers.get("authorization", ""))
    conversation_id = desk.reception.conversation(token)
    code, until = await desk.return_codes.make(conversation_id)
    spoken = await words_on(desk, conversation_id, code)
    body = {"code": code, "until": moment(until), "text": spoken.text}
    return json_answer(body | ({"lang": spoken.language} if spoken.language else {}), 201)


async def words_on(desk: Desk, conversation_id: str, code: str) -> Spoken:
    """Return what is said of a code, in the language of its conversation."""
    live = await desk.turns.open(conversation_id)
    return desk.lines.say(CODE, language=live.language, also={"return_code": code})


async def take(request: Request) -> HTTPResponse:
    """Exchange a code for a token, with what was said so far."""
    desk = _desk(request)
    returned = await desk.return_codes.take(_code(request.body), address_of(request))
    try:
        found = await desk.turns.history(returned.conversation_id, 0)
    except StoreError:
        # The token is good all the same; the client asks for the messages again.
        found = []
    body = {
        "token": returned.token,
        "expires": returned.expires.isoformat().replace("+00:00", "Z"),
        "messages": await desk.answer_ratings.items(returned.conversation_id, found),
    }
    return json_answer(body)


def _code(body: bytes) -> str:
    try:
        read: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RefusedError("not_json") from None
    code = read.get("code") if isinstance(read, dict) else None
    if not isinstance(code, str):
        raise RefusedError("code_unknown")
    return code
