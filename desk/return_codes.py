"""Codes with which a visitor takes a conversation up again on another device."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from desk.conversations import now_ms
from desk.limits import Limiter
from desk.refusals import RefusedError
from desk.settings import Rate
from desk.tokens import Tokens
from store import return_codes
from store.database import Database
from store.errors import StoreError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is taken for something else when it is read or written by hand: 0 O, 1 I L, U V."""
LENGTH = 8
_PART = 4
_LASTS = 7 * 24 * 3_600_000
# 30^8 codes, of which one address may try 5 at once and then one in two minutes; all together at
# most one a second, so that many addresses find nothing either.
_TRIES, _ALL_TRIES = Rate(5, 1 / 120), Rate(60, 1)
_MADE = Rate(3, 1 / 600)
_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class Returned:
    """A conversation that was taken up again."""

    conversation_id: str
    token: str
    expires: datetime


class ReturnCodes:
    """Makes codes and takes them back."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        """Keep hashes in this database, keyed like the tokens that codes are exchanged for."""
        self._database, self._tokens = database, tokens
        self._tries, self._all, self._made = (
            Limiter(_TRIES),
            Limiter(_ALL_TRIES),
            Limiter(_MADE),
        )

    async def make(self, conversation_id: str) -> tuple[str, int]:
        """Return a new code of a conversation, and until when it holds; older ones hold no more.

        Raises:
            RefusedError: Too many were made, nothing was written yet, or the log is out of order.
        """
        if not self._made.allows(conversation_id):
            raise RefusedError("too_many_codes")
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        digest, now = self._tokens.digests("return", code)[-1], now_ms()
        until = now + _LASTS
        try:
            known = await self._database.write(
                lambda c: return_codes.add(c, digest, conversation_id, now, until), limit=_LIMIT
            )
        except StoreError:
            raise RefusedError("unavailable") from None
        if not known:
            raise RefusedError("token_unknown")
        return f"{code[:_PART]}-{code[_PART:]}", until

    async def take(self, typed: str, address: str) -> Returned:
        """Exchange a code, which works once, for a token.

        Raises:
            RefusedError: It opens nothing, too many were tried, or the log is out of order.
        """
        if not (self._tries.allows(address) and self._all.allows("all")):
            raise RefusedError("too_many_codes")
        code = tidied(typed)
        if code is None:
            raise RefusedError("code_unknown")
        digests, now = self._tokens.digests("return", code), now_ms()
        try:
            found = await self._database.write(
                lambda c: return_codes.use(c, digests, now), limit=_LIMIT
            )
        except StoreError:
            raise RefusedError("unavailable") from None
        if found is None:
            raise RefusedError("code_unknown")
        return Returned(found, *self._tokens.issue(found))

    async def forget(self) -> int:
        """Delete codes that have run out; raises StoreError."""
        now = now_ms()
        return await self._database.write(lambda c: return_codes.forget(c, now))


def tidied(typed: str) -> str | None:
    """Return a code as it was made, however it was typed; None for what can be none."""
    bare = "".join(each for each in typed[:64].upper() if each.isalnum())
    fits = len(bare) == LENGTH and set(bare) <= set(ALPHABET)
    return bare if fits else None
