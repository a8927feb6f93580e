"""The page with which a shift begins: what happened, what is open, what the last shift says."""

from console.shift.routes import routes

__all__ = ["routes"]
