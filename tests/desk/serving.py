"""Serves an app inside the test's event loop, on a port of its own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def serving_app(app: Any, listener: socket.socket) -> AsyncIterator[None]:
    server = await app.create_server(
        sock=listener, return_asyncio_server=True, asyncio_server_kwargs={"start_serving": False}
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
