"""Answers and facts, edited where they are approved: draft, approval, publication, rollback."""

from console.publishing.following import live
from console.publishing.routes import routes

__all__ = ["live", "routes"]
