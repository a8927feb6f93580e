"""Crisis lines: whether somebody has lately checked that they are still as they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from safety import resources
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation, some


def check(installation: Installation) -> Iterator[Finding]:
    """Look at the lines of the nation and of the center's region."""
    region = installation.lines.center.region if installation.lines else None
    today = datetime.fromtimestamp(installation.clock(), timezone.utc).date()
    stale = sorted(each.key for each in resources.stale(today, region))
    if stale:
        yield faults.RESOURCES_STALE.found(days=resources.MAX_AGE_DAYS, names=some(stale))
