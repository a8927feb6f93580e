"""What must not be in the repository."""

from __future__ import annotations

import re
import subprocess

from checks.report import Report
from desk.credentials import web_origins
from desk.errors import SettingsError
from setup.code_print import ROOT

LARGEST_BYTES = 1024 * 1024
_ADDRESS = re.compile(r"https?://|^--(extra-)?index-url", re.MULTILINE)


def tracked() -> list[str]:
    """Return the repository's files (tracked, or new and not ignored)."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def check(report: Report) -> None:
    """Check lock files, sizes and credentials."""
    files = tracked()
    for name in files:
        path = ROOT / name
        if name.startswith("requirements/") and _ADDRESS.search(path.read_text("utf-8")):
            report.problems.append(f"{name} names an address: make it anew with `make lock`.")
        if path.stat().st_size > LARGEST_BYTES:
            report.problems.append(f"{name} is larger than 1 MiB: keep it out of git.")
    try:
        web_origins(ROOT / "credentials.yml")
    except SettingsError as wrong:
        report.problems.append(str(wrong))
    report.summary = f"{len(files)} files"
