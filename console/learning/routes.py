"""The addresses of review and models."""

from __future__ import annotations

from sanic import Blueprint

from console.learning import models, reviewing, stories, teaching

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
    _stories(room)
    room.add_route(models.listing, "/models", methods=["GET"], name="models")
    room.add_route(models.ask, "/models", methods=["POST"], name="ask")
    room.add_route(models.back, "/models/back", methods=["POST"], name="back")
    room.add_route(models.show, "/models/<name:str>", methods=["GET"], name="model")
    room.add_route(models.accept, "/models/<name:str>/accept", methods=["POST"], name="accept")
    room.add_route(models.refuse, "/models/<name:str>/refuse", methods=["POST"], name="refuse")
    return room


def _stories(room: Blueprint) -> None:
    form, every = "/conversations/<conversation:str>/story", "/review/stories"
    room.add_route(stories.form, form, methods=["GET"], name="story_form")
    room.add_route(stories.save, form, methods=["POST"], name="story_save")
    room.add_route(stories.listing, every, methods=["GET"], name="stories")
    room.add_route(stories.export, f"{every}/export", methods=["POST"], name="stories_export")
    one = f"{every}/<number:whole>"
    room.add_route(stories.show, one, methods=["GET"], name="story")
    room.add_route(stories.delete, f"{one}/delete", methods=["POST"], name="story_delete")
