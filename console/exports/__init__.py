"""Conversations as files: by the list's filters, masked unless somebody may and says why."""

from console.exports.routes import routes

__all__ = ["routes"]
