"""Starts the real system for tests: desk and brain as `make run` starts them, on free ports."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from setup.code_print import ROOT
from setup.train import current_model
from supervisor.brain import brain_process, wait_until_ready
from supervisor.ports import free_port
from supervisor.processes import Child


def wait_for(url: str, process: Child, seconds: float = 60) -> None:
    """Wait until an address answers 200.

    Raises:
        TimeoutError: It did not, or the process ended.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.running:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            # Not a wait for luck: the address is asked again until it answers or time is up.
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer; see {process.log}")


class Visitor:
    """A visitor's client of the public API."""

    def __init__(self, url: str) -> None:
        """Begin a conversation."""
        self.url = url
        self.token = ""
        begun = self.call("POST", "/api/v1/conversations")
        assert "token" in begun, begun
        self.token = begun["token"]
        self.greeting = begun["messages"]

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the API and return the JSON of its answer, whatever its status."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return {"status": refused.code, **json.load(refused)}

    def say(self, text: str) -> dict[str, Any]:
        """Send a message and return the answer."""
        body = {"id": str(uuid.uuid4()), "text": text}
        answer: dict[str, Any] = self.call("POST", "/api/v1/messages", body)
        return answer

    def press(self, button: str) -> dict[str, Any]:
        """Press a button and return the answer."""
        body = {"id": str(uuid.uuid4()), "button": button}
        answer: dict[str, Any] = self.call("POST", "/api/v1/messages", body)
        return answer


class RunningDesk:
    """The whole system on free ports."""

    def __init__(self, state: Path, **environment: str) -> None:
        """Prepare it; variables override those of `make run`."""
        self.state = state
        shutil.copy(ROOT / "state" / "brain.token", state / "brain.token")
        self.port, self.console_port, self.brain_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.console_url = f"http://127.0.0.1:{self.console_port}"
        self._environment = {
            "IOP_DEMO": "1",
            "IOP_STATE": str(state),
            "IOP_PORT": str(self.port),
            "IOP_CONSOLE_PORT": str(self.console_port),
            "IOP_BRAIN_URL": f"http://127.0.0.1:{self.brain_port}",
            "IOP_RATE_CONVERSATION": "0",
            "IOP_RATE_ADDRESS": "0",
            # Whoever runs the tests may have places of their own to tell.
            "IOP_ALERTS_FILE": os.devnull,
            **environment,
        }
        self.desk = Child("desk", [sys.executable, "-m", "desk.main"], self._environment)
        self.desk.log = state / "desk.log"
        self.brain = self._new_brain()

    def _new_brain(self, **environment: str) -> Child:
        model = current_model()
        if model is None:
            raise RuntimeError("No model: run `make train`.")
        store = {"IOP_DEMO": "1", "IOP_BRAIN_DATABASE": f"sqlite:///{self.state}/brain.db"}
        brain = brain_process(model, self.brain_port, **store, **environment)
        brain.log = self.state / "brain.log"
        return brain

    def start_brain(self, **environment: str) -> None:
        """Start a brain (again) and wait until it is ready."""
        self.brain = self._new_brain(**environment)
        self.brain.start()
        wait_until_ready(self.brain, self.brain_port)

    def kill_brain(self) -> None:
        """Kill the brain outright."""
        assert self.brain.pid is not None
        os.kill(self.brain.pid, 9)
        self.brain.stop()

    def visitor(self) -> Visitor:
        """Begin a conversation."""
        return Visitor(self.url)

    def __enter__(self) -> RunningDesk:
        """Start both and wait until they are ready."""
        self.desk.start()
        self.start_brain()
        wait_for(f"{self.url}/readyz", self.desk)
        return self

    def __exit__(self, *_: object) -> None:
        """End both."""
        self.desk.stop()
        self.brain.stop()
