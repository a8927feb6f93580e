"""How the brain is started, and when it is ready."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from pathlib import Path

from setup import errors
from setup.code_print import ROOT
from supervisor.processes import STATE, Child

BRAIN_MODULE = "brain.rasa_alone"
"""What the brain's process runs; also how `make bench` finds it among the others."""
BRAIN_PYTHON = ROOT / ".venv" / "brain" / "bin" / "python"
TOKEN_FILE = STATE / "brain.token"
CREDENTIALS = ROOT / "credentials.yml"
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    # Few threads: the brain's sums are small, and two cores are for everybody.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def brain_process(model: Path, port: int, name: str = "brain", **environment: str) -> Child:
    """Return the brain's process, not yet started.

    Args:
        model: The exact model file (Rasa takes the newest of a folder when it is missing).
        port: Where it listens, on 127.0.0.1 alone.
        name: For messages and its log file.
        environment: Further variables, such as IOP_DEMO.
    """
    command = [str(BRAIN_PYTHON), "-m", BRAIN_MODULE, "run", "--interface", "127.0.0.1"]
    command += ["--port", str(port), "--model", str(model), "--credentials", str(CREDENTIALS)]
    command += ["--endpoints", str(ROOT / "endpoints.yml")]
    token = {"IOP_BRAIN_TOKEN_FILE": str(TOKEN_FILE)}
    return Child(name, command, {**ENVIRONMENT, **token, **environment})


def wait_until_ready(brain: Child, port: int, seconds: float = 120) -> None:
    """Wait until the brain has loaded its model.

    Raises:
        SystemExit: It ended by itself, or took too long; the message names its log.
    """
    token = TOKEN_FILE.read_text("utf-8").strip()
    call = urllib.request.Request(
        f"http://127.0.0.1:{port}/webhooks/desk/v1/ready",
        headers={"Authorization": f"Bearer {token}"},
    )
    end = time.monotonic() + seconds
    while brain.running and time.monotonic() < end:
        try:
            with urllib.request.urlopen(call, timeout=2) as answer:
                if b"true" in answer.read():
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(errors.NOT_READY.format(name="The brain", file=brain.log.name))
