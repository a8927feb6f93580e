"""The clock of every process of a running system, moved forward while they run."""

from __future__ import annotations

import os
from pathlib import Path

# Python runs a module of this name at its start, before anything else has read the clock.
_NAME = "sitecustomize.py"
_HOOK = """\
import time
_real = time.time_ns
def _moved():
    with open({file!r}) as ahead:
        return _real() + int(ahead.read())
time.time_ns = _moved
time.time = lambda: _moved() / 1e9
"""


class MovedClock:
    """The clock of what is started with `folder` on PYTHONPATH: desk, console and brain.

    Only `datetime.now` stays where it is; opening hours and dates of e-mails come from it.
    """

    def __init__(self, folder: Path) -> None:
        """Write the hook, and a clock that goes right."""
        self.folder, self.ahead = folder, 0
        self._file = folder / "ahead"
        self._move()
        (folder / _NAME).write_text(_HOOK.format(file=str(self._file)))

    def pass_by(self, minutes: int) -> None:
        """Move it forward, for every process at once."""
        self.ahead += minutes * 60_000
        self._move()

    def _move(self) -> None:
        # Renamed into place, so that nobody reads half a number.
        written = self.folder / "ahead.new"
        written.write_text(str(self.ahead * 1_000_000))
        os.replace(written, self._file)
