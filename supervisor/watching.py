"""Keeps processes running until told to stop."""

from __future__ import annotations

import logging
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

from monitoring import log_lines
from setup import errors
from supervisor.figures import Figures
from supervisor.processes import Child

logger = logging.getLogger(__name__)

RESTART_SECONDS = (1, 2, 5, 15, 30)
"""How long to wait before starting a process again that ended by itself, by how often it did."""
_STEADY_SECONDS = 600
"""Who ran for so long is started again as soon as the first time."""
Event = tuple[str, "Watched | None", int]


def say(text: str) -> None:
    """Tell the person at the terminal."""
    if log_lines.in_use() == "json":
        logger.warning("%s", text)
        return
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Watched:
    """A process and how it is started."""

    child: Child
    show: bool = False
    """Whether its words are shown instead of logged in a file."""
    may_refuse: bool = False
    """Whether its exit code 2 says that somebody has to mend its settings first."""
    started: Callable[[], None] = lambda: None
    """Called once after the first start, before the next process is started."""


class Supervisor:
    """Starts processes in order, and again when one ends by itself."""

    def __init__(self, watched: Sequence[Watched], figures: Figures | None = None) -> None:
        """Watch over these; count what happens where somebody asks for it."""
        self._watched, self._figures = watched, figures
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._ended: dict[str, int] = {}
        self._started: dict[str, float] = {}

    def obey_signals(self) -> None:
        """End everything at Ctrl-C or a termination signal."""
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, number: int, _: FrameType | None = None) -> None:
        """Have `run` end everything (a signal's handler)."""
        self._events.put(("stop", None, number))

    def run(self) -> int:
        """Start all and watch them.

        Returns:
            0 when told to stop; a process's exit code when it refused to start.
        """
        try:
            for each in self._watched:
                self._start(each)
                each.started()
            while True:
                what, whom, code = self._events.get()
                if what == "stop" or whom is None:
                    return 0
                if what == "start":
                    self._start(whom)
                elif whom.may_refuse and code == errors.EXIT_REFUSED:
                    return code
                else:
                    self._start_again(whom, code)
        finally:
            for each in self._watched:
                each.child.ask_to_stop()
            for each in self._watched:
                each.child.stop()

    def _start(self, watched: Watched) -> None:
        self._started[watched.child.name] = time.monotonic()
        if self._figures is not None:
            self._figures.started(watched.child.name)
        watched.child.start(
            lambda _, code: self._events.put(("ended", watched, code)), watched.show
        )

    def _start_again(self, watched: Watched, code: int) -> None:
        child = watched.child
        if self._figures is not None:
            self._figures.ended_early(child.name)
        steady = time.monotonic() - self._started[child.name] > _STEADY_SECONDS
        times = 0 if steady else self._ended.get(child.name, 0)
        self._ended[child.name] = times + 1
        wait = RESTART_SECONDS[min(times, len(RESTART_SECONDS) - 1)]
        where = "above" if watched.show else f"state/logs/{child.log.name}"
        said = errors.ENDED_EARLY.format(name=f"The {child.name}", code=code, file=where)
        say(f"{said} Starting it again in {wait} s.")
        timer = threading.Timer(wait, self._events.put, (("start", watched, 0),))
        timer.daemon = True
        timer.start()
