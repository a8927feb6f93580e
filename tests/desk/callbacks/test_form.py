"""The form from its first question to the request in the staff's list."""

from __future__ import annotations

import pytest

from desk.callbacks.steps import STEPS
from tests.desk.brain_server import BrainServer, reply
from tests.desk.callbacks.asking import E164, WALK, Asker, asker, knows, texts
from tests.desk.conftest import Running, Serve
from tests.desk.talk import buttons


async def test_every_question_is_asked_once_and_the_request_is_kept(asks: Asker) -> None:
    asked = await asks.walk()
    assert len(asked) == 2
    done = await asks.press("callback_agree")
    assert "in the team's list" in texts(done)
    (row,) = asks.callbacks()
    assert (row["name"], row["phone"]) == ("Marguerite", E164)
    assert row["best_time"] == "weekday mornings"
    assert row["topic"] == "what it takes to begin"
    assert (row["voicemail"], row["quiet"], row["minor"]) == (0, 1, 0)
    assert row["others"] == "my sister Beatrix"
    assert row["safe_time"] == "not after six in the evening"
    assert row["start_at"] < row["due_at"]
    assert asks.desk.rows("select kind from feed where kind = 'callback'")
    assert asks.desk.rows("select kind, rule from alerts") == [("callback", None)]


async def test_questions_are_short_and_one_at_a_time(asks: Asker) -> None:
    asked = await asks.begin()
    for _, answer in WALK:
        assert len(asked) == 1
        assert asked[0]["text"].count("?") <= 1
        assert len(asked[0]["text"]) < 200
        asked = await asks.give(answer)


async def test_the_consent_is_stored_word_for_word(asks: Asker) -> None:
    asked = await asks.walk()
    await asks.press("callback_agree")
    (row,) = asks.callbacks()
    assert row["consent"] == asked[-1]["text"]
    assert row["consent_version"] == 1


async def test_nothing_is_kept_before_they_agree(asks: Asker) -> None:
    await asks.walk()
    assert asks.callbacks() == []
    assert "dropped" in texts(await asks.press("callback_cancel"))
    assert asks.callbacks() == []
    (state,) = asks.desk.rows("select state from callback_forms")
    assert "Marguerite" not in state[0]
    assert "5550177" not in state[0]


@pytest.mark.parametrize("answer", ["yes", "I agree", "callback_agree"])
async def test_consent_is_given_by_button_or_in_plain_words(asks: Asker, answer: str) -> None:
    await asks.walk()
    await asks.give(answer)
    assert len(asks.callbacks()) == 1


@pytest.mark.parametrize("answer", ["hm", "what for", "maybe", "ok then", "callback_voicemail_yes"])
async def test_anything_else_is_no_consent(asks: Asker, answer: str) -> None:
    await asks.walk()
    await asks.give(answer)
    assert asks.callbacks() == []


async def test_what_can_be_skipped_is_skipped(asks: Asker) -> None:
    await asks.walk("call about")
    await asks.press("callback_skip_topic")
    await asks.say("yes please")
    await asks.say("sure")
    await asks.say("skip")
    asked = await asks.say("no")
    assert "Topic: left out" in asked[0]["text"]
    await asks.press("callback_agree")
    (row,) = asks.callbacks()
    assert (row["topic"], row["others"], row["safe_time"]) == (None, None, None)
    assert (row["voicemail"], row["quiet"]) == (1, 0)


async def test_unless_they_agree_the_center_is_not_named(asks: Asker) -> None:
    await asks.walk("say the center's name")
    await asks.press("callback_named_no")
    await asks.say("skip")
    await asks.say("skip")
    await asks.press("callback_agree")
    assert asks.callbacks()[0]["quiet"] == 1


@pytest.mark.parametrize(
    ("field", "answer", "column", "value"),
    [
        ("name", "Ottilie", "name", "Ottilie"),
        ("phone", "416 555 0123", "phone", "+14165550123"),
        ("time", "callback_any_time", "best_time", "any time"),
        ("topic", "the costs", "topic", "the costs"),
        ("voicemail", "callback_voicemail_yes", "voicemail", 1),
        ("named", "callback_named_yes", "quiet", 0),
        ("others", "nobody", "others", None),
        ("safe", "mornings only", "safe_time", "mornings only"),
    ],
)
async def test_one_answer_is_changed_and_the_rest_stays(
    asks: Asker, field: str, answer: str, column: str, value: object
) -> None:
    await asks.walk()
    before = "Marguerite"
    assert f"callback_change_{field}" in buttons((await asks.press("callback_change"))[0])
    await asks.press(f"callback_change_{field}")
    asked = await asks.give(answer)
    assert "callback_agree" in buttons(asked[-1])
    await asks.press("callback_agree")
    (row,) = asks.callbacks()
    assert row[column] == value
    assert column == "name" or row["name"] == before


@pytest.mark.parametrize(
    "words", ["cancel", "Stop.", "never mind", "no thanks", "forget it", "quit", "callback_cancel"]
)
@pytest.mark.parametrize("step", ["What name", "good time", "safe to call"])
async def test_it_ends_whenever_they_want(asks: Asker, step: str, words: str) -> None:
    await asks.walk(step)
    assert "dropped" in texts(await asks.give(words))
    assert "dropped" not in texts(await asks.say("how much is it"))
    assert asks.callbacks() == []


async def test_a_request_can_be_taken_back(asks: Asker) -> None:
    await asks.walk()
    done = await asks.press("callback_agree")
    assert "callback_cancel" in buttons(done[-1])
    assert "no longer want" in texts(await asks.say("please cancel my callback"))
    (row,) = asks.callbacks()
    assert (row["outcome"], row["done_by"]) == ("cancelled", "visitor")
    assert "no request" in texts(await asks.press("callback_cancel"))


