"""The units of systemd: desk, brain, and what runs by the clock."""

from __future__ import annotations

from pathlib import Path

from deploy.server import errors
from deploy.server.layout import Layout
from deploy.server.machine import Files, run

SERVICES = ("iop-brain.service", "iop-desk.service")
TIMERS = ("iop-backup.timer", "iop-doctor.timer")


def write(layout: Layout, files: Files, source: Path) -> bool:
    """Put the units of a folder where systemd finds them; say whether one has changed."""
    changed = False
    for unit in sorted(path for path in source.rglob("*") if path.is_file()):
        there = layout.units / unit.relative_to(source)
        files.folder(there.parent, 0o755)
        changed |= files.write(there, unit.read_text("utf-8"))
    return changed


def start(changed: bool) -> None:
    """Have systemd run them, now and after each start of the machine.

    Args:
        changed: Whether what runs already is to be started again. The desk's listening sockets
            stay open meanwhile (FileDescriptorStoreMax): nobody is refused.

    Raises:
        DeployError: One does not start.
    """
    run("systemctl daemon-reload", ["systemctl", "daemon-reload"])
    for unit in (*SERVICES, *TIMERS):
        run("systemctl enable", ["systemctl", "enable", unit])
    # The desk first: it brings the log to its form, and visitors see the page.
    for unit in reversed(SERVICES):
        what = "restart" if changed else "start"
        remedy = errors.UNIT_REMEDY.format(unit=unit)
        run(f"Starting {unit}", ["systemctl", what, unit], remedy)
    for unit in TIMERS:
        run(f"Starting {unit}", ["systemctl", "start", unit], errors.UNIT_REMEDY.format(unit=unit))
