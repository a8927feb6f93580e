"""Lint, format, types and Rasa's own validation, by their programs."""

from __future__ import annotations

import os
import subprocess
import sys

from checks.report import Report
from setup.code_print import ROOT

BRAIN_PYTHON = ROOT / ".venv" / "brain" / "bin" / "python"
TYPED = (
    "answers",
    "center",
    "checks",
    "benchmarks",
    "console",
    "desk",
    "language",
    "monitoring",
    "safety",
    "setup",
    "store",
    "supervisor",
)
"""Rooms whose types are checked in the desk's environment; brain and actions import Rasa, which
has no types worth checking against and lives in the other one."""


def _run(report: Report, command: list[str]) -> str:
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    output = (done.stdout + done.stderr).strip()
    if done.returncode:
        report.problems += output.splitlines()[-40:]
    elif output:
        report.summary = output.splitlines()[-1]
    return output


def lint(report: Report) -> None:
    """Run ruff's rules (pyproject.toml)."""
    _run(report, [sys.executable, "-m", "ruff", "check", "."])


def formatted(report: Report) -> None:
    """Run ruff's formatter without writing."""
    _run(report, [sys.executable, "-m", "ruff", "format", "--check", "."])


def types(report: Report) -> None:
    """Run mypy."""
    packages = [word for room in TYPED if (ROOT / room).is_dir() for word in ("-p", room)]
    _run(report, [sys.executable, "-m", "mypy", *packages])


def rasa_validate(report: Report) -> None:
    """Run `rasa data validate` as a Rasa developer would."""
    command = [str(BRAIN_PYTHON), "-W", "ignore", "-m", "rasa", "data", "validate"]
    output = _run(report, [*command, "--data", "data", "--fail-on-warnings"])
    report.summary = "no conflicts" if "No story structure conflicts" in output else ""
