"""`make test`: installs missing system packages, then runs every test in its environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup import errors
from setup.code_print import ROOT
from supervisor.brain import BRAIN_PYTHON, ENVIRONMENT

PACKAGES = {
    "chromium": "chromium",
    "docker-compose": "docker-compose",
    "initdb": "postgresql",
    "nginx": "nginx",
    "openssl": "openssl",
    "promtool": "prometheus",
    "systemd-analyze": "systemd",
}
"""Program that the tests need, and the Debian package that brings it."""
BRAIN_TESTS = (
    "tests/brain",
    "tests/actions",
    "tests/answers",
    "tests/center",
    "tests/language",
    "tests/monitoring",
    "tests/safety",
)
"""Rooms that run in the brain's environment; the shared ones are tested in both."""
DESK_ALONE = ("tests/language/test_detect.py",)
BRAIN_ALONE = ("tests/brain", "tests/actions")
TOGETHER = ("-n", "2", "--dist", "loadfile")
"""Two files at a time: most of these tests wait for a browser, a brain or a database."""


def say(text: str) -> None:
    """Tell what is being run."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def postgres_program(name: str) -> Path | None:
    """Return one of PostgreSQL's programs, the newest; Debian keeps most of them off the path."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    on_path = shutil.which(name)
    return found[-1] if found else Path(on_path) if on_path else None


def _is_there(program: str) -> bool:
    return bool(shutil.which(program) or postgres_program(program))


def ensure_packages() -> None:
    """Install missing system packages where that is allowed.

    Raises:
        SystemExit: Not root, or the installation failed; the message is the line to run.
    """
    missing = [package for program, package in PACKAGES.items() if not _is_there(program)]
    if not missing:
        return
    remedy = errors.MISSING_PACKAGES.format(packages=" ".join(missing))
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(remedy)
    say(f"Installing {' '.join(missing)} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr + remedy)


def run(title: str, command: list[str]) -> bool:
    """Run one group of tests; return whether it passed."""
    say(f"\n== {title}")
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **ENVIRONMENT}).returncode == 0


def main() -> int:
    """Run all groups, whatever each of them says, and return 0 if all passed."""
    ensure_packages()
    quiet = ["-q", "-W", "ignore::DeprecationWarning"]
    brain = [str(BRAIN_PYTHON), "-W", "ignore", "-m", "pytest", "-q", "-W", "ignore", *BRAIN_TESTS]
    desk = [sys.executable, "-m", "pytest", *quiet, *TOGETHER]
    stories = [str(BRAIN_PYTHON), "-W", "ignore", "-m", "rasa", "test", "core"]
    model = ["--model", str(ROOT / "models"), "--out", str(ROOT / "state" / "rasa-test")]
    passed = [
        run(
            "brain's environment (Python 3.10, Rasa)",
            [*brain, *(f"--ignore={name}" for name in DESK_ALONE)],
        ),
        run(
            "Rasa's test stories",
            [*stories, "--stories", "tests/stories", "--fail-on-prediction-errors", *model],
        ),
        run(
            "desk's environment (Python 3.11, the whole system, browser)",
            [*desk, *(f"--ignore={name}" for name in BRAIN_ALONE)],
        ),
    ]
    say("\nAll tests passed." if all(passed) else "\nSome tests failed.")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
