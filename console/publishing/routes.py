"""The addresses of answers and facts."""

from __future__ import annotations

from sanic import Blueprint

from console.publishing import deeds, listing

_TEXT, _FACT = "/answers/<name:str>/<form:str>", "/facts/<name:str>"


def routes() -> Blueprint:
    """Return the routes under /answers and /facts."""
    room = Blueprint("console_publishing")
    room.add_route(listing.answers, "/answers", methods=["GET"], name="answers")
    room.add_route(deeds.look, "/answers/<name:str>", methods=["GET"], name="answer")
    room.add_route(listing.facts, "/facts", methods=["GET"], name="facts")
    room.add_route(deeds.look_at_fact, _FACT, methods=["GET"], name="fact")
    for word, handler in deeds.HANDLERS.items():
        room.add_route(handler, f"{_TEXT}/{word}", methods=["POST"], name=f"text_{word}")
        room.add_route(handler, f"{_FACT}/{word}", methods=["POST"], name=f"fact_{word}")
    crisis = f"{_TEXT}/approve-crisis"
    room.add_route(deeds.approve_crisis, crisis, methods=["POST"], name="approve_crisis")
    room.add_route(listing.close, "/closures", methods=["POST"], name="close")
    room.add_route(listing.reopen, "/closures/<number:whole>/end", methods=["POST"], name="reopen")
    return room
