"""One id goes with a message from whoever asks to the brain, into every log line, and back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from monitoring import trace
from monitoring.log_lines import Lines
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve

GIVEN = "4bf92f3577b34da6a3ce929d0e0e4736"
WORDS = "zanzibarquux"


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """All log lines of the process at the lowest level, as they would be written."""
    found: list[dict[str, Any]] = []
    form = Lines("desk", "json")

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(form.format(record)))

    handler, root = Keep(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(handler)
    root.setLevel(before)


async def asked(desk: Running, token: str, text: str = "hi", **headers: str) -> tuple[str, Any]:
    """Return the id and the body of what a message is answered."""
    url, body = f"{desk.url}/api/v1/messages", {"id": "message-1", "text": text}
    headers = {"Authorization": f"Bearer {token}", **headers}
    async with desk.http.post(url, json=body, headers=headers) as answer:
        return answer.headers[trace.HEADER], await answer.json()


async def test_the_brain_and_the_log_get_the_id_that_the_answer_has(
    desk: Running, brain: BrainServer, lines: list[dict[str, Any]]
) -> None:
    token, _ = await desk.start()
    given, _ = await asked(desk, token)
    assert brain.traces == [given]
    (ended,) = [line for line in lines if line["message"] == "A turn ended."]
    assert ended["trace"] == given
    assert (ended["channel"], ended["outcome"], ended["process"]) == ("web", "brain", "desk")


@pytest.mark.parametrize(("proxies", "taken"), [(0, False), (1, True)])
async def test_only_a_proxy_of_ones_own_may_give_an_id(
    serve: Serve, proxies: int, taken: bool
) -> None:
    desk = await serve({"proxies": proxies})
    token, _ = await desk.start()
    given, _ = await asked(desk, token, **{trace.FROM_PROXY: GIVEN})
    assert (given == GIVEN) is taken


async def test_not_even_a_proxy_may_give_words(serve: Serve) -> None:
    desk = await serve({"proxies": 1})
    token, _ = await desk.start()
    given, _ = await asked(desk, token, **{trace.FROM_PROXY: WORDS})
    assert len(given) == 32
    assert WORDS not in given


async def test_an_error_of_ours_says_which_it_was(
    desk: Running, lines: list[dict[str, Any]]
) -> None:
    token, _ = await desk.start()

    async def broken(*_: Any, **__: Any) -> None:
        raise ValueError(WORDS)

    desk.desk.turns.handle = broken  # type: ignore[method-assign]
    given, body = await asked(desk, token, WORDS)
    assert body["error"]["code"] == "failed"
    assert body["error"]["trace"] == given
    assert f"reference {given[:8]}." in body["error"]["message"]
    assert [line["trace"] for line in lines if line["logger"] == "desk.web_answers"] == [given]


async def test_a_refusal_needs_no_reference(desk: Running) -> None:
    _, body = await desk.send("forged")
    assert "trace" not in body["error"]
    assert "reference" not in body["error"]["message"]


@pytest.mark.parametrize("text", [WORDS, f"{CRISIS} {WORDS}", f"{WORDS} " * 100, f"¿{WORDS}?"])
@pytest.mark.parametrize("brain_works", [True, False])
async def test_at_the_lowest_level_no_line_holds_what_somebody_wrote(
    desk: Running,
    brain: BrainServer,
    lines: list[dict[str, Any]],
    text: str,
    brain_works: bool,
) -> None:
    brain.status = 200 if brain_works else 500
    token, _ = await desk.start()
    await asked(desk, token, text)
    await desk.send(token, button=WORDS)
    await desk.post(token, data=WORDS.encode())
    assert WORDS not in json.dumps(lines)
    assert token not in json.dumps(lines)
    assert desk.parts.brain_token not in json.dumps(lines)
