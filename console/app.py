"""The app that faces staff: pages of the log and of alerts, on a port of their own."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import RequestCancelled, SanicException
from sanic.handlers import ErrorHandler
from sanic.response import BaseHTTPResponse, html

from center.checklist import Checklist, draft_checklist
from console import (
    alerts,
    analytics,
    callbacks,
    crisis,
    exports,
    inbox,
    learning,
    privacy,
    publishing,
    shift,
)
from console.access import accounts, joining, own, set_up, sign_in
from console.access.errors import NOTHING_HERE
from console.access.guard import guard
from console.access.passwords import Passwords
from console.access.settings import Access
from console.conversations import routes as conversations
from console.rendering import page, render
from monitoring import trace
from monitoring import web as web_watch
from store.database import Database

logger = logging.getLogger(__name__)

App = Sanic[Any, Any]
_STATIC = Path(__file__).resolve().parent / "static"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_WHOLE = re.compile(r"[0-9]{1,16}")
"""A number in an address; longer ones are in no database, and SQLite takes none over 64 bits."""
UNREADABLE = "The log cannot be read just now. If it stays so, say the reference {reference}."
_GONE = 499
"""The status that nobody reads, of a request whose client has hung up; nginx's own."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": browsers would then say of the console's own forms that they are foreign.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Errors(ErrorHandler):
    """Says that something is not there or went wrong, and nothing else."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        """Return the answer to an exception."""
        if isinstance(exception, RequestCancelled):
            # Whoever asked has gone, as pages do that followed a stream.
            return HTTPResponse(status=_GONE)
        if isinstance(exception, SanicException) and exception.status_code < 500:
            return page(request, "error.html", status=404, words=NOTHING_HERE)
        logger.error("%s in the console", type(exception).__name__)
        words = UNREADABLE.format(reference=trace.spoken())
        return page(request, "error.html", status=503, words=words)

    @staticmethod
    def log(request: Request, exception: Exception) -> None:
        """Log nothing: Sanic's own line would hold the address."""


def _whole(written: str) -> int:
    if not _WHOLE.fullmatch(written):
        raise ValueError(written)
    return int(written)


def build_console(
    database_url: str,
    access: Access,
    *,
    checklist: Checklist | None = None,
    state: Path | None = None,
    name: str = "console",
) -> App:
    """Return the staff's app.

    Args:
        database_url: The log; pages read it on connections that cannot write.
        access: How staff enter, and under which addresses; other Host headers are refused, so that
            no website can reach it through a name of its own (DNS rebinding).
        checklist: What staff see at a crisis alert; without it, the draft.
        state: The folder beside the log with keys and the audit's former hashes.
        name: The app's name, which must be the only one of its kind in a process.
    """
    app: App = Sanic(name, configure_logging=False, error_handler=Errors())
    app.config.update(
        ACCESS_LOG=False,
        MOTD=False,
        # Sanic rewrites its own methods at a start, which a second app in the process breaks.
        TOUCHUP=False,
        REQUEST_MAX_SIZE=100_000,
        KEEP_ALIVE_TIMEOUT=15,
        GRACEFUL_SHUTDOWN_TIMEOUT=5.0,
        PROXIES_COUNT=access.proxies or None,
    )
    web_watch.watch(app, "console", proxies=access.proxies)
    app.ctx.access = access
    app.ctx.checklist = checklist or draft_checklist()
    app.ctx.state = state
    # Before the rooms, whose addresses have such numbers.
    app.router.register_pattern("whole", _whole, _WHOLE)
    for room in (
        inbox,
        conversations,
        alerts,
        crisis,
        callbacks,
        sign_in,
        joining,
        set_up,
        own,
        accounts,
        privacy,
        learning,
        analytics,
        exports,
        shift,
        publishing,
    ):
        app.blueprint(room.routes())
    for file in sorted(_STATIC.iterdir()):
        name = re.sub(r"\W", "_", file.name)
        app.static(f"/static/{file.name}", file, name=name, content_type=_KINDS[file.suffix])

    @app.before_server_start
    async def begin(app: App) -> None:
        app.ctx.database = Database(database_url, read_only=True)
        app.ctx.writer = Database(database_url)
        app.ctx.passwords = Passwords()

    inbox.live(app)
    publishing.live(app)

    @app.after_server_stop
    async def end(app: App) -> None:
        app.ctx.database.close()
        app.ctx.writer.close()
        app.ctx.passwords.close()

    @app.on_request
    async def check(request: Request) -> HTTPResponse | None:
        if request.headers.get("host", "").lower() not in access.origins:
            return html(render("error.html", words="This address is not served."), 421)
        return await guard(request)

    async def add_headers(request: Request, response: BaseHTTPResponse) -> None:
        response.headers.update(HEADERS)
        if request.path.startswith("/static/"):
            # Files hold nothing of anybody: kept, and asked for anew only when they have changed.
            response.headers["Cache-Control"] = "no-cache"
        if access.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    app.register_middleware(add_headers, "response")
    return app
