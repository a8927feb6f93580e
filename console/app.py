"""The app that faces staff: pages of the log and of alerts, on a port of their own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.response import BaseHTTPResponse, html

from console import alerts, pages
from console.sessions import Sessions
from store.database import Database

logger = logging.getLogger(__name__)

App = Sanic[Any, Any]
_STATIC = Path(__file__).resolve().parent / "static"
_HOSTS = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
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
        if isinstance(exception, SanicException) and exception.status_code < 500:
            return html(pages.render("error.html", words="There is nothing here."), 404)
        logger.error("%s in the console", type(exception).__name__)
        return html(pages.render("error.html", words="The log cannot be read just now."), 503)

    @staticmethod
    def log(request: Request, exception: Exception) -> None:
        """Log nothing: Sanic's own line would hold the address."""


def build_console(
    database_url: str, sessions: Sessions, *, ports: Sequence[int], name: str = "console"
) -> App:
    """Return the staff's app.

    Args:
        database_url: The log; pages read it on connections that cannot write.
        sessions: Who may enter.
        ports: Ports under which it is asked for; other Host headers are refused, so that no
            website can reach it through a name of its own (DNS rebinding).
        name: The app's name, which must be the only one of its kind in a process.
    """
    app: App = Sanic(name, configure_logging=False, error_handler=Errors())
    app.config.update(
        ACCESS_LOG=False,
        MOTD=False,
        # Sanic rewrites its own methods at a start, which a second app in the process breaks.
        TOUCHUP=False,
        REQUEST_MAX_SIZE=20_000,
        KEEP_ALIVE_TIMEOUT=15,
        GRACEFUL_SHUTDOWN_TIMEOUT=5.0,
    )
    hosts = frozenset(f"{host}:{port}" for host in _HOSTS for port in ports)
    app.ctx.sessions = sessions
    app.blueprint(pages.routes())
    app.blueprint(alerts.routes())
    app.static("/static/console.css", _STATIC / "console.css", name="style")

    @app.before_server_start
    async def begin(app: App) -> None:
        app.ctx.database = Database(database_url, read_only=True)
        app.ctx.writer = Database(database_url)

    @app.after_server_stop
    async def end(app: App) -> None:
        app.ctx.database.close()
        app.ctx.writer.close()

    @app.on_request
    async def check(request: Request) -> HTTPResponse | None:
        if request.headers.get("host", "").lower() not in hosts:
            return html(pages.render("error.html", words="This address is not served."), 421)
        return pages.check_session(request) or alerts.check_form(request)

    async def add_headers(request: Request, response: BaseHTTPResponse) -> None:
        response.headers.update(HEADERS)

    app.register_middleware(add_headers, "response")
    return app
