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
NO_FILE = (
    "{file} is not there, or is no file. Give the path of a CSV file (make eval FILE=messages.csv) "
    "or of a folder that holds train_10.csv and test.csv (make eval BANKING=folder)."
)
NOT_A_TABLE = "{file} cannot be read as a CSV file in UTF-8 ({problem}). Save it as one."
WRONG_COLUMNS = (
    "{file} has the columns {found}, but {wanted} are needed in its first line. "
    "Name them so; other columns are left alone."
)
NO_LABEL = (
    "{file}, line {line}: there is no intent. Write one, `a|b` where either is right, "
    "or `a+b` where both are asked."
)
NO_ROWS = "{file} holds no messages: write one a line below the names of the columns."
UNKNOWN_INTENTS = (
    "{file} has intents that the assistant does not know, which count as wrong: {names}. "
    "docs/intents.md lists the names."
)
STEP_FAILED = "{name} failed (exit code {code}). Its last words:\n{words}"
NO_LIMITS = (
    "This machine lets us make no control group ({problem}): memory and processors cannot be held "
    "to those of a small server. Run it as root on Linux, not inside a container that has no "
    "control groups of its own."
)
NO_GIT = "git does not know the files of this folder: run the benchmark in a clone."
NO_CANDIDATE = "The new model was not made: its state is {state}."


class BenchError(Exception):
    """The benchmark cannot go on; the message says why."""


class FileError(BenchError):
    """A file of labelled messages cannot be used; the message names file, place and remedy."""
