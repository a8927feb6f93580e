"""Certificates: fetched by certbot, or the center's own."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.server import errors
from deploy.server.arguments import Arguments
from deploy.server.errors import DeployError
from deploy.server.layout import Layout
from deploy.server.machine import Files, run, say

_HOOK = """\
#!/bin/sh
# certbot runs this when it has renewed a certificate: nginx takes the new one.
exec systemctl reload nginx
"""


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain, and its key."""

    chain: Path
    key: Path


def fetched(layout: Layout, arguments: Arguments, files: Files) -> Mapping[str, Certificate]:
    """Have certbot fetch a certificate for each name; one that is good is kept.

    nginx must answer on port 80 (`Layout.acme`). Debian's certbot.timer renews them.

    Raises:
        DeployError: A name leads nowhere, or the authority refuses.
    """
    for name in (arguments.domain, arguments.console):
        try:
            socket.getaddrinfo(name, 80)
        except socket.gaierror:
            raise DeployError(errors.NO_DNS.format(name=name)) from None
    hooks = layout.letsencrypt / "renewal-hooks" / "deploy"
    files.folder(hooks, 0o755)
    files.write(hooks / "iop-assistant", _HOOK, 0o755)
    email = ["--email", arguments.email] if arguments.email else []
    whom = email or ["--register-unsafely-without-email"]
    server = ["--server", arguments.acme] if arguments.acme else []
    found = {}
    for name in (arguments.domain, arguments.console):
        say(f"Certificate for {name} ...")
        command = ["certbot", "certonly", "--webroot", "-w", str(layout.acme), "-d", name]
        command += ["--cert-name", name, "--non-interactive", "--agree-tos", "--quiet"]
        command += ["--keep-until-expiring", "--key-type", "ecdsa", *whom, *server]
        run("certbot", command, errors.CERTBOT_REMEDY.format(name=name))
        live = layout.letsencrypt / "live" / name
        found[name] = Certificate(live / "fullchain.pem", live / "privkey.pem")
    return found


def own(layout: Layout, arguments: Arguments, files: Files) -> Mapping[str, Certificate]:
    """Check the center's own certificate and put it where nginx reads it.

    Raises:
        DeployError: It is unreadable, over, for other names, or the key is another one's.
    """
    chain, key = Path(arguments.certificate), Path(arguments.key)
    public = _openssl("x509", "-noout", "-pubkey", "-in", str(chain))
    if public is None:
        raise DeployError(errors.CERTIFICATE_UNREADABLE.format(file=chain))
    for name in (arguments.domain, arguments.console):
        told = _openssl("x509", "-noout", "-checkhost", name, "-in", str(chain)) or ""
        if "does match" not in told:
            raise DeployError(
                errors.CERTIFICATE_OTHER_NAME.format(
                    file=chain, name=name, domain=arguments.domain, console=arguments.console
                )
            )
    if _openssl("x509", "-noout", "-checkend", "0", "-in", str(chain)) is None:
        raise DeployError(errors.CERTIFICATE_ENDED.format(file=chain))
    if _openssl("pkey", "-pubout", "-in", str(key)) != public:
        raise DeployError(errors.KEY_OTHER.format(key=key, file=chain))
    files.folder(layout.tls, 0o700)
    mine = Certificate(layout.tls / "fullchain.pem", layout.tls / "key.pem")
    files.write(mine.chain, chain.read_text("ascii"), 0o644)
    files.write(mine.key, key.read_text("ascii"), 0o600)
    return {arguments.domain: mine, arguments.console: mine}


def _openssl(*words: str) -> str | None:
    """Return what openssl says; None when it fails."""
    done = subprocess.run(
        ["openssl", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.stdout if done.returncode == 0 else None
