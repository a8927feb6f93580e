"""Under which names the visitors' port is asked for."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from desk.settings import LOOPBACK, Settings

PROBES = frozenset({"/healthz", "/readyz"})
"""Asked for by an address that changes, such as a container's; they say nothing of anybody."""
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::(?P<port>[0-9]{1,5}))?")
_PORTS = {"http": "80", "https": "443"}


class Hosts:
    """Knows the names of a desk.

    No other website can so stand before it (DNS rebinding), fill a cache, or have links made that
    lead elsewhere.
    """

    def __init__(self, settings: Settings) -> None:
        """Serve what the settings name; without IOP_PUBLIC_URL any name of this machine."""
        self._public = _public(settings.public_url) if settings.public_url else None
        self._own = urlsplit(settings.own_url).netloc.lower()

    def serves(self, host: str) -> bool:
        """Say whether a Host header names this desk.

        Args:
            host: The header's value; empty where there is none.
        """
        if not host:
            return self._public is None
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        if self._public is None or found["name"].strip("[]") in LOOPBACK:
            return True
        return host.lower() in self._public or host.lower() == self._own


def _public(url: str) -> frozenset[str]:
    parts = urlsplit(url)
    netloc, port = parts.netloc.lower().rpartition("@")[2], _PORTS[parts.scheme]
    bare = netloc.removesuffix(f":{port}")
    if re.search(r":[0-9]+$", bare):
        return frozenset({bare})
    # With and without the scheme's own port.
    return frozenset({bare, f"{bare}:{port}"})
