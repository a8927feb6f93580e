"""Whether an answer helped: of which it is asked, what is kept, what is refused."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from desk.conversations import now_ms
from desk.settings import Rate
from store import erasing
from tests.desk.brain_server import BrainServer, reply
from tests.desk.conftest import CRISIS, Running, Serve
from tests.desk.test_events import listening
from tests.desk.test_openapi import conforms
from tests.desk.test_return_codes import make, take

KEPT = "select seq, score from answer_ratings order by seq"


async def say(desk: Running, token: str | None, **how: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with desk.http.post(f"{desk.url}/api/v1/helped", headers=headers, **how) as answer:
        return answer.status, await answer.json()


async def answered(desk: Running) -> tuple[str, int]:
    """Begin a conversation with an answer; returns its token and the answer's number."""
    token, _ = await desk.start()
    _, body = await desk.send(token)
    return token, body["replies"][0]["seq"]


# --- Of which answers it is asked ---


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("cost", True),
        ("cost_more", True),
        ("other_court", True),
        ("greet", False),
        ("thanks", False),
        ("bot_challenge", False),
        ("out_of_scope", False),
        ("speak_to_human", False),
        ("opening", False),
        ("clarify", False),
        ("safety_crisis_lines", False),
    ],
)
async def test_only_answers_to_questions_are_asked_about(
    desk: Running, brain: BrainServer, answer: str, asked: bool
) -> None:
    brain.replies = [reply(answer)]
    token, greeting = await desk.start()
    _, body = await desk.send(token)
    shown = [*greeting, body["message"], *body["replies"]]
    assert [each.get("rate", False) for each in shown] == [False, False, asked]
    status, _ = await say(desk, token, json={"message": shown[2]["seq"], "helped": True})
    assert status == (200 if asked else 404)


