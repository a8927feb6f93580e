"""Questions in between, pauses, and staff."""

from __future__ import annotations

import time

import pytest

from tests.desk.brain_server import BrainServer, reading
from tests.desk.callbacks.asking import WALK, Asker, asker, knows, texts
from tests.desk.conftest import Serve
from tests.desk.talk import buttons

MINUTE = 60_000


@pytest.mark.parametrize("question", [question for question, _ in WALK])
async def test_a_question_is_answered_and_the_form_asks_again(
    asks: Asker, brain: BrainServer, question: str
) -> None:
    await asks.walk(question)
    knows(brain, "cost")
    said = await asks.say("how much does it cost?")
    assert said[0]["text"] == "It depends."
    assert question in said[-1]["text"]
    knows(brain, "out_of_scope")
    # The answer is taken as if nothing had been asked.
    answer = dict(WALK)[question]
    assert question not in texts(await asks.give(answer))


async def test_buttons_of_topics_are_answered_too(asks: Asker, brain: BrainServer) -> None:
    await asks.walk("What name")
    knows(brain, "cost")
    said = await asks.press("cost")
    assert said[0]["text"] == "It depends."
    assert "What name" in said[-1]["text"]


async def test_at_the_consent_it_comes_again_whole(asks: Asker, brain: BrainServer) -> None:
    await asks.walk()
    knows(brain, "cost")
    said = await asks.say("how much does it cost?")
    assert [each["text"][:12] for each in said[:2]] == ["It depends.", "This is what"]
    assert "callback_agree" in buttons(said[-1])
    assert asks.callbacks() == []


async def test_what_only_looks_like_a_question_is_the_answer(
    asks: Asker, brain: BrainServer
) -> None:
    await asks.walk("call about")
    knows(brain, "out_of_scope", text="I don't know.")
    said = texts(await asks.say("can you bill my old plan from the nineties?"))
    assert "I don't know." not in said
    assert "leave a voicemail" in said


async def test_after_three_questions_it_rests_and_does_not_push(
    asks: Asker, brain: BrainServer
) -> None:
    await asks.walk("What name")
    knows(brain, "cost")
    for _ in range(2):
        assert "What name" in texts(await asks.say("how much does it cost?"))
    said = await asks.say("how much does it cost?")
    assert "can wait" in said[-1]["text"]
    assert texts(await asks.say("how much does it cost?")) == "It depends."
    assert "What name" in texts(await asks.press("callback_go_on"))


@pytest.mark.parametrize("words", ["go on", "callback_go_on", "callback", "call me please"])
async def test_a_form_that_rests_is_taken_up_where_it_was(
    asks: Asker, brain: BrainServer, words: str
) -> None:
    await asks.walk("good time")
    knows(brain, "goodbye", text="Take care.")
    assert "can wait" in texts(await asks.say("bye for now, talk later?"))
    knows(brain, "speak_to_human")
    assert "good time" in texts(await asks.give(words))


async def test_staff_take_the_conversation_and_the_form_is_silent(
    asks: Asker, brain: BrainServer
) -> None:
    await asks.walk("What name")
    asks.desk.write("update ownership set owner = 'human', agent = 'ann'")
    assert await asks.press("cost") == []
    assert await asks.say("Marguerite Mayhew") == []
    assert await asks.say("hello?") == []
    assert await asks.press("callback_cancel") == []
    asks.desk.write("update ownership set owner = 'bot', agent = null")
    knows(brain, "thanks", text="You are welcome.")
    await asks.say("thank you")
    assert "What name" not in texts(await asks.say("thank you"))
    assert "What name" in texts(await asks.press("callback_go_on"))


async def test_after_half_an_hour_the_next_words_are_no_answer(
    asks: Asker, brain: BrainServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asks.walk("What name")
    knows(brain, "greet", text="Hello.")
    _clock(monkeypatch, minutes=31)
    said = await asks.say("Marguerite")
    assert "good time" not in texts(said)
    assert "can wait" in said[-1]["text"]
    # Offered once.
    assert texts(await asks.say("hi")) == "Hello."
    assert "What name" in texts(await asks.press("callback_go_on"))


async def test_after_a_day_nothing_of_it_is_left(
    asks: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asks.walk("good time")
    _clock(monkeypatch, minutes=25 * 60)
    assert "are you 18" in texts(await asks.press("callback"))
    assert "Marguerite" not in str(asks.desk.rows("select state from callback_forms"))


async def test_a_form_begun_in_the_queue_does_not_leave_it(asks: Asker, brain: BrainServer) -> None:
    knows(brain, "speak_to_human", "handoff", text="Here is how.")
    await asks.say("a person please")
    await asks.walk()
    await asks.press("callback_agree")
    assert asks.desk.rows("select owner from ownership") == [("queue",)]
    assert len(asks.callbacks()) == 1


async def test_a_button_of_an_earlier_question_changes_nothing(asks: Asker) -> None:
    await asks.walk("say the center's name")
    asked = texts(await asks.press("callback_voicemail_yes"))
    assert "say the center's name" in asked
    await asks.press("callback_named_no")
    await asks.say("skip")
    await asks.say("skip")
    await asks.press("callback_agree")
    assert asks.callbacks()[0]["voicemail"] == 0


async def test_nobody_presses_a_button_that_was_not_offered(asks: Asker) -> None:
    status, body = await asks.desk.send(asks.token, button="callback_agree")
    assert (status, body["error"]["code"]) == (400, "button_unknown")


async def test_a_brain_that_fails_costs_no_answer(asks: Asker, brain: BrainServer) -> None:
    await asks.walk("are you 18")
    brain.status = 500
    said = await asks.say("what is this about?")
    assert "988" in texts(said)
    assert "are you 18" in said[-1]["text"]


async def test_yes_in_other_words_is_understood(asks: Asker, brain: BrainServer) -> None:
    await asks.walk("leave a voicemail")
    brain.reading = reading("affirm")
    assert "say the center's name" in texts(await asks.say("sounds good to me"))


async def test_the_desk_begins_where_the_log_says(serve: Serve, brain: BrainServer) -> None:
    knows(brain, "out_of_scope")
    asks = await asker(await serve({"demo": True}, whole=True))
    await asks.walk("Which phone number")
    asks.desk.write(
        "insert into messages (conversation_id, seq, sender, kind, text, at) select id, "
        f"{time.time_ns() // 1_000_000 + 5}, 'staff', 'text', 'Hello', 1 from conversations"
    )
    asks.desk = await serve({"demo": True}, whole=True)
    # Staff have written since: what follows is for them, not for the form.
    assert "good time" not in texts(await asks.say("213 555 0142"))
    assert "Which phone number" in texts(await asks.press("callback_go_on"))


def _clock(monkeypatch: pytest.MonkeyPatch, *, minutes: int) -> None:
    later = time.time_ns() // 1_000_000 + minutes * MINUTE
    for module in ("conversations", "one_turn"):
        monkeypatch.setattr(f"desk.{module}.now_ms", lambda: later)
