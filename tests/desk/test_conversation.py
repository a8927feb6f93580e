from __future__ import annotations

from tests.desk.brain_server import BrainServer
from tests.desk.conftest import Running


async def test_a_question_is_answered_and_logged(desk: Running, brain: BrainServer) -> None:
    token, greeting = await desk.start()
    assert "automated" in greeting[0]["text"]
    status, body = await desk.send(token, "How much is it?")
    assert status == 200
    assert body["message"]["text"] == "How much is it?"
    assert [each["text"] for each in body["replies"]] == ["It depends."]
    assert [each["text"] for each in await desk.history(token)] == [
        greeting[0]["text"],
        "How much is it?",
        "It depends.",
    ]
    assert desk.rows("select intent, outcome, model from readings") == [
        ("cost", "brain", "model-1")
    ]
