"""`make run`: trains if needed, starts desk and brain, watches them, ends them in order."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

from center.errors import CenterError
from center.facts import load_center, require_public
from desk.credentials import web_origins
from desk.errors import SettingsError
from desk.settings import Settings, load_settings
from setup import errors
from setup.code_print import ROOT
from setup.learned_models import VARIABLE, folder_of
from setup.train import is_trained, passages_are_current
from supervisor.brain import BRAIN_PYTHON, brain_process
from supervisor.learning import Learning, at_start
from supervisor.ports import LOOPBACK, answers, is_free
from supervisor.processes import Child

BRAIN_PORT = int(os.environ.get("IOP_BRAIN_PORT") or 5005)
RESTART_SECONDS = (1, 2, 5, 15, 30)
"""How long to wait before starting a process again that ended by itself, by how often it did."""
DESK_SECONDS = 3
Event = tuple[str, Child | None, int]


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def check_ports(settings: Settings) -> None:
    """Stop before anything is started when a port is taken.

    Raises:
        SystemExit: The message names port, address, and how to choose another.
    """
    wanted = (
        ("IOP_PORT", settings.host, settings.port),
        ("IOP_CONSOLE_PORT", LOOPBACK, settings.console_port),
        ("IOP_BRAIN_PORT", LOOPBACK, BRAIN_PORT),
    )
    for variable, address, port in wanted:
        if not is_free(address, port):
            raise SystemExit(
                errors.PORT_TAKEN.format(
                    port=port, address=address, variable=variable, other=port + 1000
                )
            )


def prepare() -> tuple[Settings, dict[str, str]]:
    """Read and check settings, center and channels.

    Returns:
        The settings, and the variables that tell desk and brain of them.

    Raises:
        SystemExit: Something is wrong; the message names file, key and remedy.
    """
    # On this machine alone, gaps in center.yml are filled with example values and a banner says so.
    host = os.environ.get("IOP_HOST") or LOOPBACK
    private = host in (LOOPBACK, "localhost", "::1") and not os.environ.get("IOP_PUBLIC_URL")
    demo = os.environ.get("IOP_DEMO") or ("1" if private else "0")
    environment = {"IOP_DEMO": demo, "IOP_BRAIN_URL": f"http://{LOOPBACK}:{BRAIN_PORT}"}
    try:
        settings = load_settings((), {**os.environ, **environment})
        center = load_center(settings.center_file, demo=settings.demo)
        require_public(center, settings.public_url or settings.host, settings.center_file.name)
        web_origins(settings.credentials_file)
    except (SettingsError, CenterError) as wrong:
        raise SystemExit(str(wrong)) from wrong
    return settings, environment


def ensure_trained() -> None:
    """Train when the model is older than what it is made from.

    Raises:
        SystemExit: Training failed.
    """
    if not is_trained() or not passages_are_current():
        done = subprocess.run([str(BRAIN_PYTHON), "-W", "ignore", "-m", "setup.train"], cwd=ROOT)
        if done.returncode:
            raise SystemExit(done.returncode)


def wait_until_listening(child: Child, address: tuple[str, int]) -> None:
    """Wait until a process listens at an address, has ended, or three seconds are over."""
    end = time.monotonic() + DESK_SECONDS
    while child.running and time.monotonic() < end and not answers(*address):
        time.sleep(0.05)


class Supervisor:
    """Keeps desk and brain running until it is told to stop."""

    def __init__(self, desk: Child, brain: Child, address: tuple[str, int]) -> None:
        """Watch over these two; the desk is to listen at the address."""
        self._desk, self._brain, self._address = desk, brain, address
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._ended: dict[str, int] = {}

    def stop(self, number: int, _: FrameType | None = None) -> None:
        """Have `run` end everything (a signal's handler)."""
        self._events.put(("stop", None, number))

    def run(self) -> int:
        """Start both and watch them.

        Returns:
            0 when told to stop; the desk's exit code when it refused to start.
        """
        self._desk.start(self._note_end, show=True)
        # The page comes first: two processes that load at once would slow each other down.
        wait_until_listening(self._desk, self._address)
        self._brain.start(self._note_end)
        try:
            while True:
                what, child, code = self._events.get()
                if what == "stop":
                    return 0
                if what == "start" and child is not None:
                    child.start(self._note_end, show=child is self._desk)
                elif child is self._desk and code == errors.EXIT_REFUSED:
                    return code
                elif child is not None:
                    self._start_again(child, code)
        finally:
            self._desk.ask_to_stop()
            self._brain.ask_to_stop()
            self._desk.stop()
            self._brain.stop()

    def _note_end(self, child: Child, code: int) -> None:
        self._events.put(("ended", child, code))

    def _start_again(self, child: Child, code: int) -> None:
        times = self._ended.get(child.name, 0)
        self._ended[child.name] = times + 1
        wait = RESTART_SECONDS[min(times, len(RESTART_SECONDS) - 1)]
        file = child.log.relative_to(child.log.parents[1])
        said = errors.ENDED_EARLY.format(name=f"The {child.name}", code=code, file=f"state/{file}")
        say(f"{said} Starting it again in {wait} s.")
        timer = threading.Timer(wait, self._events.put, (("start", child, 0),))
        timer.daemon = True
        timer.start()


def main() -> int:
    """Run the assistant until Ctrl-C or a termination signal."""
    settings, environment = prepare()
    check_ports(settings)
    ensure_trained()
    model = at_start(settings)
    if model is None:
        raise SystemExit(errors.TRAINING_FAILED.format(file="state/train.log"))
    environment[VARIABLE] = str(folder_of(settings.state))
    desk = Child("desk", [sys.executable, "-m", "desk.main"], environment)
    brain = brain_process(model, BRAIN_PORT, **environment)
    supervisor = Supervisor(desk, brain, (settings.host, settings.port))
    signal.signal(signal.SIGINT, supervisor.stop)
    signal.signal(signal.SIGTERM, supervisor.stop)
    learning = Learning(settings, brain, environment["IOP_BRAIN_URL"], environment)
    with learning.alongside():
        code = supervisor.run()
    say("Stopped.")
    return code


if __name__ == "__main__":
    sys.exit(main())
