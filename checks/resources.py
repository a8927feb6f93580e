"""Checks that crisis resources were looked at lately."""

from __future__ import annotations

from datetime import date

from center.facts import load_center
from checks.report import Report
from safety import resources


def check(report: Report, today: date | None = None) -> None:
    """Warn of resources that nobody has checked for 90 days."""
    region, day = load_center().region, today or date.today()
    for resource in resources.stale(day, region):
        age = (day - resource.checked).days
        report.warnings.append(f"{resource.key}: last checked {age} days ago, look again")
    report.summary = f"{len(resources.load_resources(region))} resources"
