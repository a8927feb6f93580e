"""The programs under measurement: started, timed, and ended with everything they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psutil  # type: ignore[import-untyped]

from benchmarks import errors
from benchmarks.errors import BenchError
from benchmarks.memory import tree

LAST_WORDS = 1500
"""How many characters of a log are shown when something failed."""
GRACE_SECONDS = 25
"""The supervisor gives each of its two processes ten seconds to end by itself."""
_POLL_SECONDS = 0.05


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a program: this one's, without what would slow or steer it."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DATABASE_URL")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in unwanted and not name.startswith("IOP_")
    }
    quiet = {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }
    return {**kept, **quiet, **more}


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second Ctrl-C not interrupt the ending of what the first one ended."""
    handlers = {n: signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


class Program:
    """A program, used as a context: started on entry, ended on exit with all it started."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        log: Path,
        variables: Mapping[str, str],
    ) -> None:
        """Describe a program.

        Args:
            name: For messages.
            command: Program and arguments.
            folder: Where it runs.
            log: Where its standard output and error go.
            variables: Its whole environment.
        """
        self.name, self.log = name, log
        self._command, self._folder, self._variables = list(command), folder, dict(variables)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def __enter__(self) -> Program:
        """Start it."""
        self._started = time.perf_counter()
        with self.log.open("ab") as output:
            # A session of its own: Ctrl-C reaches the benchmark alone, which ends all in order.
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        """End it, and by force what is left of its tree."""
        process = self._process
        if process is None:
            return
        with _undisturbed():
            started = tree(process.pid)
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            for left in started:
                # psutil knows a later process of the same id from the one that was started.
                with contextlib.suppress(psutil.NoSuchProcess):
                    left.kill()
            process.wait()

    @property
    def pid(self) -> int:
        """Its process id.

        Raises:
            BenchError: It has ended.
        """
        process = self._process
        if process is None or process.poll() is not None:
            raise self._problem(errors.ENDED)
        return process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def until_ready(self, url: str, seconds: float = 180) -> float:
        """Wait until an address answers 200.

        Returns:
            Seconds from the start of the program.

        Raises:
            BenchError: It ended by itself or took too long.
        """
        while self.pid:
            if _answers(url):
                return time.perf_counter() - self._started
            if time.perf_counter() - self._started > seconds:
                raise self._problem(errors.NOT_READY, seconds)
            time.sleep(_POLL_SECONDS)
        raise AssertionError("unreachable: `pid` raises")

    def until_done(self) -> float:
        """Wait until it has ended.

        Returns:
            Seconds from its start.

        Raises:
            BenchError: It failed.
        """
        assert self._process is not None
        if self._process.wait():
            raise self._problem(errors.FAILED)
        return time.perf_counter() - self._started

    def _problem(self, message: str, seconds: float = 0) -> BenchError:
        words = self.log.read_text("utf-8", "replace")[-LAST_WORDS:].strip()
        code = self._process.poll() if self._process else None
        return BenchError(
            message.format(name=self.name, code=code, log=self.log, words=words, seconds=seconds)
        )
