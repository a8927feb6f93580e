"""Figures on what was asked, how it was answered, and how soon staff were there."""

from console.analytics.routes import routes

__all__ = ["routes"]