async def test_the_third_request_of_a_conversation_is_the_last(asks: Asker) -> None:
    for _ in range(3):
        await asks.walk()
        await asks.press("callback_agree")
    assert "can't add another" in texts(await asks.begin())
    assert len(asks.callbacks()) == 3


@pytest.mark.parametrize(
    "words", ["call me", "call me back at 5", "can someone call me?", "I want a call back"]
)
async def test_it_begins_when_they_ask_to_be_called(
    asks: Asker, brain: BrainServer, words: str
) -> None:
    knows(brain, "speak_to_human", "handoff", text="Here is how to reach a person.")
    asked = await asks.say(words)
    assert "are you 18" in texts(asked)
    assert len(asked) == 1
    # They wait for a call, not in the queue.
    assert asks.desk.rows("select owner from ownership") == [("bot",)]
    assert asks.alerts() == []


async def test_what_is_asked_beside_the_wish_is_answered(asks: Asker, brain: BrainServer) -> None:
    knows(brain, "speak_to_human", "handoff")
    brain.reading["intents"] = ["speak_to_human", "cost"]
    brain.replies = [reply("speak_to_human", "Here is how to reach a person."), reply("cost")]
    said = texts(await asks.say("can someone call me? and what does it cost"))
    assert said.startswith("It depends.")
    assert "are you 18" in said
    assert "reach a person" not in said


@pytest.mark.parametrize("words", ["don't call me", "you never call me back", "who do I call"])
async def test_it_does_not_begin_when_they_do_not(
    asks: Asker, brain: BrainServer, words: str
) -> None:
    knows(brain, "speak_to_human", text="Here is how to reach a person.")
    assert texts(await asks.say(words)) == "Here is how to reach a person."


async def test_words_about_calls_that_mean_something_else_begin_nothing(
    asks: Asker, brain: BrainServer
) -> None:
    knows(brain, "cost")
    assert texts(await asks.say("do I get a call about the cost")) == "It depends."


async def test_it_begins_without_a_brain(asks: Asker, brain: BrainServer) -> None:
    await brain.stop()
    assert "are you 18" in texts(await asks.say("please call me back"))


async def test_it_can_be_filled_in_without_a_brain(asks: Asker, brain: BrainServer) -> None:
    await brain.stop()
    await asks.walk()
    await asks.press("callback_agree")
    assert len(asks.callbacks()) == 1


async def test_when_staff_will_call_is_said_honestly(asks: Asker) -> None:
    await asks.walk()
    done = texts(await asks.press("callback_agree"))
    assert "The earliest time for the call is" in done
    assert "If you have heard nothing by" in done
    assert "shortly" not in done
    assert "soon" not in done


async def test_without_hours_no_time_is_promised(serve: Serve, brain: BrainServer) -> None:
    knows(brain, "out_of_scope")
    asks = await asker(await serve(whole=True))
    await asks.walk()
    done = texts(await asks.press("callback_agree"))
    assert "I can't say when" in done
    assert "earliest" not in done


async def test_a_form_survives_a_restart_at_every_step(serve: Serve, brain: BrainServer) -> None:
    knows(brain, "out_of_scope")
    asks = await asker(await serve({"demo": True}, whole=True))
    asked = await asks.begin()
    for question, answer in WALK:
        assert question in asked[-1]["text"]
        asks.desk = await serve({"demo": True}, whole=True)
        asked = await asks.give(answer)
    asks.desk = await serve({"demo": True}, whole=True)
    await asks.press("callback_agree")
    (row,) = asks.callbacks()
    assert (row["name"], row["phone"]) == ("Marguerite", E164)
    assert row["consent"] == asked[-1]["text"]


async def test_the_same_message_sent_twice_is_heard_once(desk: Running, asks: Asker) -> None:
    await asks.walk("What name")
    first = await desk.post(asks.token, json={"id": "same-id-1", "text": "Marguerite"})
    again = await desk.post(asks.token, json={"id": "same-id-1", "text": "Marguerite"})
    assert first == again
    assert "good time" in texts(await asks.say("213 555 0142"))


@pytest.mark.parametrize("step", sorted(STEPS))
def test_every_step_can_be_left(step: str) -> None:
    from answers.catalogue import load_catalogue

    assert "callback_cancel" in load_catalogue().get(STEPS[step].asks).buttons


async def test_an_answer_whose_turn_was_cut_short_is_heard_once(
    serve: Serve, brain: BrainServer
) -> None:
    knows(brain, "out_of_scope")
    asks = await asker(await serve({"demo": True}, whole=True))
    await asks.walk("What name")
    body = {"id": "cut-short-1", "text": "Marguerite"}
    await asks.desk.post(asks.token, json=body)
    # As after a crash between the message and its answer.
    mine = "select seq from messages where client_id = 'cut-short-1'"
    asks.desk.write(f"delete from readings where seq in ({mine})")
    asks.desk.write(f"delete from messages where reply_to in ({mine})")
    asks.desk = await serve({"demo": True}, whole=True)
    _, answered = await asks.desk.post(asks.token, json=body)
    assert "Which phone number" in texts(answered["replies"])
    assert "can't find a phone number" not in texts(answered["replies"])
    assert "good time" in texts(await asks.say("818 555 0177"))


async def test_who_asks_for_a_person_is_offered_a_call(asks: Asker, brain: BrainServer) -> None:
    knows(brain, "speak_to_human", "handoff", text="Here is how to reach a person.")
    said = await asks.say("I want to talk to a person")
    assert "callback" in [button for each in said for button in buttons(each)]
    assert "are you 18" in texts(await asks.press("callback"))
