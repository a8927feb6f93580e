"""Where the console's pages read and write."""

from __future__ import annotations

from sanic import Request

from store.database import Database

LIMIT = 5.0
"""Seconds that a page waits for the database."""


def database_of(request: Request) -> Database:
    """Return the log, for reading: its connections refuse to write."""
    database: Database = request.app.ctx.database
    return database


def writer_of(request: Request) -> Database:
    """Return the log, for writing."""
    writer: Database = request.app.ctx.writer
    return writer
