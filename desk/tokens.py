"""Session tokens: who holds one may read and write the conversation that it names.

A token is the conversation's id and the moment of issue, signed; the desk keeps no list of them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timezone

from itsdangerous import BadSignature, SignatureExpired, Signer, TimestampSigner

_DAY = 86_400


class TokenError(ValueError):
    """A token that opens nothing; `code` says whether it has run out or was never good."""

    def __init__(self, code: str) -> None:
        """Keep the code of the public error."""
        super().__init__(code)
        self.code = code


def new_conversation_id() -> str:
    """Return an id that nobody can guess (128 bits)."""
    return secrets.token_urlsafe(16)


class Tokens:
    """Issues and reads the tokens of the web channel."""

    def __init__(self, keys: Sequence[str], days: int) -> None:
        """Sign with the last key, believe all of them, for so many days."""
        self._keys = list(keys)
        self._signer = TimestampSigner(list(keys), "visitor", digest_method=hashlib.sha256)
        self._forms = Signer(list(keys), "form", digest_method=hashlib.sha256)
        self.seconds = days * _DAY

    def issue(self, conversation_id: str) -> tuple[str, datetime]:
        """Return a conversation's token and the moment at which it runs out."""
        token = self._signer.sign(conversation_id).decode("ascii")
        return token, datetime.fromtimestamp(int(time.time()) + self.seconds, timezone.utc)

    def read(self, token: str) -> str:
        """Return the id of the conversation that a token opens.

        Raises:
            TokenError: It is forged, damaged, or has run out.
        """
        if len(token) > 512:
            raise TokenError("token_unknown")
        try:
            return self._signer.unsign(token, max_age=self.seconds).decode("ascii")
        except SignatureExpired as problem:
            raise TokenError("token_expired") from problem
        except (BadSignature, UnicodeError) as problem:
            raise TokenError("token_unknown") from problem

    def digests(self, purpose: str, secret: str) -> list[str]:
        """Return the hashes of a short secret under each key, the present key's last.

        Whoever reads the database cannot try secrets out without the keys.
        """
        words = f"{purpose}\0{secret}".encode()
        return [
            hmac.new(key.encode("ascii"), words, hashlib.sha256).hexdigest() for key in self._keys
        ]

    def form_proof(self, conversation_id: str) -> str:
        """Return what a form of the conversation must carry, which no other site can know."""
        return self._forms.get_signature(conversation_id).decode("ascii")

    def form_is_ours(self, conversation_id: str, proof: str) -> bool:
        """Say whether a form carries the conversation's own proof."""
        return bool(self._forms.verify_signature(conversation_id, proof))
