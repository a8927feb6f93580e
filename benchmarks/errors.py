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
NOT_TRAINED = (
    "The model is missing or older than the data, configuration or code that it is made from, so "
    "that starting would also train. Run `make train`, and change no file while it is measured."
)


class BenchError(Exception):
    """The benchmark cannot go on; the message says why."""
