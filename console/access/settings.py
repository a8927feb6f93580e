"""How staff enter: keys, times and addresses, fixed at the start."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sanic import Request

_MINUTE, _HOUR = 60_000, 3_600_000
_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_OWN_PATH = re.compile(r"/(?![/\\])[!-~]*")


def now_ms() -> int:
    """Return the present moment in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def digest(secret: str) -> str:
    """Return what is stored of a secret that nobody can guess: enough to know it again."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def new_secret() -> str:
    """Return a secret of 256 bits, for a cookie, a link or a form."""
    return secrets.token_urlsafe(32)


def new_staff_id() -> str:
    """Return an account's id: 22 characters that nobody can guess."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Access:
    """What sign-in needs to know; times are milliseconds.

    Idle and absolute time-out keep within NIST SP 800-63B, section 4.2.3 (30 minutes and 12 hours
    at its second level); a screen in a clinic, which others pass, asks for less.
    """

    key: bytes = dataclasses.field(repr=False)
    """32 bytes, kept in a file: encrypts second factors, hashes what must not be read back."""
    ports: Sequence[int] = ()
    """Ports of this machine under which the console is asked for."""
    url: str = ""
    """Where staff reach it through a proxy of their own; https turns on Secure cookies."""
    issuer: str = "IOP assistant"
    """The center's name, as the app that shows codes will list it."""
    proxies: int = 0
    """How many proxies of one's own stand in front and set X-Forwarded-For."""
    idle: int = 15 * _MINUTE
    longest: int = 12 * _HOUR
    half: int = 10 * _MINUTE
    """How long the second factor is waited for after the password."""
    first_link: int = 30 * _MINUTE
    invitation: int = 72 * _HOUR
    clock: Callable[[], int] = now_ms

    @property
    def secure(self) -> bool:
        """Whether staff reach the console over https."""
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The session cookie's name; a __Host- one is taken from this host over https alone."""
        return "__Host-iop_console" if self.secure else "iop_console"

    @property
    def early_cookie(self) -> str:
        """The name of the cookie that ties the forms of somebody not signed in to a browser."""
        return f"{self.cookie}_form"

    @property
    def origins(self) -> dict[str, str]:
        """Hosts that are served, each with the origin that its own forms come from."""
        own = {f"{host}:{port}": f"http://{host}:{port}" for host in _HOSTS for port in self.ports}
        host = urlsplit(self.url).netloc
        return {**own, host.lower(): self.url} if host else own

    def keyed(self, purpose: str, value: str) -> str:
        """Return a hash of a value that cannot be guessed at without the key."""
        words = f"{purpose}\0{value}".encode("utf-8", "replace")
        return hmac.new(self.key, words, hashlib.sha256).hexdigest()


def access_of(request: Request) -> Access:
    """Return how staff enter this console."""
    access: Access = request.app.ctx.access
    return access


def own_path(value: str) -> str:
    """Return a path of the console to go back to; "/" for anything that leads elsewhere."""
    return value if _OWN_PATH.fullmatch(value) and len(value) <= 512 else "/"


def field(request: Request, name: str) -> str:
    """Return a field of the posted form, or an empty string."""
    form: Any = request.form or {}
    value = form.get(name)
    return value if isinstance(value, str) else ""


def digits(value: str | None, most: int) -> int | None:
    """Return the number that somebody's digits are; None for what is none, or longer than that."""
    if value and value.isascii() and value.isdigit() and len(value) <= most:
        return int(value)
    return None


def clean(words: str) -> str:
    """Return a line of words without what does not print, and with single blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
