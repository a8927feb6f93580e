from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from desk import health
from desk.brain_answer import parse
from desk.errors import BrainError
from tests.desk.brain_server import BrainServer, reading, reply
from tests.desk.conftest import CRISIS, Running, Serve


def whole() -> dict[str, Any]:
    return {
        "v": 1,
        "replies": [reply()],
        "reading": reading(),
        "signals": [],
        "model": "model-1",
    }


def without(*path: str | int) -> dict[str, Any]:
    body = whole()
    holder: Any = body
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return body


def with_value(value: Any, *path: str | int) -> dict[str, Any]:
    body = whole()
    holder: Any = body
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return body


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"<html>",
    "not UTF-8": b"\xff",
    "a list": b"[]",
    **{
        name: json.dumps(body).encode()
        for name, body in {
            "another version": with_value(2, "v"),
            "no replies": without("replies"),
            "no reading": without("reading"),
            "replies of the wrong kind": with_value({}, "replies"),
            "no text": without("replies", 0, "text"),
            "blank text": with_value(" ", "replies", 0, "text"),
            "no id": with_value(None, "replies", 0, "id"),
            "unknown id": with_value("made_up", "replies", 0, "id"),
            "version is a word": with_value("1", "replies", 0, "version"),
            "button without title": with_value([{"id": "cost"}], "replies", 0, "buttons"),
            "confidence is a word": with_value("high", "reading", "confidence"),
            "confidence is a truth": with_value(True, "reading", "confidence"),
            "entity without text": with_value([{"name": "x"}], "reading", "entities"),
            "no reply at all": with_value([], "replies"),
        }.items()
    },
}


@pytest.mark.parametrize("broken", sorted(BROKEN))
@pytest.mark.parametrize(("text", "kind"), [("how much is it", "safe"), (CRISIS, "crisis")])
async def test_a_brain_that_answers_nonsense(
    desk: Running, brain: BrainServer, broken: str, text: str, kind: str
) -> None:
    token, _ = await desk.start()
    brain.raw = BROKEN[broken]
    status, body = await desk.send(token, text)
    assert status == 200
    assert [each["kind"] for each in body["replies"]] == [kind]
    assert "988" in body["replies"][0]["text"]


@pytest.mark.parametrize("status", [400, 401, 500, 503])
async def test_a_brain_that_fails(desk: Running, brain: BrainServer, status: int) -> None:
    token, _ = await desk.start()
    brain.status = status
    _, body = await desk.send(token)
    assert [each["kind"] for each in body["replies"]] == ["safe"]
    assert desk.rows("select outcome, intent from readings") == [("safe", None)]


async def test_a_brain_that_hangs_is_waited_for_no_longer_than_set(
    serve: Serve, brain: BrainServer
) -> None:
    desk = await serve({"brain_limit": 0.2})
    token, _ = await desk.start()
    brain.gate.clear()
    async with asyncio.timeout(2):
        _, body = await desk.send(token)
    assert [each["kind"] for each in body["replies"]] == ["safe"]


async def test_somebody_at_risk_does_not_wait_for_a_brain_that_hangs(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    brain.gate.clear()
    async with asyncio.timeout(3):
        _, body = await desk.send(token, CRISIS)
    assert [each["kind"] for each in body["replies"]] == ["crisis"]


async def test_a_brain_that_is_gone_and_comes_back(desk: Running, brain: BrainServer) -> None:
    token, _ = await desk.start()
    port = int(brain.url.rsplit(":", 1)[1])
    assert (await desk.send(token))[1]["replies"][0]["kind"] == "answer"
    await brain.stop()
    assert (await desk.send(token))[1]["replies"][0]["kind"] == "safe"
    assert (await desk.send(token, CRISIS))[1]["replies"][0]["kind"] == "crisis"
    await brain.start(port)
    assert (await desk.send(token))[1]["replies"][0]["kind"] == "answer"
    assert desk.rows("select count(*) from readings") == [(4,)]


async def test_readyz_says_what_the_brain_says(desk: Running, brain: BrainServer) -> None:
    brain.ready = False
    async with desk.http.get(f"{desk.url}/readyz") as answer:
        assert answer.status == 503
        assert (await answer.json())["brain"] is False
    async with desk.http.get(f"{desk.url}/healthz") as answer:
        assert answer.status == 200


async def test_readyz_names_the_model(desk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine is slow to write, which is what a 503 would say of it, and rightly.
    for name in ("_WRITE_LIMIT", "_BRAIN_LIMIT"):
        monkeypatch.setattr(health, name, 20.0, raising=False)
    async with desk.http.get(f"{desk.url}/readyz") as answer:
        assert answer.status == 200
        assert await answer.json() == {
            "ready": True,
            "brain": True,
            "model": "model-1",
            "database": True,
        }


def test_a_whole_answer_is_read() -> None:
    answer = parse(whole(), replies=True)
    assert answer.replies[0].buttons == ({"title": "Insurance", "id": "insurance_coverage"},)
    assert answer.reading.entities[0]["value"] == "Aetna"


@pytest.mark.parametrize("change", [without("reading"), with_value(None, "v")])
def test_a_reading_is_checked_too(change: dict[str, Any]) -> None:
    with pytest.raises(BrainError):
        parse(change, replies=False)


class BrokenEncoder:
    def encode_wide(self, text: str) -> object:
        raise IndexError(text)


async def test_a_text_that_breaks_the_encoder_costs_nobody_the_answer(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    desk = await serve(encoder=BrokenEncoder())
    token, _ = await desk.start()
    status, body = await desk.send(token, "how much is it zanzibar")
    assert status == 200
    assert [reply["kind"] for reply in body["replies"]] == ["answer"]
    assert "zanzibar" not in caplog.text
