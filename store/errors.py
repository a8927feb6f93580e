"""What can be wrong with the store."""

from __future__ import annotations


class StoreError(RuntimeError):
    """The store did not do what it was asked; nothing was written, or it cannot be known."""


TOO_SLOW = "The database did not answer within {limit:.0f} ms."
FAILED = "The database refused: {kind}."
CLOSED = "The database is closed."
UNKNOWN = "There is no such conversation."
BLOCKED = "This conversation is blocked. Unblock it to write to the person."
NO_TABLES = (
    "The log's database cannot be used: {kind}. For a file: may its folder be written? For "
    "PostgreSQL (DATABASE_URL): does the server run, are user, password and name right, may the "
    "user make tables?"
)
LATER_FORM = (
    "The log's database is of a later release than this one. Start the later release; the way back "
    "to this one is `sudo make rollback`, which brings the database back, too."
)
NOT_TAKEN_BACK = (
    "The database could not be brought back to the form {form}: {kind}. It is as it was; the "
    "release of now can go on with it."
)
