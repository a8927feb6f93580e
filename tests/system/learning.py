"""The whole assistant as `make run` starts it, and the steps of teaching it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from setup.code_print import ROOT
from store import candidates, corrections, learned, models_in_use, review_queue
from store.corrections import Correction
from supervisor.ports import free_port
from tests.browser.staff import with_log
from tests.running import Visitor

PATIENCE = 900
"""Seconds that a training and a comparison may take on a busy machine."""
TEACHER, SECOND = "teacher-id", "second-id"


class Assistant:
    """`make run` on free ports, with a state folder of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        (state / "brain.token").write_text((ROOT / "state" / "brain.token").read_text())
        self.port, self.console_port, self.brain_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.console_url = f"http://127.0.0.1:{self.console_port}"
        self._environment = {
            **os.environ,
            "IOP_STATE": str(state),
            "IOP_PORT": str(self.port),
            "IOP_CONSOLE_PORT": str(self.console_port),
            "IOP_BRAIN_PORT": str(self.brain_port),
            "IOP_BRAIN_DATABASE": f"sqlite:///{state}/brain.db",
            "IOP_RATE_CONVERSATION": "0",
            "IOP_RATE_ADDRESS": "0",
            "IOP_ALERTS_FILE": os.devnull,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Assistant:
        log = (self.state / "run.log").open("ab")
        command = [sys.executable, "-m", "supervisor.run"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=log, stderr=log
        )
        log.close()
        self.until(self.is_ready, 300)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(60)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def until(self, holds: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Ask again until something holds; not a wait for luck, it ends as soon as it does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, (self.state / "run.log").read_text()[-2000:]
            found = holds()
            if found:
                return found
            time.sleep(0.2)
        raise TimeoutError(holds)

    def visitor(self) -> Visitor:
        return Visitor(self.url)

    def log(self, work: Callable[[Connection], Any]) -> Any:
        return with_log(self.state, work)

    def teach(self, said: str, ours: str, intent: str) -> None:
        """Have a visitor say something, and a reviewer teach what it was in their own words."""
        self.visitor().say(said)

        def work(c: Connection) -> None:
            newest = review_queue.past(c)
            place = next((each.conversation_id, each.seq) for each in newest if each.text == said)
            now = int(time.time() * 1000)
            correction = Correction(*place, "intent", (intent,), by=TEACHER, at=now)
            assert corrections.correct(c, correction)
            found = corrections.one(c, *place)
            assert found is not None
            assert learned.teach(c, found, ours, TEACHER, now)

        self.log(work)

    def candidate(self) -> candidates.Candidate:
        """Ask for a candidate and wait until it is made."""
        now = int(time.time() * 1000)
        name = self.log(lambda c: candidates.ask(c, TEACHER, now))
        assert name is not None
        return self.made(name)

    def made(self, name: str) -> candidates.Candidate:
        """Wait until a candidate is made."""
        found: candidates.Candidate = self.until(
            lambda: self.log(
                lambda c: (
                    each
                    if (each := candidates.one(c, name)) and each.state not in candidates.WORKING
                    else None
                )
            )
        )
        assert found.state == "ready", (found, (self.state / "logs" / "candidate.log").read_text())
        return found

    def switched(self) -> models_in_use.InUse:
        """Wait until the brain has taken the model that was chosen."""
        found: models_in_use.InUse = self.until(
            lambda: self.log(
                lambda c: now if (now := models_in_use.current(c)).done_at is not None else None
            ),
            300,
        )
        return found
