"""`make run`: trains if needed, starts desk and brain, watches them, ends them in order."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from center.errors import CenterError
from center.facts import load_center, require_public
from desk.credentials import web_origins
from desk.errors import SettingsError
from desk.settings import Settings, load_settings
from monitoring import log_lines
from setup import errors
from setup.code_print import ROOT
from setup.learned_models import VARIABLE, folder_of
from setup.train import is_trained, passages_are_current
from supervisor.brain import BRAIN_PYTHON, brain_process
from supervisor.figures import Figures
from supervisor.learning import Learning, at_start
from supervisor.ports import LOOPBACK, answers, is_free
from supervisor.processes import Child
from supervisor.watching import Supervisor, Watched, say

BRAIN_PORT = int(os.environ.get("IOP_BRAIN_PORT") or 5005)
DESK_SECONDS = 3


def check_ports(settings: Settings) -> None:
    """Stop before anything is started when a port is taken.

    Raises:
        SystemExit: The message names port, address, and how to choose another.
    """
    wanted = [
        ("IOP_PORT", settings.host, settings.port),
        ("IOP_CONSOLE_PORT", LOOPBACK, settings.console_port),
        ("IOP_BRAIN_PORT", LOOPBACK, BRAIN_PORT),
    ]
    if settings.metrics_port:
        wanted.append(("IOP_METRICS_PORT", LOOPBACK, settings.metrics_port))
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


def main() -> int:
    """Run the assistant until Ctrl-C or a termination signal."""
    settings, environment = prepare()
    log_lines.begin("supervisor", settings.log_format)
    check_ports(settings)
    ensure_trained()
    model = at_start(settings)
    if model is None:
        raise SystemExit(errors.TRAINING_FAILED.format(file="state/train.log"))
    environment[VARIABLE] = str(folder_of(settings.state))
    desk = Child("desk", [sys.executable, "-m", "desk.main"], environment)
    brain = brain_process(model, BRAIN_PORT, **environment)
    address = (settings.host, settings.port)
    # The page comes first: two processes that load at once would slow each other down.
    listens = Watched(
        desk, show=True, may_refuse=True, started=lambda: wait_until_listening(desk, address)
    )
    supervisor = Supervisor([listens, Watched(brain)], Figures.wanted(settings))
    supervisor.obey_signals()
    learning = Learning(settings, brain, environment["IOP_BRAIN_URL"], environment)
    with learning.alongside():
        code = supervisor.run()
    say("Stopped.")
    return code


if __name__ == "__main__":
    sys.exit(main())
