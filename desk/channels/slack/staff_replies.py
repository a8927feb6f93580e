"""Replies of staff in a thread: they reach the person as those from the console do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from sqlalchemy import Connection

from desk.channels.slack.config import SlackConfig
from desk.conversations import now_ms
from store import staff as accounts
from store import staff_messages
from store.database import Database
from store.errors import StoreError

_WINDOW = 10 * 60_000
"""Milliseconds in which the same words of the same person are one reply: Slack sends again."""
UNKNOWN = (
    "Not sent to the person: this Slack account is linked to no account of staff. An administrator "
    "links it in credentials.yml, under slack.staff."
)
REFUSED = "Not sent to the person. Please answer in the console."


class NotRelayedError(Exception):
    """A reply did not go on; the message says why, to whoever wrote it."""


class StaffReplies:
    """Takes replies to the conversation, in the name of the account that is linked."""

    def __init__(
        self, config: SlackConfig, database: Database, clock: Callable[[], int] = now_ms
    ) -> None:
        """Know who of Slack is who of staff."""
        self._staff, self._database, self._clock = config.staff, database, clock

    async def relay(self, conversation_id: str, user: str, text: str) -> None:
        """Send a reply.

        Args:
            conversation_id: To whom.
            user: The Slack user id of whoever wrote it.
            text: Their words.

        Raises:
            NotRelayedError: It did not go on.
        """
        email, at = self._staff.get(user, ""), self._clock()
        words = f"{conversation_id}\0{user}\0{text}\0{at // _WINDOW}"
        mark = "slack-" + hashlib.sha256(words.encode()).hexdigest()[:32]

        def send(connection: Connection) -> bool:
            account = accounts.by_email(connection, email.lower()) if email else None
            if account is None or account.closed_at is not None:
                return False
            staff_messages.send(connection, conversation_id, account.id, text, at, mark)
            return True

        try:
            known = await self._database.write(send)
        except StoreError as problem:
            raise NotRelayedError(REFUSED) from problem
        if not known:
            raise NotRelayedError(UNKNOWN)
