from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitoring import trace
from monitoring.log_lines import LEFT_OUT, Lines, chosen

ROOT = Path(__file__).resolve().parents[2]
WORDS = "zanzibarquux"


def record(name: str = "desk.turn", **more: Any) -> logging.LogRecord:
    given = {"level": logging.ERROR, "pathname": "turn.py", "lineno": 7, "func": "run", **more}
    return logging.makeLogRecord(
        {
            "name": name,
            "levelno": given["level"],
            "levelname": logging.getLevelName(given["level"]),
            "msg": given.get("msg", "It broke off: %s."),
            "args": given.get("args", ("ValueError",)),
            "exc_info": given.get("exc_info"),
            "module": "turn",
            "lineno": 7,
            "funcName": "run",
            **given.get("extra", {}),
        }
    )


def parsed(one: logging.LogRecord) -> dict[str, Any]:
    line = Lines("desk", "json").format(one)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def broken() -> Any:
    try:
        raise ValueError(WORDS)
    except ValueError:
        return sys.exc_info()


def test_a_line_is_one_json_object_with_its_trace() -> None:
    mine = trace.begin()
    found = parsed(record())
    assert found.pop("time").endswith("Z")
    assert found == {
        "level": "ERROR",
        "logger": "desk.turn",
        "message": "It broke off: ValueError.",
        "trace": mine,
        "process": "desk",
    }


def test_outside_of_a_turn_there_is_no_trace() -> None:
    trace.end()
    assert parsed(record())["trace"] is None
    assert Lines("desk", "plain").format(record()) == "ERROR desk.turn: It broke off: ValueError."


def test_in_a_terminal_a_line_is_words_and_the_trace() -> None:
    mine = trace.begin()
    line = Lines("desk", "plain").format(record())
    assert line == f"ERROR desk.turn: It broke off: ValueError. [{mine}]"


@pytest.mark.parametrize("form", ["plain", "json"])
def test_of_a_librarys_line_the_words_are_left_out(form: Any) -> None:
    line = Lines("desk", form).format(record("aiohttp.client", msg=f"Got {WORDS}", args=()))
    assert WORDS not in line
    assert f"{LEFT_OUT} (turn:7 run)" in line


@pytest.mark.parametrize("form", ["plain", "json"])
def test_of_an_error_only_class_and_places_are_told(form: Any) -> None:
    line = Lines("desk", form).format(record(exc_info=broken()))
    assert WORDS not in line
    assert "ValueError" in line
    assert "test_log_lines.py:" in line


def test_only_known_values_are_told() -> None:
    found = parsed(record(extra={"channel": "sms", "text": WORDS}))
    assert found["channel"] == "sms"
    assert WORDS not in json.dumps(found)


@pytest.mark.parametrize(
    ("value", "form"), [("json", "json"), ("plain", "plain"), ("", "plain"), ("xml", "plain")]
)
def test_the_form_is_plain_unless_json_is_asked_for(value: str, form: str) -> None:
    assert chosen({"IOP_LOG_FORMAT": value}) == form


PROGRAM = """
import logging, sys, warnings
logging.basicConfig(level=logging.DEBUG)
library = logging.getLogger("rasa.core.processor")
library.addHandler(logging.StreamHandler())
library.propagate = False
library.setLevel(logging.DEBUG)
from monitoring import log_lines
log_lines.begin("brain", sys.argv[1], of_libraries=True)
library.error("a model is missing")
log_lines.hush()
for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.CRITICAL):
    library.log(level, "user said zanzibarquux")
logging.getLogger("brain.connector").info("ours")
warnings.warn("zanzibarquux")
raise ValueError("zanzibarquux")
"""


def test_libraries_are_heard_until_people_write() -> None:
    command = [sys.executable, "-c", PROGRAM, "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert WORDS not in done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["logger"], line["level"]) for line in lines] == [
        ("rasa.core.processor", "ERROR"),
        ("rasa.core.processor", "WARNING"),
        ("rasa.core.processor", "CRITICAL"),
        ("brain.connector", "INFO"),
        ("__main__", "CRITICAL"),
    ]
    assert lines[0]["message"] == "a model is missing"
    assert lines[-1]["error"] == "ValueError"


def test_in_a_terminal_what_goes_well_is_not_told() -> None:
    program = PROGRAM.rpartition("raise")[0]
    command = [sys.executable, "-W", "ignore", "-c", program, "plain"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert WORDS not in done.stdout + done.stderr
    assert "ours" not in done.stderr
    assert done.stderr.startswith("ERROR rasa.core.processor: a model is missing\n")
