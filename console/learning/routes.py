"""The addresses of review and models."""

from __future__ import annotations

from sanic import Blueprint

from console.learning import models, reviewing, teaching

_ONE = "/review/<conversation:str>/<seq:whole>"


def routes() -> Blueprint:
    """Return the routes under /review and /models."""
    room = Blueprint("console_learning")
    room.add_route(reviewing.queue, "/review", methods=["GET"], name="queue")
    room.add_route(teaching.listing, "/review/teach", methods=["GET"], name="to_teach")
    room.add_route(teaching.examples, "/review/examples", methods=["GET"], name="examples")
    room.add_route(reviewing.correct, f"{_ONE}/correct", methods=["POST"], name="correct")
    room.add_route(reviewing.undo, f"{_ONE}/undo", methods=["POST"], name="undo")
    room.add_route(teaching.teach, f"{_ONE}/teach", methods=["POST"], name="teach")
    for name in ("approve", "remove"):
        address = f"/review/examples/<number:whole>/{name}"
        room.add_route(getattr(teaching, name), address, methods=["POST"], name=name)
    room.add_route(models.listing, "/models", methods=["GET"], name="models")
    room.add_route(models.ask, "/models", methods=["POST"], name="ask")
    room.add_route(models.back, "/models/back", methods=["POST"], name="back")
    room.add_route(models.show, "/models/<name:str>", methods=["GET"], name="model")
    room.add_route(models.accept, "/models/<name:str>/accept", methods=["POST"], name="accept")
    room.add_route(models.refuse, "/models/<name:str>/refuse", methods=["POST"], name="refuse")
    return room
