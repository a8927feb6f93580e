"""Checks that crisis resources were looked at lately."""

from __future__ import annotations

from datetime import date

from checks.report import Report
from safety import resources

OLDEST_DAYS = 90


def check(report: Report, today: date | None = None) -> None:
    """Warn of resources that nobody has checked for 90 days."""
    known = resources.load_resources()
    for resource in known:
        age = ((today or date.today()) - resource.checked).days
        if age > OLDEST_DAYS:
            report.warnings.append(f"{resource.key}: last checked {age} days ago, look again")
    report.summary = f"{len(known)} resources"
