"""The stock assistant: what `rasa init --no-prompt` makes, default pipeline and policies untouched.

`rasa init` copies a project and trains it. Here the two are done apart, so that training is timed
alone: the same files, then `rasa train --force` with an empty cache.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.processes import Program, environment
from supervisor.brain import BRAIN_PYTHON
from supervisor.ports import LOOPBACK, free_port

NAME = "The stock assistant"
_COPY = "from rasa.cli.scaffold import create_initial_project as create; create('.')"


class Stock:
    """The stock assistant in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Put it into a folder that exists."""
        self._folder = folder

    def train(self) -> float:
        """Make the project and train it from nothing.

        Returns:
            Seconds that training took.

        Raises:
            BenchError: Training failed.
        """
        with self._program("init", [str(BRAIN_PYTHON), "-W", "ignore", "-c", _COPY]) as copying:
            copying.until_done()
        enable_rest(self._folder / "credentials.yml")
        with self._program("train", [*_rasa("train"), "--force"]) as training:
            return training.until_done()

    def running(self) -> tuple[Program, str]:
        """Return its server, not yet started, and its address, which answers when it is ready."""
        port = free_port()
        command = [*_rasa("run"), "--interface", LOOPBACK, "--port", str(port)]
        return self._program("run", command), f"http://{LOOPBACK}:{port}"

    def _program(self, what: str, command: list[str]) -> Program:
        log = self._folder / f"{what}.log"
        # Whatever the project caches stays in its folder.
        variables = environment(RASA_CACHE_DIRECTORY=str(self._folder / "cache"))
        return Program(f"{NAME} (rasa {what})", command, self._folder, log, variables)


def _rasa(what: str) -> list[str]:
    return [str(BRAIN_PYTHON), "-W", "ignore", "-m", "rasa", what]


def enable_rest(credentials: Path) -> None:
    """Make sure that the REST channel is on; Rasa's own file has it already."""
    lines = credentials.read_text("utf-8").splitlines()
    if not any(line.startswith("rest:") for line in lines):
        credentials.write_text("\n".join([*lines, "rest:", ""]), "utf-8")
