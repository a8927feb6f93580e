"""Corrections that teach: the review queue, what is learned of it, candidate models."""

from console.learning.routes import routes

__all__ = ["routes"]
