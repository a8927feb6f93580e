"""`make audit-deps`: known holes in what is installed, and why those that stay can stay.

Exit code 0: every package was asked for, and each finding is accepted with a reason that still
holds. 1: a finding is not accepted, or an acceptance does not hold any more. 3: nobody answered, so
nothing is known; that is never called clean.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from checks import errors
from checks.accepted import ENVIRONMENTS, Accepted, AcceptedError, read
from checks.report import Report
from checks.vulnerabilities import (
    SERVICE,
    Finding,
    NotAuditedError,
    htmx_version,
    of_environment,
    of_npm_package,
    pinned,
)
from setup.code_print import ROOT
from setup.environments import DESK_PYTHONS, ensure_environment, ensure_uv

EXIT_FOUND, EXIT_NOT_AUDITED = 1, 3
REQUIREMENTS = ROOT / "requirements"
HTMX = ROOT / "console" / "static" / "htmx.min.js"
_SHOWN = 160
"""How much of a finding's description is shown."""


def say(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def check(report: Report, locks: Path = REQUIREMENTS, today: date | None = None) -> None:
    """Check acceptances as far as nobody need be asked: a part of `make check`."""
    try:
        accepted = read(locks / "accepted.yml")
    except AcceptedError as wrong:
        report.problems.append(str(wrong))
        return
    report.problems += not_installed(accepted, locks)
    # Nothing has become worse on that day: `make audit-deps` fails, a change of a text need not.
    report.warnings += due(accepted, today or date.today())
    report.summary = f"{len(accepted)} accepted"


def not_installed(accepted: Iterable[Accepted], locks: Path) -> list[str]:
    """Return the acceptances of versions that no lock file installs any more."""
    return [
        errors.NOT_LOCKED.format(entry=entry, environment=environment)
        for entry in accepted
        for environment in entry.environments
        if pinned(locks / f"{environment}.txt").get(entry.package) != entry.version
    ]


def due(accepted: Iterable[Accepted], today: date) -> list[str]:
    """Return the acceptances that should have been looked at again by now."""
    return [
        errors.REVIEW_DUE.format(entry=entry, day=entry.review)
        for entry in accepted
        if entry.review < today
    ]


def holds_for(entry: Accepted, finding: Finding) -> bool:
    """Say whether an acceptance is of this finding: package, version, environment and id."""
    return (
        entry.package == finding.package
        and entry.version == finding.version
        and finding.environment in entry.environments
        and entry.id in finding.ids
    )


def judge(findings: list[Finding], accepted: list[Accepted], environment: str) -> list[str]:
    """Return what is wrong in one environment: findings without reason, reasons without finding."""
    told = []
    for finding in findings:
        if not any(holds_for(entry, finding) for entry in accepted):
            words = finding.words[:_SHOWN].rstrip(". ") + "."
            mended = ", ".join(finding.mended) or "no version yet"
            ids = " = ".join(finding.ids)
            told.append(
                errors.FOUND.format(
                    environment=finding.environment,
                    package=finding.package,
                    version=finding.version,
                    ids=ids,
                    words=words,
                    mended=mended,
                )
            )
    for entry in accepted:
        if environment in entry.environments and not any(holds_for(entry, f) for f in findings):
            told.append(errors.NOT_FOUND.format(entry=entry, environment=environment))
    return told


def audit(service: str, locks: Path, today: date) -> int:
    """Ask for everything, print what was found, and return the exit code."""
    try:
        accepted = read(locks / "accepted.yml")
    except AcceptedError as wrong:
        say(str(wrong))
        return EXIT_FOUND
    problems, unasked = [*not_installed(accepted, locks), *due(accepted, today)], 0
    for environment in ENVIRONMENTS:
        lock = locks / f"{environment}.txt"
        what = f"requirements/{lock.name}, {len(pinned(lock))} packages"
        try:
            findings = of_environment(environment, lock, service)
        except NotAuditedError as failure:
            unasked += 1
            say(errors.NOT_AUDITED.format(what=what, why=failure))
            continue
        problems += judge(findings, accepted, environment)
        say(f"asked for: {what}; {len(findings)} findings")
    unasked += _npm(service, problems)
    for problem in problems:
        say(f"FAILED {problem}")
    if problems:
        return EXIT_FOUND
    if unasked:
        return EXIT_NOT_AUDITED
    say(f"Every finding is accepted; {len(accepted)} acceptances hold.")
    return 0


def _npm(service: str, problems: list[str]) -> int:
    """Ask for the one file of npm's that we serve; there is no package-lock.json to read."""
    version = htmx_version(HTMX)
    what = f"console/static/{HTMX.name}, htmx.org {version}, all that we serve of npm's"
    try:
        findings = of_npm_package("htmx.org", version, service)
    except NotAuditedError as failure:
        say(errors.NOT_AUDITED.format(what=what, why=failure))
        return 1
    problems += judge(findings, [], "console/static")
    say(f"asked for: {what}; {len(findings)} findings")
    return 0


def main() -> int:
    """Make pip-audit's environment if it is not there, and audit."""
    ensure_uv()
    ensure_environment("audit", DESK_PYTHONS)
    return audit(os.environ.get("AUDIT_SERVICE") or SERVICE, REQUIREMENTS, date.today())


if __name__ == "__main__":
    sys.exit(main())
