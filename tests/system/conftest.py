"""Asks through `make ask`'s own program, once for many messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from setup.code_print import ROOT

Asked = Callable[[list[str]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def ask() -> Asked:
    """Return a function that puts messages to the assistant and returns its objects."""

    def put(texts: list[str]) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.ask"],
            cwd=ROOT,
            input="\n".join(texts) + "\n",
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ},
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(texts)
        return answers

    return put
