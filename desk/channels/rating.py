"""The public API's route for whether an answer helped."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from desk.answer_ratings import read_said
from desk.parts import Desk
from desk.reception import bearer
from desk.web_answers import address_of, json_answer


def routes() -> Blueprint:
    """Return the route."""
    api = Blueprint("rating", url_prefix="/api/v1")
    api.add_route(helped, "/helped", methods=["POST"])
    return api


async def helped(request: Request) -> HTTPResponse:
    """Keep whether an answer of the token's conversation helped."""
    desk: Desk = request.app.ctx.desk
    token = bearer(request.headers.get("authorization", ""))
    conversation_id = desk.reception.conversation(token)
    desk.reception.admit_click(conversation_id, address_of(request))
    said = read_said(request.body)
    await desk.answer_ratings.say(conversation_id, said)
    return json_answer({"message": said.seq, "helped": said.helped})
