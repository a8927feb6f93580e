"""`sudo make deploy-server DOMAIN=... CONSOLE=...`: from a bare Debian to an assistant on HTTPS.

Runs as often as one likes: what is as it should be stays.
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

from deploy.server import certificates, errors, machine, proxy, releases, settings, units
from deploy.server.arguments import Arguments
from deploy.server.certificates import Certificate
from deploy.server.errors import DeployError
from deploy.server.layout import USER, Layout
from deploy.server.machine import Files, say
from deploy.server.release_errors import ReleaseError
from deploy.server.service import Service

SOURCE = Path(__file__).resolve().parents[2]
_READY_SECONDS, _BETWEEN = 180.0, 0.5
_PARTIAL_CHAIN = 0x80000
"""X509_V_FLAG_PARTIAL_CHAIN of OpenSSL, by name in ssl only since Python 3.10."""
_FIREWALL = """
Firewall: let in ports 22 (ssh), 80 and 443 alone; nothing else of the assistant faces the network.
In your provider's firewall, or on this server:
  sudo apt-get install -y ufw
  sudo ufw allow 22/tcp && sudo ufw allow 80/tcp && sudo ufw allow 443/tcp && sudo ufw enable"""


def install(layout: Layout, arguments: Arguments, source: Path) -> None:
    """Do all steps on this machine.

    Raises:
        DeployError: A step failed; what was done stays, and the command can be run again.
        ReleaseError: The release could not be made.
    """
    machine.check()
    machine.ensure_packages()
    machine.ensure_user()
    entry = pwd.getpwnam(USER)
    files = Files((entry.pw_uid, entry.pw_gid))
    # A run that stops on the way leaves word for the next one.
    pending = layout.home / "restart"
    if settings.write(layout, arguments, source, files) | _ensure_release(layout, source):
        pending.touch()
    _check_settings(layout)
    # Of the release in use: a newer source may name what that one has not.
    if units.write(layout, files, layout.current.resolve() / "deploy" / "systemd"):
        pending.touch()
    say("Starting the assistant ...")
    units.start(pending.exists())
    pending.unlink(missing_ok=True)
    served = _ensure_proxy(layout, arguments, files)
    say("Waiting until it answers ...")
    private = arguments.acme or arguments.certificate
    # The center's own authority need not be known to this server.
    wait_until_ready(arguments.domain, served.chain if private else None)
    _tell(arguments)


def _ensure_release(layout: Layout, source: Path) -> bool:
    """Make the first release. A later one is a matter of `make upgrade`, which can go back."""
    present = releases.in_use(layout.current)
    if present is not None:
        about = releases.about(present)
        if about is None or about.contents != releases.contents_of(source):
            say(f"The release {present.name} stays in use; `sudo make upgrade` takes this source.")
        return False
    say("Making the release: environments and model (some minutes) ...")
    releases.switch(layout, releases.build(layout, source))
    return True


def _check_settings(layout: Layout) -> None:
    """Have the release read the center's files as the desk will.

    Raises:
        DeployError: One is wrong; nothing was started.
    """
    try:
        Service(layout).run(layout.current.resolve(), "supervisor.check_settings")
    except ReleaseError as wrong:
        message = errors.WRONG_SETTINGS.format(words=wrong, folder=layout.settings)
        raise DeployError(message) from wrong


def _ensure_proxy(layout: Layout, arguments: Arguments, files: Files) -> Certificate:
    """Put nginx in front; return the certificate that visitors are shown."""
    ports = proxy.Ports.of_machine(layout)
    site = layout.nginx / "sites-available" / proxy.NAME
    if arguments.certificate:
        found = certificates.own(layout, arguments, files)
    else:
        if not site.is_file():
            # The authority asks on port 80 whether the names are this server's; later the site of
            # before answers that for new names, too, and goes on serving the old ones.
            proxy.write(layout, proxy.render(layout, arguments, ports, None), files)
        proxy.start()
        found = certificates.fetched(layout, arguments, files)
    proxy.write(layout, proxy.render(layout, arguments, ports, found), files)
    proxy.start()
    return found[arguments.domain]


def wait_until_ready(
    domain: str, chain: Path | None, port: int = 443, seconds: float = _READY_SECONDS
) -> None:
    """Wait until the visitors' host says over HTTPS that all is ready.

    Args:
        domain: The visitors' host.
        chain: Whom to trust besides the authorities that this server knows.
        port: Where this machine serves it.
        seconds: How long at most.

    Raises:
        DeployError: It does not.
    """
    trusted = ssl.create_default_context()
    if chain is not None:
        trusted.load_verify_locations(chain)
        trusted.verify_flags |= _PARTIAL_CHAIN
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            status = _status(domain, trusted, port)
            if status == 200:
                return
            last = f"status {status}"
        except (OSError, HTTPException) as problem:
            last = f"{type(problem).__name__}: {problem}"
        time.sleep(_BETWEEN)
    raise DeployError(errors.NOT_READY.format(domain=domain, last=last))


def _status(domain: str, trusted: ssl.SSLContext, port: int) -> int:
    connection = HTTPSConnection(domain, timeout=10)
    # This very machine, whatever the name leads to as seen from here.
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sock = trusted.wrap_socket(plain, server_hostname=domain)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    finally:
        connection.close()


def _tell(arguments: Arguments) -> None:
    say(f"\nVisitors: https://{arguments.domain}/")
    say(staff_line() or f"Staff: https://{arguments.console}/")
    say(_FIREWALL)


def staff_line() -> str:
    """Return what the running desk has said of the way in for staff: at first a link, once."""
    run_id = _asked("systemctl", "show", "-p", "InvocationID", "--value", "iop-desk.service")
    said = _asked("journalctl", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={run_id.strip()}")
    lines = [words for words in map(_words, said.splitlines()) if words.startswith("Staff")]
    return lines[-1] if lines else ""


def _words(line: str) -> str:
    """Return what a log line says, whether it is words or JSON (IOP_LOG_FORMAT)."""
    try:
        read = json.loads(line)
    except ValueError:
        return line
    return str(read.get("message", "")) if isinstance(read, dict) else line


def _asked(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout


def main(words: Sequence[str] | None = None) -> int:
    """Install; 1 when it could not be done."""
    os.umask(0o022)
    try:
        arguments = Arguments.read(sys.argv[1:] if words is None else words)
        install(Layout(), arguments, SOURCE)
    except (DeployError, ReleaseError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
