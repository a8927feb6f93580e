"""The running brain keeps to the contract, and lets nobody in without the token."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any

import jsonschema
import numpy as np
import pytest

from setup.code_print import ROOT
from setup.train import current_model
from tests.running import RunningDesk

SCHEMA = json.loads((ROOT / "desk" / "brain_contract.json").read_text("utf-8"))
VECTOR = base64.b64encode(np.full(768, 0.05, "<f4").tobytes()).decode()
MESSAGE = {"v": 1, "conversation": "web:contract", "channel": "web", "vector": None, "risk": None}


def call(running: RunningDesk, path: str, body: Any, token: str | None = None) -> tuple[int, Any]:
    token = token if token is not None else (running.state / "brain.token").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.brain_port}/webhooks/desk/v1/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def conforms(body: Any, name: str) -> None:
    jsonschema.validate(body, {**SCHEMA, "$ref": f"#/$defs/{name}"})


@pytest.mark.parametrize(
    "words",
    [
        {"text": "how much is it"},
        {"text": "does aetna cover my 15 year old", "vector": VECTOR},
        {"payload": "aftercare"},
        {"text": "i want a person"},
        {"text": "what is 988"},
        {"text": "i want to die", "risk": {"category": "S2", "tier": "T2", "rule": "x"}},
        {"text": "qwrtz"},
    ],
)
def test_a_turn_and_a_reading(running_desk: RunningDesk, words: dict[str, Any]) -> None:
    body = {**MESSAGE, **words}
    conforms(body, "turn_request")
    status, answer = call(running_desk, "turn", body)
    assert status == 200
    conforms(answer, "turn_answer")
    status, answer = call(running_desk, "read", body)
    assert status == 200
    conforms(answer, "read_answer")


def test_ready_and_forget(running_desk: RunningDesk) -> None:
    status, answer = call(running_desk, "ready", None)
    assert status == 200
    conforms(answer, "ready_answer")
    status, answer = call(running_desk, "forget", {"v": 1, "conversation": "web:contract"})
    assert status == 200
    conforms(answer, "forget_answer")


def test_reload_goes_on_with_the_conversations(running_desk: RunningDesk) -> None:
    body = {**MESSAGE, "conversation": "web:reload"}
    call(running_desk, "turn", {**body, "text": "how much is it"})
    file = current_model()
    assert file is not None
    request = {"v": 1, "model": file.name.removesuffix(".tar.gz")}
    conforms(request, "reload_request")
    status, answer = call(running_desk, "reload", request)
    assert status == 200
    conforms(answer, "reload_answer")
    assert answer["model"] == call(running_desk, "ready", None)[1]["model"]
    _, answer = call(running_desk, "turn", {**body, "text": "and for teens?"})
    assert answer["reading"]["intents"] != ["out_of_scope"]


@pytest.mark.parametrize("model", ["../current", "c20000101-000000-000", "", None, 7])
def test_a_model_that_is_not_there_is_refused(running_desk: RunningDesk, model: Any) -> None:
    before = call(running_desk, "ready", None)
    assert call(running_desk, "reload", {"v": 1, "model": model})[0] == 400
    assert call(running_desk, "ready", None) == before


def test_the_wish_for_a_person_is_signalled(running_desk: RunningDesk) -> None:
    _, answer = call(running_desk, "turn", {**MESSAGE, "payload": "speak_to_human"})
    assert answer["signals"] == [{"name": "handoff"}]


def test_a_question_beside_a_risk_is_still_answered(running_desk: RunningDesk) -> None:
    risk = {"category": "S1", "tier": "T2", "rule": "x"}
    body = {**MESSAGE, "text": "do you take blue shield insurance", "risk": risk}
    _, answer = call(running_desk, "turn", body)
    assert answer["reading"]["intents"] == ["safety_crisis", "insurance_coverage"]
    assert answer["replies"][0]["id"].startswith("insurance_coverage")


@pytest.mark.parametrize("token", ["", "wrong", "Bearer"])
@pytest.mark.parametrize("path", ["turn", "read", "forget", "reload"])
def test_no_token_no_entry(running_desk: RunningDesk, path: str, token: str) -> None:
    status, _ = call(running_desk, path, {**MESSAGE, "text": "hi"}, token)
    assert status == 401


@pytest.mark.parametrize(
    "body", [{"text": "/restart"}, {"payload": 'cost{"x": 1}'}, {"text": 5}, {"v": 9, "text": "hi"}]
)
def test_what_breaks_the_contract_is_refused(
    running_desk: RunningDesk, body: dict[str, Any]
) -> None:
    status, _ = call(running_desk, "turn", {**MESSAGE, **body})
    assert status == 400
