"""Runs a step of the evaluation in the brain's environment and reads the JSON that it writes."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import orjson

from benchmarks import errors
from benchmarks.errors import BenchError
from setup.code_print import ROOT
from supervisor.brain import BRAIN_PYTHON

_LAST_WORDS = 2000
_QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


def in_brain(module: str, *arguments: str) -> Any:
    """Return what a module of benchmarks/ writes.

    Args:
        module: Its name.
        arguments: For its command line.

    Raises:
        BenchError: There is no environment, or the module failed.
    """
    if not BRAIN_PYTHON.exists():
        raise BenchError(errors.NO_ENVIRONMENT.format(path=BRAIN_PYTHON))
    command = [str(BRAIN_PYTHON), "-W", "ignore", "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, env={**os.environ, **_QUIET})
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace")[-_LAST_WORDS:]
        raise BenchError(errors.STEP_FAILED.format(name=module, code=done.returncode, words=words))
    return orjson.loads(done.stdout)
