"""Where staff work conversations: the inbox, one conversation, and what they do with it."""

from console.inbox.routes import live, routes

__all__ = ["live", "routes"]
