"""Passwords: what is taken, how they are kept, how one is checked.

Argon2id with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).
What is taken follows NIST SP 800-63B, section 5.1.1.2: length counts, no rules on kinds of
characters, no change on a calendar, and no password that is guessed first.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from console.access import errors

SHORTEST, LONGEST = 12, 128
_EASY = frozenset(
    "password passwort passw0rd letmein welcome administrator admin iloveyou monkey dragon "
    "sunshine princess football baseball superman batman trustno qwerty qwertyuiop "
    "qwertyuiopasdfghjkl asdfghjkl zxcvbnm qwertyqwerty asdfasdf abcdefghijkl abcdefgh abcabc "
    "changeme changeit secret default temporary clinic therapy counseling counselling "
    "treatment recovery mentalhealth iop receptionist frontdesk console assistant".split()
)
"""What is left of the first guesses when digits and signs are taken away."""
_NOT_LETTERS = re.compile(r"[^a-z]+")
_FEWEST_CHARACTERS, _FEWEST_LETTERS = 5, 4


def trouble(password: str, *known: str) -> str | None:
    """Return what is wrong with a new password, or None.

    Args:
        password: As typed.
        known: Words that anybody knows of the person, such as name and email.
    """
    if len(password) < SHORTEST:
        return errors.TOO_SHORT
    if len(password) > LONGEST:
        return errors.TOO_LONG
    words = {word for each in known for word in re.split(r"[\W_]+", each.lower()) if len(word) > 2}
    folded = password.lower()
    rest = folded
    for word in words:
        rest = rest.replace(word, "")
    letters = _NOT_LETTERS.sub("", rest)
    few = len(set(folded)) < _FEWEST_CHARACTERS
    bare = len(letters) < _FEWEST_LETTERS and folded.isascii()
    return errors.TOO_EASY if few or bare or letters in _EASY else None


class Passwords:
    """Hashes and checks passwords beside the event loop, two at a time (each takes 19 MiB)."""

    def __init__(self) -> None:
        """Prepare the hash that is checked when there is no account, so that it takes as long."""
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(2, "passwords")
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    async def hashed(self, password: str) -> str:
        """Return the hash of a password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hasher.hash, password)

    async def fits(self, kept: str | None, password: str) -> bool:
        """Say whether a password fits a hash; None, for nobody, takes as long and never fits."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, self._check, kept or self._nobody, password[: LONGEST + 1]
        )
        return found and kept is not None

    def outdated(self, kept: str) -> bool:
        """Say whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _check(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown()
