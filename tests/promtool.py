"""Prometheus's own checker, from Debian's package."""

from __future__ import annotations

import shutil
import subprocess

NOT_THERE = "promtool is missing: `make test` installs it (Debian's package prometheus)."


def promtool(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run it; return how it ended, with what it said."""
    program = shutil.which("promtool")
    assert program, NOT_THERE
    return subprocess.run([program, *arguments], input=given, capture_output=True, text=True)
