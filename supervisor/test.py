"""`make test`: installs missing system packages, then runs every test in its environment.

Beside thousands of others a test now and then meets a disk or a browser that stands still for
seconds. The files of a few that failed are therefore run once more by themselves, and what passes
then is named, so that somebody looks at it. What holds people's safety is never forgiven.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

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
AGAIN = 3
"""So many failed tests at most are run once more; more than that is no accident."""
NEVER_AGAIN = (
    "tests/safety/",
    "tests/desk/test_crisis",
    "tests/desk/test_risk",
    "tests/system/test_hostile",
    "tests/system/test_risk",
)
"""Tests of safety: a race in them may be a person without resources."""
_FAILED_TESTS = 1
"""The exit code of pytest when it ran to its end and tests failed."""
_LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")
_RESULTS = Path(".pytest_cache/results.xml")


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


def run(title: str, command: list[str], folder: Path = ROOT) -> int:
    """Run one group of tests; return the exit code."""
    say(f"\n== {title}")
    return subprocess.run(command, cwd=folder, env={**os.environ, **ENVIRONMENT}).returncode


def run_beside_others(
    title: str, pytest: list[str], options: list[str], folder: Path = ROOT
) -> bool:
    """Run a group of tests several at a time, and the files of a few that failed once more.

    Args:
        title: What the group is called.
        pytest: The command that runs pytest.
        options: What is run, and how, the first time.
        folder: Where pytest's settings are.

    Returns:
        Whether every test passed the first time or the second.
    """
    for file in (_LAST_FAILED, _RESULTS):
        (folder / file).unlink(missing_ok=True)
    code = run(title, [*pytest, *options, f"--junitxml={_RESULTS}"], folder)
    failed = _last_failed(folder) if code == _FAILED_TESTS else []
    # A test that took its worker with it has failed, but runs again in another one, and passes.
    if len(failed) != _failures(folder) or not _forgiven(failed):
        return code == 0
    files = sorted({name.split("::")[0] for name in failed})
    if run("the files of what failed, once more and by themselves", [*pytest, *files], folder):
        return False
    unsteady = "\n".join(f"  {name}" for name in failed)
    say(f"\nUNSTEADY: failed beside others, passed by itself. Please look at it:\n{unsteady}")
    return True


def _forgiven(failed: list[str]) -> bool:
    return 0 < len(failed) <= AGAIN and not any(name.startswith(NEVER_AGAIN) for name in failed)


def _failures(folder: Path) -> int:
    """Return how many failures and errors pytest has counted; -1 where it wrote none."""
    file = folder / _RESULTS
    if not file.exists():
        return -1
    suites = ElementTree.parse(file).getroot().iter("testsuite")
    return sum(int(each.get(kind, 0)) for each in suites for kind in ("failures", "errors"))


def _last_failed(folder: Path) -> list[str]:
    file = folder / _LAST_FAILED
    return sorted(json.loads(file.read_text("utf-8"))) if file.exists() else []


def main() -> int:
    """Run all groups, whatever each of them says, and return 0 if all passed."""
    ensure_packages()
    brain = [str(BRAIN_PYTHON), "-W", "ignore", "-m", "pytest", "-q", "-W", "ignore", *BRAIN_TESTS]
    desk = [sys.executable, "-m", "pytest", "-q", "-W", "ignore::DeprecationWarning"]
    stories = [str(BRAIN_PYTHON), "-W", "ignore", "-m", "rasa", "test", "core"]
    model = ["--model", str(ROOT / "models"), "--out", str(ROOT / "state" / "rasa-test")]
    brain_code = run(
        "brain's environment (Python 3.10, Rasa)",
        [*brain, *(f"--ignore={name}" for name in DESK_ALONE)],
    )
    stories_code = run(
        "Rasa's test stories",
        [*stories, "--stories", "tests/stories", "--fail-on-prediction-errors", *model],
    )
    desk_passed = run_beside_others(
        "desk's environment (Python 3.11, the whole system, browser)",
        desk,
        [*TOGETHER, *(f"--ignore={name}" for name in BRAIN_ALONE)],
    )
    passed = desk_passed and not brain_code and not stories_code
    say("\nAll tests passed." if passed else "\nSome tests failed.")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
