"""How much a server has left: room on its disk, days of its certificate, freshness of its backup.

Read by the desk's own look (desk.watching) and by `make doctor`. Blocks: not for the event loop.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import time
from calendar import timegm
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from store import spill

BACKUPS = "backups"
"""The folder, in the state's folder, that `make backup` writes to."""
CERTIFICATE_DAYS = 21
"""Certificates for 90 days are renewed 30 days before their end: at 21, renewing has failed."""
BACKUP_HOURS = 26
"""A backup a day, and two hours for a machine that was off in the night."""
SPILL_MINUTES = 5
"""What waits in a spill file is replayed every few seconds; longer means that it is not."""
_LEAST, _SHARE, _ENOUGH = 1_000_000_000, 0.10, 5_000_000_000
_STAMP = "%Y%m%d-%H%M%S"
_STAMPED = re.compile(r"iop-(\d{8}-\d{6})\.backup")
_HOUR, _DAY = 3600, 86_400
_FIRST_FILE = "web.keys"
"""Made at the first start, and not touched by itself later."""
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Room:
    """The room on a disk, in bytes."""

    free: int
    size: int

    @property
    def scarce(self) -> bool:
        """Whether less than a tenth is free (5 GB are enough on any disk), or less than 1 GB."""
        return self.free < max(_LEAST, min(self.size * _SHARE, _ENOUGH))


def room(folder: Path) -> Room:
    """Return the room on the disk of a folder, for whoever is not root; raises OSError."""
    found = os.statvfs(folder)
    return Room(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


@dataclass(frozen=True)
class Certificate:
    """What a server shows of itself."""

    ends: datetime
    names: frozenset[str]

    def days(self, now: float) -> float:
        """Return the days that are left at a moment, in seconds since 1970; negative when over."""
        return (self.ends.timestamp() - now) / _DAY

    def covers(self, host: str) -> bool:
        """Say whether it is for a host; `*.` stands for one label (RFC 6125)."""
        wanted = host.lower().rstrip(".")
        return wanted in self.names or f"*.{wanted.partition('.')[2]}" in self.names


def address_of(url: str) -> tuple[str, int]:
    """Return host and port of a web address."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def served(url: str, limit: float = 5.0) -> Certificate:
    """Return the certificate that is served under a web address, whatever it is worth.

    A proxy on this machine is asked first: it is the one that can be mended here, and some
    networks do not let a machine reach itself by its public name.

    Raises:
        OSError: Nobody serves TLS there.
    """
    # What it is worth is looked at by who asks; only whom it shows is read here.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with connected(url, context, limit) as connection:
        return _read(connection.getpeercert(binary_form=True) or b"")


def connected(url: str, context: ssl.SSLContext, limit: float) -> ssl.SSLSocket:
    """Return a TLS connection to where a web address is served; raises OSError."""
    host, port = address_of(url)
    try:
        plain = socket.create_connection((_LOOPBACK, port), limit)
    except OSError:
        plain = socket.create_connection((host, port), limit)
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _read(der: bytes) -> Certificate:
    try:
        found = x509.load_der_x509_certificate(der)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        given = [
            *names.get_values_for_type(x509.DNSName),
            *names.get_values_for_type(x509.IPAddress),
        ]
    except x509.ExtensionNotFound:
        given = []
    except ValueError as problem:
        raise OSError("no certificate") from problem
    return Certificate(found.not_valid_after_utc, frozenset(str(name).lower() for name in given))


def stamp(seconds: float) -> str:
    """Return a moment as names of backups have it, in UTC."""
    return time.strftime(_STAMP, time.gmtime(seconds))


def newest_backup(state: Path) -> Path | None:
    """Return the newest backup in a state folder; None when there is none."""
    found = [
        path for path in (state / BACKUPS).glob("iop-*.backup") if _STAMPED.fullmatch(path.name)
    ]
    return max(found, key=lambda path: path.name, default=None)


def made_at(backup: Path) -> float:
    """Return when a backup was made, in seconds since 1970, as its name says."""
    match = _STAMPED.fullmatch(backup.name)
    if match is None:
        raise ValueError(backup.name)
    return timegm(time.strptime(match[1], _STAMP))


def backup_is_missing(state: Path, now: float) -> bool:
    """Say whether a backup should have been made that was not.

    Where there never was one, the first is due as long after the first start.

    Args:
        state: The state's folder.
        now: In seconds since 1970.
    """
    newest = newest_backup(state)
    since = began_at(state) if newest is None else made_at(newest)
    return since is not None and now - since > BACKUP_HOURS * _HOUR


def began_at(state: Path) -> float | None:
    """Return when the assistant was first started, in seconds since 1970; None before that."""
    first = state / _FIRST_FILE
    return first.stat().st_mtime if first.exists() else None


def spill_waits(state: Path, now: float) -> bool:
    """Say whether entries of the log wait beside the database for longer than they should."""
    waiting = (state / spill.WAITING, state / spill.REPLAYING)
    old = [p for p in waiting if p.exists() and now - p.stat().st_mtime > SPILL_MINUTES * 60]
    return any(path.stat().st_size for path in old)


def spill_is_locked(state: Path) -> bool:
    """Say whether entries wait that no key opens."""
    path = state / spill.LOCKED
    return path.exists() and path.stat().st_size > 0
