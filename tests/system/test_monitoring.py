"""The whole system at work: figures of every process, one id in every log line, nobody's words."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from setup.code_print import ROOT
from supervisor.figures import Figures
from supervisor.ports import free_port
from tests.promtool import promtool
from tests.running import RunningDesk

WORD = "zanzibarquux"
MESSAGES = (
    f"how much is it {WORD}",
    f"i want to kill myself tonight {WORD}",
    WORD,
    f"my name is {WORD} and do you take aetna {WORD}",
    f"cuánto cuesta {WORD}",
)
_NAME = re.compile(r"\b(?:iop|process)_[a-z_]+\b")
_NAMED = re.compile(r"^# TYPE (\S+) \S+$", re.MULTILINE)
_ROW = re.compile(r"^\| `(iop_\w+)", re.MULTILINE)


class Watched:
    """A system whose brain and desk log as much as somebody could ask for."""

    def __init__(self, running: RunningDesk, port: int) -> None:
        self.running, self.port = running, port
        self.ids: list[str] = []

    def figures(self) -> str:
        address = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(address, timeout=10) as answer:
            read: str = answer.read().decode()
            return read

    def say(self, text: str, token: str) -> None:
        body = json.dumps({"id": str(uuid.uuid4()), "text": text}).encode()
        request = urllib.request.Request(f"{self.running.url}/api/v1/messages", body)
        request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.ids.append(answer.headers["X-Trace-Id"])

    def lines(self, process: str) -> list[dict[str, Any]]:
        text = (self.running.state / f"{process}.log").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    port, state = free_port(), tmp_path_factory.mktemp("watched")
    Figures(state).started("brain")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LOG_LEVEL", "LOG_LEVEL_LIBRARIES"):
            patch.setenv(name, "DEBUG")
        patch.setenv("IOP_LOG_FORMAT", "json")
        patch.setenv("PYTHONASYNCIODEBUG", "1")
        with RunningDesk(state, IOP_METRICS_PORT=str(port)) as running:
            found, token = Watched(running, port), running.visitor().token
            for text in MESSAGES:
                found.say(text, token)
            yield found


def test_every_figure_that_a_rule_names_is_told(watched: Watched) -> None:
    told = watched.figures()
    names = {sample.split("{")[0].split(" ")[0] for sample in told.splitlines()}
    names |= set(_NAMED.findall(told))
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    wanted = {name for rule in rules["groups"][0]["rules"] for name in _NAME.findall(rule["expr"])}
    assert len(wanted) > 20
    assert wanted - names == set()


def test_every_figure_is_described(watched: Watched) -> None:
    described = set(_ROW.findall((ROOT / "docs" / "monitoring.md").read_text("utf-8")))
    told = {name for name in _NAMED.findall(watched.figures()) if "process_" not in name}
    assert told == described


def test_prometheus_reads_the_figures_and_has_nothing_against_them(watched: Watched) -> None:
    done = promtool("check", "metrics", given=watched.figures())
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_figures_of_every_process_are_told(watched: Watched) -> None:
    told = watched.figures().splitlines()
    assert "iop_brain_up 1.0" in told
    assert 'iop_supervisor_starts_total{process="brain"} 1.0' in told
    assert any(line.startswith("iop_brain_model_info{model=") for line in told)
    (brain,) = [
        line for line in told if line.startswith('iop_brain_answer_seconds_count{call="turn"}')
    ]
    (desk,) = [
        line for line in told if line.startswith('iop_brain_call_seconds_count{call="turn"}')
    ]
    assert brain.split()[1] == desk.split()[1] != "0.0"


def test_one_id_leads_from_the_answer_to_the_lines_of_desk_and_brain(watched: Watched) -> None:
    desk = [line for line in watched.lines("desk") if line["message"] == "A turn ended."]
    brain = [line for line in watched.lines("brain") if line["message"] == "A call was answered."]
    assert [line["trace"] for line in desk] == watched.ids
    assert len(set(watched.ids)) == len(MESSAGES)
    # The brain is not asked about Spanish.
    assert [line["trace"] for line in brain] == watched.ids[: len(MESSAGES) - 1]
    assert {line["process"] for line in desk + brain} == {"desk", "brain"}


@pytest.mark.parametrize("process", ["desk", "brain"])
def test_at_the_lowest_level_nobodys_words_are_in_any_line(watched: Watched, process: str) -> None:
    lines = watched.lines(process)
    assert lines
    keys = {"time", "level", "logger", "message", "trace", "process"}
    assert all(keys <= set(line) for line in lines)
    text = (watched.running.state / f"{process}.log").read_text("utf-8").lower()
    for word in (WORD, "aetna", "kill myself", "cuesta"):
        assert word not in text


def test_no_figure_holds_words_or_an_id_of_anybody(watched: Watched) -> None:
    told = watched.figures()
    assert WORD not in told
    assert all(each not in told for each in watched.ids)


def asked(watched: Watched, call: str, token: str, given: str = "") -> tuple[int, str, str]:
    """Ask the brain as the desk does; return status, trace id and body."""
    address = f"http://127.0.0.1:{watched.running.brain_port}/webhooks/desk/v1/{call}"
    headers = {"Authorization": f"Bearer {token}", "X-Trace-Id": given}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return answer.status, answer.headers["X-Trace-Id"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["X-Trace-Id"], refused.read().decode()


@pytest.mark.parametrize("token", ["", "another"])
def test_the_brain_tells_its_figures_to_the_desk_alone(watched: Watched, token: str) -> None:
    status, _, body = asked(watched, "metrics", token)
    assert status == 401
    assert "iop_brain" not in body


@pytest.mark.parametrize("given", ["4bf92f3577b34da6a3ce929d0e0e4736", WORD, ""])
def test_the_brain_returns_an_id_and_never_words(watched: Watched, given: str) -> None:
    token = (watched.running.state / "brain.token").read_text("utf-8").strip()
    status, returned, _ = asked(watched, "ready", token, given)
    assert (status, len(returned)) == (200, 32)
    assert (returned == given) is (len(given) == 32)


def test_a_brain_that_is_gone_is_told(watched: Watched) -> None:
    watched.running.kill_brain()
    told = watched.figures()
    assert "iop_brain_up 0.0" in told.splitlines()
    assert "iop_turns_total" in told
