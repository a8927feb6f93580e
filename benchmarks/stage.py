"""A server in a folder: releases, settings and state as on a real one, desk and brain running.

Environments are linked to those of this tree instead of being installed: it has all that a server
needs, and more.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import subprocess
from pathlib import Path

from benchmarks import errors
from benchmarks.errors import BenchError
from benchmarks.unit_processes import ProcessUnits
from deploy.server import releases
from deploy.server.layout import Layout
from deploy.server.service import Server, Service
from setup.code_print import ROOT
from supervisor.ports import LOOPBACK, free_port


def exported(commit: str, folder: Path) -> Path:
    """Write the files of a commit to a folder; return it.

    Raises:
        BenchError: git does not know it.
    """
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True)
    if archive.returncode:
        raise BenchError(errors.NO_GIT)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def copied(source: Path, folder: Path) -> Path:
    """Write the files of a source to a folder; return it."""
    for name in releases.tracked(source):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, folder / name, follow_symlinks=False)
    return folder


class Stage:
    """One server, used as a context: what runs on it ends with it."""

    def __init__(self, folder: Path, ready_seconds: float = 120.0) -> None:
        """Lay it out in an empty folder."""
        self.layout = Layout(folder / "root")
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        state, settings = self.layout.state, self.layout.settings
        for place in (self.layout.releases, self.layout.environments, settings / "secrets", state):
            place.mkdir(parents=True)
        state.chmod(0o700)
        (state / "brain.token").write_text(secrets.token_urlsafe(32) + "\n")
        for name in ("center.yml", "credentials.yml", "alerts.yml"):
            shutil.copy(ROOT / name, settings / name)
        brain_port = free_port()
        values = {
            "IOP_STATE": state,
            "IOP_PORT": self.port,
            "IOP_CONSOLE_PORT": free_port(),
            "IOP_METRICS_PORT": 0,
            "IOP_BRAIN_PORT": brain_port,
            "IOP_BRAIN_URL": f"http://{LOOPBACK}:{brain_port}",
            "IOP_BRAIN_DATABASE": f"sqlite:///{state}/brain.db",
            "IOP_DEMO": 1,
            "IOP_RATE_CONVERSATION": 0,
            "IOP_RATE_ADDRESS": 0,
        }
        lines = [f"{name}={value}\n" for name, value in values.items()]
        self.layout.environment_file.write_text("".join(lines), "utf-8")
        service = Service(self.layout, user=None)
        self.units = ProcessUnits(self.layout, service.variables(), folder)
        self.server = Server(self.layout, self.units, service, ready_seconds)

    @property
    def database(self) -> str:
        """The log's address."""
        return f"sqlite:///{self.layout.state}/desk.db"

    def link_environments(self, source: Path) -> None:
        """Have releases of a source find their environments, which are those of this tree."""
        for name in releases.ENVIRONMENTS:
            shared = releases.environment(self.layout, source, name)
            lock = releases.lock_of(source, name)
            stamp = hashlib.sha256(str(lock.relative_to(source)).encode() + b"\0")
            stamp.update(lock.read_bytes())
            if not shared.exists():
                shared.symlink_to(ROOT / ".venv" / name)
                Path(f"{shared}.stamp").write_text(stamp.hexdigest(), "utf-8")

    def release(self, source: Path) -> Path:
        """Make a release of a source."""
        self.link_environments(source)
        return releases.build(self.layout, self.with_models(source))

    def with_models(self, source: Path) -> Path:
        """Give a source the model of this tree, for releases that are made from the same data."""
        for name in ("models", ".venv/encoder.stamp"):
            if not (source / name).exists() and (ROOT / name).exists():
                (source / name).parent.mkdir(exist_ok=True)
                (source / name).symlink_to(ROOT / name)
        return source

    def begin(self, release: Path) -> None:
        """Put a first release in use, and wait until it answers."""
        releases.switch(self.layout, release)
        self.units.restart()
        self.server.service.run(ROOT, "supervisor.probe", "120")

    def __enter__(self) -> Stage:
        """Nothing runs yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what runs."""
        self.units.close()


def told(release: Path) -> str:
    """Return a release's id and its commit, for a report."""
    return str(json.loads((release / releases.ABOUT).read_text("utf-8"))["id"])