async def test_on_its_way_out_an_answer_waits_for_nothing(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_again(*_: Any) -> None:
        raise AssertionError("the log is asked once more")

    token, _ = await desk.start()
    # Its first message has brought the conversation to memory.
    await desk.send(token)
    monkeypatch.setattr(desk.desk.turns, "open", read_again)
    tokens, checked = desk.desk.reception.tokens, []
    read = tokens.read
    monkeypatch.setattr(tokens, "read", lambda given: checked.append(1) or read(given))
    status, body = await desk.send(token)
    assert (status, len(checked)) == (200, 1)
    assert body["replies"][0]["rate"]


async def test_an_answer_is_the_same_wherever_it_is_shown(desk: Running) -> None:
    token, _ = await desk.start()
    async with listening(desk, token, after=0) as stream:
        _, body = await desk.send(token)
        told = await stream.messages(3)
    assert body["replies"][0]["rate"] is True
    assert told[-1] == body["replies"][0]
    assert await desk.history(token) == told
    async with listening(desk, token, after=0) as stream:
        assert await stream.messages(3) == told
    code = (await make(desk, token))[1]["code"]
    assert (await take(desk, code))[1]["messages"] == told
    conforms(told[-1], "Item")


@pytest.mark.parametrize("words", [CRISIS, "i feel hopeless lately"])
async def test_nobody_is_asked_after_words_of_risk(desk: Running, words: str) -> None:
    token, _ = await desk.start()
    await desk.send(token, words)
    _, body = await desk.send(token)
    shown = [*body["replies"], *await desk.history(token)]
    assert "It depends." in str(body["replies"])
    assert not any("rate" in each for each in shown)


async def test_a_line_that_is_no_answer_of_the_brain_is_not_asked_about(
    desk: Running, brain: BrainServer
) -> None:
    brain.status = 500
    token, _ = await desk.start()
    for text in ("how much is it", "", "hola, cuanto cuesta el programa"):
        _, body = await desk.send(token, text)
        assert not any("rate" in each for each in body["replies"])


# --- What is kept ---


async def test_the_last_word_holds(desk: Running) -> None:
    token, seq = await answered(desk)
    for helped in (True, True, False, False):
        status, body = await say(desk, token, json={"message": seq, "helped": helped})
        assert (status, body) == (200, {"message": seq, "helped": helped})
        assert desk.rows(KEPT) == [(seq, int(helped))]
    # What was said twice is written once.
    assert desk.rows("select seq from feed where kind = 'helped'") == [(seq,), (seq,)]


async def test_it_goes_with_the_person(desk: Running) -> None:
    token, seq = await answered(desk)
    await say(desk, token, json={"message": seq, "helped": False})
    conversation = desk.desk.reception.conversation(token)
    await desk.desk.database.write(lambda c: erasing.erase_person(c, conversation, "ana", now_ms()))
    assert desk.rows(KEPT) == []
    assert (await say(desk, token, json={"message": seq, "helped": False}))[0] == 404
    assert desk.rows(KEPT) == []


# --- What is refused ---


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"MARKERWORD", "not_json"),
        (b"[]", "not_json"),
        (b"\xff", "not_json"),
        (b"{}", "wrong_rating"),
        (b'{"message": SEQ}', "wrong_rating"),
        (b'{"helped": true}', "wrong_rating"),
        (b'{"message": SEQ, "helped": 1}', "wrong_rating"),
        (b'{"message": SEQ, "helped": "MARKERWORD"}', "wrong_rating"),
        (b'{"message": SEQ, "helped": null}', "wrong_rating"),
        (b'{"message": true, "helped": true}', "wrong_rating"),
        (b'{"message": "SEQ", "helped": true}', "wrong_rating"),
        (b'{"message": SEQ.5, "helped": true}', "wrong_rating"),
        (b'{"message": -1, "helped": true}', "wrong_rating"),
        (b'{"message": 9007199254740992, "helped": true}', "wrong_rating"),
    ],
)
async def test_what_is_malformed_is_refused(
    desk: Running, caplog: pytest.LogCaptureFixture, body: bytes, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    token, seq = await answered(desk)
    status, refused = await say(desk, token, data=body.replace(b"SEQ", b"%d" % seq))
    assert (status, refused["error"]["code"]) == (400, code)
    assert "988" in refused["error"]["message"]
    assert "MARKERWORD" not in str(refused) + caplog.text
    assert desk.rows(KEPT) == []
    conforms(refused, "Error")


async def test_what_is_no_answer_of_the_conversation_is_refused(desk: Running) -> None:
    token, seq = await answered(desk)
    other, theirs = await answered(desk)
    greeting, question, _ = (each["seq"] for each in await desk.history(token))
    conversation = desk.desk.reception.conversation(token)
    desk.write(
        "insert into messages (conversation_id, seq, sender, kind, text, at, reply_to, answer_id) "
        f"values ('{conversation}', 7, 'staff', 'answer', 'x', 7, {question}, 'cost')"
    )
    for number in (greeting, question, theirs, 7, 0, seq + 1):
        status, body = await say(desk, token, json={"message": number, "helped": True})
        assert (status, body["error"]["code"]) == (404, "answer_unknown"), number
    assert (await say(desk, other, json={"message": seq, "helped": True}))[0] == 404
    assert desk.rows(KEPT) == []


@pytest.mark.parametrize("token", [None, "forged"])
async def test_without_a_token_nothing_is_kept(desk: Running, token: str | None) -> None:
    _, seq = await answered(desk)
    status, _ = await say(desk, token, json={"message": seq, "helped": True})
    assert status == 401
    assert desk.rows(KEPT) == []


@pytest.mark.parametrize("limit", ["rate_conversation", "rate_address"])
async def test_too_many_clicks_are_refused(serve: Serve, limit: str) -> None:
    # Of an address, beginning and asking count too.
    desk = await serve({limit: Rate(2 if limit == "rate_address" else 1, 0.001)})
    token, seq = await answered(desk)
    said = {"message": seq, "helped": True}
    assert [(await say(desk, token, json=said))[0] for _ in range(2)] == [200, 429]


async def test_clicks_take_nothing_from_what_may_be_written(serve: Serve) -> None:
    desk = await serve({"rate_conversation": Rate(2, 0.001)})
    token, seq = await answered(desk)
    for _ in range(3):
        await say(desk, token, json={"message": seq, "helped": True})
    assert (await desk.send(token))[0] == 200


async def test_a_log_that_is_away_is_said(desk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    token, seq = await answered(desk)
    monkeypatch.setattr("desk.answer_ratings._LIMIT", 0.0)
    status, body = await say(desk, token, json={"message": seq, "helped": True})
    assert (status, body["error"]["code"]) == (503, "unavailable")
