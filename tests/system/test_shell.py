"""`rasa shell` and `make shell`, with no other process running, in a real terminal."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pexpect
import pytest

from setup.code_print import ROOT

ARROW_UP = "\x1b[A"
COMMANDS = {
    "make shell": ("make", ["-s", "shell"]),
    "rasa shell": (str(ROOT / ".venv" / "brain" / "bin" / "rasa"), ["shell", "--model", "models"]),
}


@pytest.fixture(params=COMMANDS, scope="module")
def shell(request: pytest.FixtureRequest) -> Iterator[pexpect.spawn]:
    program, arguments = COMMANDS[request.param]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TERM": "dumb"}
    terminal = pexpect.spawn(
        program, arguments, cwd=str(ROOT), env=environment, encoding="utf-8", timeout=120
    )
    terminal.setwinsize(50, 400)
    terminal.expect("Your input")
    yield terminal
    # All of its processes: `make` may end before the shell, which would keep Rasa's port.
    os.killpg(terminal.pid, signal.SIGKILL)
    terminal.close(force=True)


def say(shell: pexpect.spawn, text: str, wanted: str) -> str:
    shell.sendline(text)
    shell.expect(wanted, timeout=30)
    said = str(shell.before) + str(shell.after)
    # Buttons come as a menu, whose last entry leads back to typing.
    shell.expect("Type out your own message", timeout=30)
    said += str(shell.before)
    shell.send(ARROW_UP + "\r")
    shell.expect("Your input", timeout=30)
    return said


def test_a_risk_brings_resources(shell: pexpect.spawn) -> None:
    say(shell, "i want to kill myself", "988")


def test_a_person_is_offered_and_nobody_is_claimed_to_be_told(shell: pexpect.spawn) -> None:
    said = say(shell, "can i talk to a real person", "nuviewtreatment.com").lower()
    claims = ("i told", "has been told", "have been told", "notified", "alerted", "let our team")
    assert not [claim for claim in claims if claim in said]


def test_a_question_is_answered(shell: pexpect.spawn) -> None:
    say(shell, "how much does the program cost", r"typically|\$")
