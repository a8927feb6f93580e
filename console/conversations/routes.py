"""The addresses of the list, of views, and of the marks of review."""

from __future__ import annotations

from sanic import Blueprint

from console.conversations import listing, marks, message, views

_ONE = "/conversations/<conversation:str>"


def routes() -> Blueprint:
    """Return the routes."""
    rooms = Blueprint("console_conversations")
    rooms.add_route(listing.show, "/conversations", methods=["GET"])
    rooms.add_route(listing.find, "/conversations/find", methods=["POST"])
    rooms.add_route(listing.next_unreviewed, "/conversations/next", methods=["GET"])
    rooms.add_route(message.show, f"{_ONE}/messages/<seq:whole>", methods=["GET"], name="message")
    for name, handler in marks.HANDLERS.items():
        rooms.add_route(handler, f"{_ONE}/{name}", methods=["POST"], name=f"mark_{name}")
    rooms.add_route(views.keep, "/views", methods=["POST"])
    rooms.add_route(views.remove, "/views/<number:whole>/remove", methods=["POST"])
    return rooms
