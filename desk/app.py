"""The app that faces visitors."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import BaseHTTPResponse

from desk import health, pages, return_page
from desk.channels import rating, returning, simulator, web
from desk.channels.simulator.platform import PretendSlack, PretendTwilio
from desk.channels.slack import routes as slack
from desk.channels.sms import routes as sms
from desk.parts import Parts, opened
from desk.web_answers import HEADERS, Errors
from monitoring import web as web_watch

App = Sanic[Any, Any]
_SERVED = (".js", ".css", ".svg", ".png", ".woff2")


def build_app(parts: Parts, name: str = "desk") -> App:
    """Return the public app.

    Args:
        parts: What was read at the start.
        name: The app's name, which must be the only one of its kind in a process.
    """
    app: App = Sanic(name, configure_logging=False, error_handler=Errors(parts.lines))
    app.config.update(
        ACCESS_LOG=False,
        MOTD=False,
        # Sanic rewrites its own methods at a start, which a second app in the process breaks.
        TOUCHUP=False,
        REQUEST_MAX_SIZE=1_000_000,
        REQUEST_TIMEOUT=20,
        RESPONSE_TIMEOUT=90,
        KEEP_ALIVE_TIMEOUT=75,
        GRACEFUL_SHUTDOWN_TIMEOUT=5.0,
        PROXIES_COUNT=parts.settings.proxies or None,
    )
    web_watch.watch(app, "desk", proxies=parts.settings.proxies)
    app.ctx.asset_version = pages.widget_version()
    app.blueprint(web.routes())
    app.blueprint(returning.routes())
    app.blueprint(rating.routes())
    app.blueprint(pages.routes())
    app.blueprint(return_page.routes())
    app.blueprint(health.routes())
    _channels(app, parts)
    _serve_widget(app)
    _live(app, parts)
    _guard(app, parts)
    return app


def _channels(app: App, parts: Parts) -> None:
    """Add the addresses that platforms call; on one's own machine the platforms, too."""
    channels, url = parts.channels, parts.settings.own_url
    if channels.sms is not None:
        app.blueprint(sms.routes())
    if channels.slack is not None:
        app.blueprint(slack.routes())
    if channels.pretend and channels.sms and channels.slack:
        texts, spoken = channels.sms, channels.slack
        twilio = PretendTwilio(texts.account_sid, texts.auth_token, url, texts.number or "")
        slack_ = PretendSlack(spoken.signing_secret, spoken.bot_token, url)
        app.blueprint(simulator.routes(twilio, slack_, url))


def _serve_widget(app: App) -> None:
    for path in sorted(pages.WIDGET.rglob("*")):
        if path.suffix in _SERVED and path.is_file():
            address = path.relative_to(pages.WIDGET).as_posix()
            name = "widget_" + "".join(c if c.isalnum() else "_" for c in address)
            app.static(f"/widget/{address}", path, name=name, content_type=_type(path.suffix))


def _type(suffix: str) -> str:
    kinds = {
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".woff2": "font/woff2",
    }
    return kinds[suffix]


def _live(app: App, parts: Parts) -> None:
    stack = AsyncExitStack()

    @app.before_server_start
    async def begin(app: App) -> None:
        app.ctx.desk = await stack.enter_async_context(opened(parts))
        app.ctx.desk.upkeep.start()

    @app.before_server_stop
    async def end_streams(app: App) -> None:
        # An open stream would hold up the end by many seconds.
        app.ctx.desk.conversations.end_streams()

    @app.after_server_stop
    async def end(app: App) -> None:
        await stack.aclose()


def _guard(app: App, parts: Parts) -> None:
    """Add the security headers, and let only listed websites embed the widget."""

    @app.on_request
    async def preflight(request: Request) -> HTTPResponse | None:
        if request.method != "OPTIONS":
            return None
        return HTTPResponse(
            status=204,
            headers={
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
                "Access-Control-Max-Age": "600",
            },
        )

    async def add_headers(request: Request, response: BaseHTTPResponse) -> None:
        response.headers.update(HEADERS)
        if parts.settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        shared = request.path.startswith(("/widget/", "/api/"))
        response.headers["Cross-Origin-Resource-Policy"] = (
            "cross-origin" if shared else "same-origin"
        )
        if request.path.startswith("/widget/"):
            response.headers["Cache-Control"] = "no-cache"
        origin = request.headers.get("origin")
        if shared and parts.origins:
            response.headers["Vary"] = "Origin"
            if origin in parts.origins:
                response.headers["Access-Control-Allow-Origin"] = str(origin)

    app.register_middleware(add_headers, "response")
