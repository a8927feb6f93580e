"""What can be wrong with the store."""

from __future__ import annotations


class StoreError(RuntimeError):
    """The store did not do what it was asked; nothing was written, or it cannot be known."""


TOO_SLOW = "The database did not answer within {limit:.0f} ms."
FAILED = "The database refused: {kind}."
CLOSED = "The database is closed."
