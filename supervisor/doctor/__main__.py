"""`make doctor`: finds what is wrong, and names the remedy for each.

Uses the settings of the desk from the environment; on a server, where none is set, those of the
units (/etc/iop-assistant/settings.env). Run it as root or as the user of the assistant.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from deploy.server.layout import Layout
from desk.errors import SettingsError
from supervisor.doctor import faults
from supervisor.doctor.examining import CHECKS, examine
from supervisor.doctor.finding import Finding, Level
from supervisor.doctor.installation import Installation

_MARKS = {Level.NOTE: "note", Level.WARNING: "WARNING", Level.BROKEN: "BROKEN"}
_NICE = 10
FINE = "Nothing is wrong."


def report(found: Mapping[str, Sequence[Finding]], *, quiet: bool) -> str:
    """Return what was found as text: a line for each, its remedy below."""
    lines: list[str] = []
    for subject, findings in found.items():
        shown = [each for each in findings if not quiet or each.level > Level.NOTE]
        if not findings and not quiet:
            lines.append(f"{'fine':8} {subject}")
        for each in shown:
            lines.append(f"{_MARKS[each.level]:8} {subject}: {each.what}")
            lines.append(f"{'':12}{each.remedy}")
    if worst(found) == Level.NOTE and not quiet:
        lines.append(FINE)
    return "".join(f"{line}\n" for line in lines)


def as_json(found: Mapping[str, Sequence[Finding]]) -> str:
    """Return what was found for machines: a list of objects."""
    rows = [
        {
            "subject": subject,
            "fault": each.fault,
            "level": each.level.name.lower(),
            "what": each.what,
            "remedy": each.remedy,
        }
        for subject, findings in found.items()
        for each in findings
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def worst(found: Mapping[str, Sequence[Finding]]) -> Level:
    """Return how bad the worst is."""
    return max((each.level for some in found.values() for each in some), default=Level.NOTE)


def main(arguments: Sequence[str], layout: Layout | None = None) -> int:
    """Look at everything and tell it.

    Returns:
        0 when nothing is wrong; 1 when something will be; 2 when something is.
    """
    parser = argparse.ArgumentParser(prog="make doctor", description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="tell only what is wrong")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args(list(arguments))
    # What is wrong is told once, here; visitors come first.
    logging.disable(logging.CRITICAL)
    os.nice(_NICE)
    try:
        found = examine(Installation.of(layout or Layout(), os.environ), CHECKS)
    except (SettingsError, OSError) as problem:
        found = {"settings": [faults.SETTINGS.found(problem=problem)]}
    sys.stdout.write(as_json(found) if options.json else report(found, quiet=options.quiet))
    sys.stdout.flush()
    return int(worst(found))


if __name__ == "__main__":
    # Without waiting for a look that hangs: its thread is left behind.
    os._exit(main(sys.argv[1:]))
