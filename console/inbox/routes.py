"""The inbox's addresses, and what lives as long as the console."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Sanic

from answers.catalogue import load_catalogue
from center.current import current_center
from console.inbox import canned, conversation, deeds, listing, replies
from console.inbox.fragments import Fragments
from console.inbox.hub import Hub
from console.inbox.suggestions import Suggestions

_ONE = "/conversations/<conversation:str>"


def routes() -> Blueprint:
    """Return the routes of the inbox and of single conversations."""
    inbox = Blueprint("console_inbox")
    inbox.add_route(listing.home, "/", methods=["GET"])
    inbox.add_route(listing.page_of_tab, "/inbox", methods=["GET"])
    inbox.add_route(listing.anew, "/inbox/anew", methods=["GET"])
    inbox.add_route(listing.events, "/inbox/events", methods=["GET"])
    inbox.add_route(conversation.show, _ONE, methods=["GET"])
    inbox.add_route(replies.reply, f"{_ONE}/reply", methods=["POST"])
    inbox.add_route(replies.insert, f"{_ONE}/insert", methods=["POST"])
    for name, handler in deeds.HANDLERS.items():
        inbox.add_route(handler, f"{_ONE}/{name}", methods=["POST"], name=f"deed_{name}")
    inbox.add_route(canned.listing, "/canned", methods=["GET"], name="canned")
    inbox.add_route(canned.add, "/canned", methods=["POST"], name="canned_add")
    inbox.add_route(canned.remove, "/canned/<number:whole>/remove", methods=["POST"])
    return inbox


def live(app: Sanic[Any, Any]) -> None:
    """Follow the feed while the app serves; call it before it starts."""

    @app.before_server_start
    async def begin(app: Sanic[Any, Any]) -> None:
        center, clock = current_center(), app.ctx.access.clock
        fragments = Fragments(center, Suggestions(load_catalogue(), center), clock)
        app.ctx.fragments = fragments
        app.ctx.hub = Hub(app.ctx.database, fragments)

    @app.before_server_stop
    async def end_streams(app: Sanic[Any, Any]) -> None:
        # An open stream would hold up the end by many seconds.
        app.ctx.hub.end_streams()
