"""Certificates: as they are served under the public names, and as the proxy's files have them."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from desk import measuring
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation, some

_LIMIT = 5.0
_NAMED = re.compile(r"^\s*ssl_certificate(_key)?\s+([^;$]+);", re.MULTILINE)
_SITES = ("etc/nginx/sites-enabled", "etc/nginx/conf.d")


def check(installation: Installation) -> Iterator[Finding]:
    """Look at what is served, and at the files that the proxy names."""
    for setting, url in installation.public_urls.items():
        yield from _served(installation, setting, url)
    for folder in _SITES:
        for site in sorted((installation.layout.root / folder).glob("*")):
            yield from _files(installation, site)


def _served(installation: Installation, setting: str, url: str) -> Iterator[Finding]:
    host, port = measuring.address_of(url)
    try:
        found = measuring.served(url, _LIMIT)
    except OSError as problem:
        why = type(problem).__name__
        yield faults.CERTIFICATE_UNSERVED.found(url=url, why=why, port=port)
        return
    day, days = f"{found.ends:%Y-%m-%d}", found.days(installation.clock())
    if days < 0:
        yield faults.CERTIFICATE_EXPIRED.found(host=host, day=day)
    elif days < measuring.CERTIFICATE_DAYS:
        yield faults.CERTIFICATE_ENDING.found(host=host, day=day, days=int(days))
    if not found.covers(host):
        names = some(sorted(found.names)) or "nobody"
        yield faults.CERTIFICATE_NAME.found(host=host, names=names, setting=setting)
    distrust = _distrust(url) if days >= 0 else None
    if distrust:
        yield faults.CERTIFICATE_UNTRUSTED.found(host=host, why=distrust)


def _distrust(url: str) -> str | None:
    """Return why a chain is not trusted, or None. Its name and its end are looked at elsewhere."""
    context = ssl.create_default_context()
    context.check_hostname = False
    try:
        measuring.connected(url, context, _LIMIT).close()
    except ssl.SSLCertVerificationError as problem:
        return problem.verify_message
    return None


def _files(installation: Installation, site: Path) -> Iterator[Finding]:
    if not site.is_file():
        return
    for key, name in _NAMED.findall(site.read_text("utf-8", "replace")):
        # Within a root that only tests and rehearsals change.
        file = installation.layout.root / name.strip().strip("\"'").lstrip("/")
        # Only root sees certbot's folders; to others they say nothing, and that is right so.
        with suppress(PermissionError):
            if not file.exists():
                yield faults.CERTIFICATE_FILE.found(file=file)
            elif key and file.stat().st_mode & 0o004 and _is_reachable(file):
                yield faults.CERTIFICATE_KEY.found(file=file)


def _is_reachable(file: Path) -> bool:
    """Say whether the folders on the way let everybody through; certbot's do not."""
    real = file.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in real.parents)
