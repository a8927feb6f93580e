"""Goes through all subjects; a check that fails itself is told, and never ends the others."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from supervisor.doctor import (
    alerting,
    backups,
    certificates,
    channels,
    clock,
    database,
    dns,
    facts,
    faults,
    files,
    keys,
    machine,
    models,
    ports,
    queues,
    resources,
    texts,
)
from supervisor.doctor.finding import Check, Finding
from supervisor.doctor.installation import Installation

CHECKS: Mapping[str, Check] = {
    "files": files.check,
    "machine": machine.check,
    "ports": ports.check,
    "clock": clock.check,
    "certificates": certificates.check,
    "names": dns.check,
    "keys": keys.check,
    "database": database.check,
    "queues": queues.check,
    "backups": backups.check,
    "alerting": alerting.check,
    "channels": channels.check,
    "facts": facts.check,
    "texts": texts.check,
    "crisis lines": resources.check,
    "models": models.check,
}
"""By the subject's name, in the order in which they are told."""
SECONDS = 180.0
"""How long one subject may take: SQLite's own check of a large database is the longest."""


def examine(
    installation: Installation,
    checks: Mapping[str, Check] = CHECKS,
    seconds: float = SECONDS,
) -> dict[str, list[Finding]]:
    """Look at everything.

    Args:
        installation: What is looked at.
        checks: By the subject's name.
        seconds: How long each may take.

    Returns:
        What was found, by subject.
    """
    return {name: _looked(name, check, installation, seconds) for name, check in checks.items()}


def _looked(name: str, check: Check, installation: Installation, seconds: float) -> list[Finding]:
    found: list[Finding] = []
    trouble: list[str] = []

    def look() -> None:
        try:
            found.extend(check(installation))
        except Exception as problem:
            # Its class alone: what it says may hold an address with a password, or words.
            trouble.append(type(problem).__name__)

    # A disk or a server that hangs must not keep the rest from being told.
    thread = threading.Thread(target=look, name=f"doctor-{name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        trouble.append(f"it took longer than {seconds:.0f} s")
    return [*found, *(faults.UNSEEN.found(subject=name, why=why) for why in trouble)]
