"""How many SMS segments a text takes (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_DOUBLE = frozenset("^{}\\[~]|€")
"""Characters that take the place of two."""
_ALONE, _EACH = 160, 153
"""What a message of one segment holds, and each segment of a longer one."""
_ALONE_UCS2, _EACH_UCS2 = 70, 67
"""The same for a text that needs another alphabet."""


def gsm7_length(text: str) -> int | None:
    """Return a text's length in GSM-7 characters, None if it needs another alphabet."""
    if any(letter not in GSM7 and letter not in GSM7_DOUBLE for letter in text):
        return None
    return len(text) + sum(letter in GSM7_DOUBLE for letter in text)


def segments(text: str) -> int:
    """Return how many segments a text is sent in, at least 1."""
    length, alone, each = gsm7_length(text), _ALONE, _EACH
    if length is None:
        length, alone, each = len(text.encode("utf-16-le")) // 2, _ALONE_UCS2, _EACH_UCS2
    return 1 if length <= alone else -(-length // each)
