"""What the audit is told of whoever sees a conversation as it was written because it is theirs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from store import audit, ownership
from store.audit import Wanted

AS_OWNER = "unmasked, as owner"
_ONE_LOOK = 15 * 60_000
"""Milliseconds within which a page that connects again is no new look."""


def owner_of(connection: Connection, conversation: str) -> str | None:
    """Return who of staff has a conversation, or None."""
    found = ownership.state(connection, conversation)
    return found.agent if found and found.owner == "human" else None


def note_new_owner(
    connection: Connection,
    conversation: str,
    before: str | None,
    looking: Collection[str],
    at: int,
) -> None:
    """Note that open pages show a conversation as it was written to whom it has become.

    Args:
        connection: The transaction in which it became theirs.
        conversation: Which.
        before: Whose it was.
        looking: Who has it on their screen.
        at: When, in milliseconds.
    """
    now = owner_of(connection, conversation)
    if now is not None and now != before and now in looking:
        audit.note(connection, now, "read", conversation, AS_OWNER, at=at)


def note_look(connection: Connection, who: str, conversation: str, at: int, *, own: bool) -> None:
    """Note that an open page shows a conversation, unless as much has been noted just now."""
    lately = Wanted(who, "read", conversation, since=at - _ONE_LOOK + 1)
    detail = AS_OWNER if own else None
    noted = audit.newest(connection, wanted=lately)
    if not any(detail in (None, row["detail"]) for row in noted):
        audit.note(connection, who, "read", conversation, detail, at=at)
