"""Runs every check, prints a line for each, and fails when one did."""

from __future__ import annotations

import sys
from collections.abc import Callable

from checks import code, dependencies, project, resources, texts, training_data
from checks.report import Report

CHECKS: tuple[tuple[str, Callable[[Report], None]], ...] = (
    ("lint", code.lint),
    ("format", code.formatted),
    ("types", code.types),
    ("project files", project.check),
    ("accepted holes", dependencies.check),
    ("training data", training_data.check),
    ("held-out messages", training_data.check_heldout),
    ("texts", texts.check),
    ("crisis resources", resources.check),
    ("rasa data validate", code.rasa_validate),
)


def main() -> int:
    """Return 0 when every check holds."""
    failed = False
    for name, check in CHECKS:
        report = Report()
        check(report)
        failed |= bool(report.problems)
        verdict = "FAILED" if report.problems else "ok"
        sys.stdout.write(f"{name:20} {verdict:7} {report.summary}\n")
        for line in report.problems[:40] + report.warnings:
            sys.stdout.write(f"    {line}\n")
        sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
