"""The second factor: codes of a clock (RFC 6238) and, when the phone is lost, recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.access.settings import Access

STEP = 30_000
"""Milliseconds of a time step."""
_STEPS_OFF = 1
"""How many steps a clock may be off, RFC 6238, section 5.2."""
_NONCE = 12
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike; 12 of them are 59 bits."""


def pending_secret(access: Access, session: str) -> str:
    """Return the secret that a session may set up: always the same for it, kept nowhere till then.

    Args:
        access: Holds the key.
        session: The session's digest.
    """
    return base64.b32encode(bytes.fromhex(access.keyed("second factor", session))[:20]).decode()


def step_of(secret: str, code: str, now: int) -> int | None:
    """Return the time step that a code is of, or None; the caller must see to it being used once.

    Args:
        secret: The shared secret, in base 32.
        code: As typed; spaces are left out.
        now: The moment, in milliseconds since 1970.
    """
    digits, present = re.sub(r"\s", "", code), now // STEP
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    codes = pyotp.HOTP(secret)
    near = range(present - _STEPS_OFF, present + _STEPS_OFF + 1)
    # All are compared, whichever fits, so that the time taken tells nothing.
    fitting = [step for step in near if hmac.compare_digest(codes.at(step), digits)]
    return fitting[-1] if fitting else None


def picture(access: Access, secret: str, email: str) -> str:
    """Return the QR code that an app reads, as an SVG image."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=access.issuer)
    code = segno.make(address, error="m", micro=False)
    return code.svg_inline(scale=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")


def _cipher(access: Access) -> AESGCM:
    return AESGCM(hashlib.sha256(b"second factor" + access.key).digest())


def encrypted(access: Access, staff_id: str, secret: str) -> str:
    """Return a secret as it is stored, of use with the key and for this account alone."""
    nonce = os.urandom(_NONCE)
    sealed = _cipher(access).encrypt(nonce, secret.encode(), staff_id.encode())
    return base64.b64encode(nonce + sealed).decode()


def decrypted(access: Access, staff_id: str, stored: str) -> str | None:
    """Return a stored secret, or None when the key is not the one that it was stored with."""
    raw = base64.b64decode(stored)
    try:
        return _cipher(access).decrypt(raw[:_NONCE], raw[_NONCE:], staff_id.encode()).decode()
    except InvalidTag:
        return None


def new_recovery_codes() -> list[str]:
    """Return fresh recovery codes, in groups that are easy to read."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(access: Access, staff_id: str, code: str) -> str:
    """Return what is stored of a recovery code; blanks, dashes and capitals do not matter."""
    letters = re.sub(r"[^a-z0-9]", "", code.lower())
    return access.keyed("recovery", f"{staff_id}\0{letters}")
