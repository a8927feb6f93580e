"""Serves an app inside the test's event loop, on a port of its own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sanic import Sanic

from desk.admission import Connection


@asynccontextmanager
async def serving_app(app: Any, listener: socket.socket) -> AsyncIterator[None]:
    server = await app.create_server(
        sock=listener,
        # Apps of the tests' own have no gate.
        protocol=Connection if hasattr(app.ctx, "gate") else None,
        return_asyncio_server=True,
        asyncio_server_kwargs={"start_serving": False},
    )
    await server.startup()
    await server.before_start()
    await server.start_serving()
    try:
        yield
    finally:
        await server.before_stop()
        await server.close()
        await server.after_stop()
        # Sanic would keep it, and all that it holds, until the last test has ended.
        Sanic.unregister_app(app)
        type(app.router).get.cache_clear()
        type(app.router).find_route_by_view_name.cache_clear()
