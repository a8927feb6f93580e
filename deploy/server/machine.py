"""What is done to the machine: commands, packages, the user, files with exact permissions."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.server import errors
from deploy.server.errors import DeployError
from deploy.server.layout import USER, Layout

PACKAGES = ("nginx", "certbot", "python3-venv", "openssl", "ca-certificates")
"""Debian's: the proxy; certificates; what makes environments; what checks certificates; whom to
trust."""
_PROGRAMS = {"nginx": "nginx", "certbot": "certbot", "openssl": "openssl"}
_LAST_WORDS = 3000


def say(text: str) -> None:
    """Tell whoever runs the command."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(what: str, command: Sequence[str], remedy: str = "", **more: str) -> str:
    """Run a command and return what it prints.

    Args:
        what: Its name in the message when it fails.
        command: Program and arguments.
        remedy: What to do when it fails.
        more: Further variables.

    Raises:
        DeployError: It failed.
    """
    done = subprocess.run(
        list(command),
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        words = done.stdout.strip()[-_LAST_WORDS:]
        message = errors.COMMAND_FAILED.format(
            what=what, code=done.returncode, words=words, remedy=remedy
        )
        raise DeployError(message.strip())
    return done.stdout


def check() -> None:
    """Refuse a machine that this is not made for.

    Raises:
        DeployError: Not root, not Debian, no systemd, or a port is somebody else's.
    """
    if os.geteuid() != 0:
        raise DeployError(errors.NOT_ROOT)
    about = _os_release(Path("/etc/os-release"))
    version = about.get("VERSION_ID", "0")
    if about.get("ID") != "debian" or not version.isdigit() or int(version) < 12:
        raise DeployError(errors.NOT_DEBIAN.format(name=about.get("PRETTY_NAME", "unknown")))
    if not Path("/run/systemd/system").is_dir():
        raise DeployError(errors.NO_SYSTEMD)
    for port in (80, 443):
        who = holder(port, Path("/proc"))
        if who not in (None, "nginx"):
            raise DeployError(errors.PORT_TAKEN.format(port=port, who=who))


def _os_release(file: Path) -> Mapping[str, str]:
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    pairs = (line.partition("=") for line in lines)
    return {name: value.strip('"') for name, _, value in pairs}


def holder(port: int, proc: Path) -> str | None:
    """Return the name of the program that listens on a port; None when nobody does.

    Args:
        port: A TCP port.
        proc: Where Linux tells of its processes.
    """
    listening = "0A"
    sockets = set()
    for table in ("net/tcp", "net/tcp6"):
        path = proc / table
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            fields = line.split()
            if fields[3] == listening and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    if not sockets:
        return None
    for process in (each for each in proc.iterdir() if each.name.isdigit()):
        if any(_leads_to(each) in sockets for each in _inside(process / "fd")):
            return (process / "comm").read_text().strip()
    return "another program"


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        # The process has ended, or is somebody's whose files are not shown.
        return []


def _leads_to(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def ensure_packages() -> None:
    """Install Debian's packages that are missing.

    Raises:
        DeployError: They cannot be had.
    """
    missing = [
        name
        for name in PACKAGES
        if not (shutil.which(_PROGRAMS[name]) if name in _PROGRAMS else _installed(name))
    ]
    if not missing:
        return
    say(f"Installing {', '.join(missing)} ...")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get update", ["apt-get", "update", "-qq"], errors.PACKAGES_REMEDY, **quiet)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    run("apt-get install", install, errors.PACKAGES_REMEDY, **quiet)


def _installed(package: str) -> bool:
    command = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.startswith("ii")


def ensure_user() -> None:
    """Make the user that the assistant runs as; nobody can sign in as it."""
    try:
        pwd.getpwnam(USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell"]
        home = ["--home-dir", str(Layout().state), USER]
        run("useradd", [*command, "/usr/sbin/nologin", *home])


class Files:
    """Writes files and folders, and says whether anything had to be changed."""

    def __init__(self, service: tuple[int, int] | None = None) -> None:
        """Write for a service.

        Args:
            service: The user's and the group's number of whom the assistant runs as; None: whoever
                runs this owns all.
        """
        self._service = service

    def _own(self, handle: int, mode: int, owner: str) -> None:
        """Say whose an open file or folder is, and who may do what."""
        if self._service is not None:
            user, group = self._service
            whose = {"root": (0, 0), "group": (0, group), "service": (user, group)}[owner]
            now = os.fstat(handle)
            if (now.st_uid, now.st_gid) != whose:
                os.fchown(handle, *whose)
        os.fchmod(handle, mode)

    def folder(self, path: Path, mode: int, owner: str = "root") -> None:
        """Make a folder.

        Args:
            path: Where.
            mode: Its permissions.
            owner: root; group: root's, and readable by the service's group; service.
        """
        path.mkdir(parents=True, exist_ok=True)
        with _opened(path) as handle:
            self._own(handle, mode, owner)

    def write(self, path: Path, text: str, mode: int = 0o644, owner: str = "root") -> bool:
        """Write a file whole or not at all; say whether it was another one before.

        Some folders are the service's own: no link that it has put there is followed.
        """
        before = path.read_text("utf-8") if path.is_file() and not path.is_symlink() else None
        if before != text:
            fresh = path.with_name(f".{path.name}.new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as to:
                to.write(text)
            fresh.replace(path)
        with _opened(path) as handle:
            self._own(handle, mode, owner)
        return before != text


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Give a descriptor of a file or folder that is no link; raises OSError for one that is."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)
