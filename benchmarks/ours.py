"""This assistant, started as `make run` starts it, on free ports and an empty state folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks import errors
from benchmarks.errors import BenchError
from benchmarks.memory import below, tree_mb
from benchmarks.processes import Program, environment
from language import kept_vectors
from setup.code_print import ROOT
from setup.train import is_trained, passages_are_current
from supervisor.brain import BRAIN_MODULE, BRAIN_PYTHON, TOKEN_FILE
from supervisor.ports import LOOPBACK, free_port

NAME = "This assistant"
TRAIN = """
import sys
from pathlib import Path
from setup import train
train.MODELS = Path(sys.argv[1])
train.CURRENT = train.MODELS / "current"
train.train()
"""
"""All of `make train`, nothing skipped, into a folder that is not the one in use."""


class Ours:
    """This assistant, with a folder for what it writes."""

    def __init__(self, folder: Path) -> None:
        """Let it write into a folder that exists."""
        self._folder = folder
        self.console = ""
        """The console's address, once it runs."""

    def train(self) -> float:
        """Train everything from nothing.

        Returns:
            Seconds that it took.

        Raises:
            BenchError: Training failed.
        """
        models = self._folder / "models"
        models.mkdir()
        # Kept only to save time; this training makes it anew.
        kept_vectors.FILE.unlink(missing_ok=True)
        command = [str(BRAIN_PYTHON), "-W", "ignore", "-c", TRAIN, str(models)]
        cache = environment(RASA_CACHE_DIRECTORY=str(self._folder / "cache"))
        log = self._folder / "train.log"
        with Program(f"{NAME} (training)", command, ROOT, log, cache) as training:
            return training.until_done()

    def running(self, **more: str) -> tuple[Program, str]:
        """Return its supervisor, not yet started, and the desk's address.

        Args:
            more: Further variables of its environment; `{url}` in one stands for that address.

        Raises:
            BenchError: The start would train, and so not be the start alone.
        """
        require_trained()
        state = self._folder / f"state-{len(list(self._folder.glob('state-*')))}"
        state.mkdir(mode=0o700)
        shutil.copy(TOKEN_FILE, state / TOKEN_FILE.name)
        port, console = free_port(), free_port()
        self.console = f"http://{LOOPBACK}:{console}"
        own = {
            "IOP_STATE": str(state),
            "IOP_PORT": str(port),
            "IOP_CONSOLE_PORT": str(console),
            "IOP_BRAIN_PORT": str(free_port()),
            "IOP_BRAIN_DATABASE": f"sqlite:///{state}/brain.db",
            # The load comes from one address, faster than any visitor writes.
            "IOP_RATE_CONVERSATION": "0",
            "IOP_RATE_ADDRESS": "0",
        }
        given = {k: v.replace("{url}", f"http://{LOOPBACK}:{port}") for k, v in more.items()}
        variables = environment(**{**own, **given})
        command = [sys.executable, "-m", "supervisor.run"]
        log = self._folder / "run.log"
        return Program(NAME, command, ROOT, log, variables), f"http://{LOOPBACK}:{port}"


def require_trained() -> None:
    """Make sure that a start does not train.

    Raises:
        BenchError: It would; the message says what to do.
    """
    if not is_trained() or not passages_are_current():
        raise BenchError(errors.NOT_TRAINED)


def brain_mb(supervisor: int) -> float:
    """Return the megabytes of the brain alone, found below the supervisor.

    Raises:
        LookupError: It is not running.
    """
    return tree_mb(below(supervisor, BRAIN_MODULE))
