"""Says whether Slack has sent a request, by Slack's own package."""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.signature import Clock, SignatureVerifier

TIMESTAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"


class Verifier:
    """Knows the secret under which Slack signs what it sends to this app."""

    def __init__(self, signing_secret: str, clock: Clock | None = None) -> None:
        """Verify under this secret; `clock` gives the present moment."""
        self._verifier = SignatureVerifier(signing_secret, clock or Clock())

    def signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Say whether a request is Slack's, and not more than five minutes off.

        Args:
            body: As it came, not parsed and written again.
            headers: The request's; names in small letters.
        """
        timestamp, signature = headers.get(TIMESTAMP), headers.get(SIGNATURE)
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except (ValueError, TypeError, OverflowError):
            # No moment, no UTF-8, or a signature of other letters: none of them is Slack's.
            return False
