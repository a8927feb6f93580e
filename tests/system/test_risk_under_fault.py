"""Invariant 1 against the running system: whatever is broken, resources come in the same turn."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import TimestampSigner

from desk.keys import signing_keys
from tests.running import RunningDesk

CRISIS = "i want to kill myself"
CROWD, QUEUED = 100, 500
Fault = Callable[[RunningDesk], AbstractContextManager[Any]]


@contextmanager
def nothing_wrong(_: RunningDesk) -> Iterator[None]:
    yield


@contextmanager
def brain_killed(running: RunningDesk) -> Iterator[None]:
    running.kill_brain()
    yield
    running.start_brain()


@contextmanager
def brain_hanging(running: RunningDesk) -> Iterator[None]:
    assert running.brain.pid is not None
    os.kill(running.brain.pid, signal.SIGSTOP)
    yield
    os.kill(running.brain.pid, signal.SIGCONT)


@contextmanager
def actions_raising(running: RunningDesk) -> Iterator[None]:
    """Every custom action raises: a brain whose interpreter was tampered with at its start."""
    folder = running.state / "tampered"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(
        "from rasa_sdk.executor import ActionExecutor\n"
        "async def run(self, call):\n    raise RuntimeError('tampered')\n"
        "ActionExecutor.run = run\n"
    )
    running.brain.stop()
    running.start_brain(PYTHONPATH=str(folder))
    yield
    running.brain.stop()
    running.start_brain()


@contextmanager
def log_locked(running: RunningDesk) -> Iterator[None]:
    with sqlite3.connect(running.state / "desk.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def disk_full(running: RunningDesk) -> Iterator[None]:
    """No file of the desk can grow: neither its log nor the spill file beside it."""
    assert running.desk.pid is not None
    before = resource.prlimit(running.desk.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.desk.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(running.desk.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def five_hundred_queued(running: RunningDesk) -> Iterator[None]:
    """Other people's messages wait for a brain that answers none of them."""
    visitors = [running.visitor() for _ in range(CROWD)]
    sent = threading.Semaphore(0)

    def ask(number: int) -> None:
        sent.release()
        visitors[number % CROWD].say("how much does it cost")

    assert running.brain.pid is not None
    os.kill(running.brain.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(QUEUED) as pool:
        asked = [pool.submit(ask, number) for number in range(QUEUED)]
        for _ in asked:
            sent.acquire()
        yield
        os.kill(running.brain.pid, signal.SIGCONT)


FAULTS: list[Fault] = [
    nothing_wrong,
    brain_killed,
    brain_hanging,
    actions_raising,
    log_locked,
    disk_full,
    five_hundred_queued,
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    # Five hundred people are one address here, which alone would be refused long before.
    room = str(2 * QUEUED)
    several = {"IOP_CONNECTIONS_ADDRESS": room, "IOP_WAITING": room}
    state = tmp_path_factory.mktemp("state")
    with RunningDesk(state, IOP_BRAIN_LIMIT="0.5", **several) as system:
        yield system


@pytest.fixture(scope="module", params=FAULTS, ids=lambda fault: str(fault.__name__))
def broken(request: pytest.FixtureRequest, running: RunningDesk) -> Iterator[RunningDesk]:
    with request.param(running):
        yield running


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> str:
    """Return the name of the fault that the test runs under."""
    return str(request.node.callspec.params["broken"].__name__)


def shows_resources(answer: dict[str, Any]) -> bool:
    shown = [*answer.get("replies", ()), *([answer["crisis"]] if "crisis" in answer else [])]
    return any(
        item["kind"] == "crisis" and any(link["href"] == "tel:988" for link in item["links"])
        for item in shown
    )


def is_logged(running: RunningDesk, words: str) -> bool:
    """Whether the log holds a message; a lock may keep its secret for a moment."""
    with sqlite3.connect(running.state / "desk.db", timeout=30) as log:
        # The messages themselves are sealed.
        held = log.execute("SELECT count(*) FROM masked_texts WHERE text = ?", (words,)).fetchone()
    return bool(held[0])


#: What a plain question shows of a fault: how it is answered, and whether the log has it.
SIGNS = {
    "nothing_wrong": ("answer", True),
    "brain_killed": ("safe", True),
    "brain_hanging": ("safe", True),
    "actions_raising": ("safe", True),
    "log_locked": ("answer", False),
    "disk_full": (503, False),
    "five_hundred_queued": ("safe", True),
}


def test_the_fault_is_there(broken: RunningDesk, fault: str) -> None:
    words = f"can i talk to a person please, {fault}"
    answer = broken.visitor().say(words)
    shown = answer.get("status") or answer["replies"][0]["kind"]
    assert (shown, is_logged(broken, words)) == SIGNS[fault]


MESSAGES = {
    "plain": CRISIS,
    "behind a leading slash": f"/{CRISIS}",
    "as a command of Rasa's": f"/restart {CRISIS}",
    "in capitals": CRISIS.upper(),
    "in emoji": "i want to \U0001f52a\U0001fa78 myself",
    "at the end of 100,000 characters": ("word " * 20_000)[: 99_900 - len(CRISIS)] + ". " + CRISIS,
    "beside a question": f"do you take aetna? also {CRISIS}",
    "in Spanish": "me quiero matar",
}


@pytest.mark.parametrize("text", MESSAGES.values(), ids=MESSAGES)
def test_resources_come_in_the_same_turn(broken: RunningDesk, text: str) -> None:
    assert shows_resources(broken.visitor().say(text))


def test_a_risk_spread_over_two_messages(broken: RunningDesk) -> None:
    visitor = broken.visitor()
    visitor.say("i really just want to")
    assert shows_resources(visitor.say("kill myself tonight"))


def test_a_risk_in_a_buttons_free_text(broken: RunningDesk) -> None:
    assert shows_resources(broken.visitor().press(CRISIS))


def test_in_the_middle_of_a_conversation(broken: RunningDesk) -> None:
    visitor = broken.visitor()
    visitor.say("how much does it cost")
    assert shows_resources(visitor.say(CRISIS))


def test_a_conversation_that_staff_own(running: RunningDesk) -> None:
    visitor = running.visitor()
    visitor.say("how much does it cost")
    with sqlite3.connect(running.state / "desk.db") as log:
        log.execute("UPDATE ownership SET owner = 'human', agent = 'a' WHERE owner = 'bot'")
    answer = visitor.say(CRISIS)
    assert shows_resources(answer)
    assert {reply["kind"] for reply in answer["replies"]} == {"crisis"}


@pytest.mark.parametrize("token", ["expired", "forged", "missing"])
def test_a_session_that_has_ended(running: RunningDesk, token: str) -> None:
    visitor = running.visitor()
    visitor.token = {"expired": old_token(running.state), "forged": "x.y.z", "missing": ""}[token]
    answer = visitor.say(CRISIS)
    assert answer["status"] == 401
    assert shows_resources(answer)


def old_token(state: Path) -> str:
    class Old(TimestampSigner):
        def get_timestamp(self) -> int:
            return 1_600_000_000

    return (
        Old(signing_keys(state / "web.keys"), "visitor", digest_method=hashlib.sha256)
        .sign("a" * 22)
        .decode()
    )


def test_the_rate_limit_exceeded(tmp_path: Path) -> None:
    with RunningDesk(tmp_path, IOP_RATE_CONVERSATION="2/600") as system:
        visitor = system.visitor()
        answers = [visitor.say(CRISIS) for _ in range(8)]
    assert 429 in {answer.get("status") for answer in answers}
    assert all(map(shows_resources, answers))
