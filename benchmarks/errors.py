"""What can go wrong in a benchmark, in words for the person at the terminal."""

from __future__ import annotations

FAILED = "{name} failed (exit code {code}). Its last words ({log}):\n{words}"
ENDED = "{name} ended by itself (exit code {code}). Its last words ({log}):\n{words}"
NOT_READY = "{name} was not ready after {seconds:.0f} s. Its last words ({log}):\n{words}"
REFUSED = "{name} answered a message with status {status} instead of 200."
NO_ANSWER = "{name} did not answer a message: {problem}."
SAFE_REPLIES = (
    "{name} gave its safe reply to {count} of {messages} messages, as if the brain were down or "
    "too slow: the figures would be worthless. Is the machine busy with something else?"
)
NOT_A_CRISIS = "A message of risk was answered without crisis resources."
NO_ENVIRONMENT = "{path} is missing: run `make setup`."
NO_MODEL = "There is no trained model: run `make train`."


class BenchError(Exception):
    """The benchmark cannot go on; the message says why."""
