"""Risk over several turns: what was found is held, raised, softened in tone, never withdrawn."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from center.facts import CENTER_FILE
from desk import conversations
from safety.course import JOINED_WITHIN
from tests.desk.brain_server import BrainServer, reading, reply
from tests.desk.conftest import CRISIS, Serve
from tests.desk.talk import RISK, Talk, buttons, hrefs, talk
from tests.desk.test_crisis import Broken, kinds

HEAVY = ("i feel hopeless lately", "nothing matters anymore", "i feel so overwhelmed")


# --- What was said is not taken back ---


@pytest.mark.parametrize("words", ["I'm fine lol", "jk", "forget it", "nvm", "lol im just kidding"])
async def test_taking_it_back_softens_and_withdraws_nothing(chat: Talk, words: str) -> None:
    await chat.say(RISK)
    before = chat.alerts()
    (soft,) = await chat.say(words)
    assert soft["kind"] == "answer"
    assert "988" in soft["text"]
    assert "911" in soft["text"]
    assert {"tel:988", "sms:988"} <= set(hrefs(soft))
    assert chat.alerts() == before != []


async def test_taking_it_back_twice_has_other_words(chat: Talk) -> None:
    await chat.say(RISK)
    said = [(await chat.say(words))[0]["text"] for words in ("jk", "im fine", "forget it", "nvm")]
    assert all(first != second for first, second in pairwise(said))


async def test_beside_a_question_taking_it_back_still_answers_it(
    chat: Talk, brain: BrainServer
) -> None:
    await chat.say(RISK)
    brain.reading = reading("insurance_coverage")
    replies = await chat.say("never mind that, do you take my insurance")
    assert [each["text"] for each in replies][1:] == ["It depends."]
    assert "988" in replies[0]["text"]


@pytest.mark.parametrize("words", ["I'm fine lol", "jk", "no", "yes"])
async def test_without_a_risk_before_they_are_words_like_any(
    chat: Talk, brain: BrainServer, words: str
) -> None:
    replies = await chat.say(words)
    assert [each["text"] for each in replies] == ["It depends."]


async def test_small_talk_has_no_place_beside_the_softer_line(chat: Talk) -> None:
    await chat.say(RISK)
    replies = await chat.say("never mind that i said all of this to you today")
    assert len(replies) == 1
    assert "988" in replies[0]["text"]


async def test_after_a_risk_nobody_is_told_that_there_is_no_answer(
    chat: Talk, brain: BrainServer
) -> None:
    assert (await chat.say("my dog is called rex"))[0]["text"] == "It depends."
    await chat.say(RISK)
    said = [(await chat.say("my dog is called rex"))[0]["text"] for _ in range(3)]
    assert all("988" in text and "911" in text for text in said)
    assert said[0] != said[1] != said[2]
    assert len(chat.alerts()) == 1


async def test_a_new_risk_after_taking_it_back_alerts_anew(chat: Talk) -> None:
    await chat.say(RISK)
    await chat.say("jk")
    replies = await chat.say("i really want to kill myself")
    assert replies[0]["kind"] == "crisis"
    assert len(chat.alerts()) == 2


# --- Rising risk ---


async def test_a_rising_risk_shows_its_own_text_and_alerts_anew(chat: Talk) -> None:
    await chat.say("i want to die")
    await chat.say("i bought a gun and wrote the goodbye letters")
    first, second = chat.texts()
    assert (first, second) == ("crisis_S1", "crisis_S5")
    assert [tier for _, tier, _ in chat.alerts()] == ["T2", "T1"]
    assert chat.desk.rows("select owner from ownership") == [("queue",)]


async def test_means_in_the_next_message_raise_it(chat: Talk) -> None:
    await chat.say(RISK)
    await chat.say("the whole bottle is right here in my hand")
    tiers = [tier for _, tier, _ in chat.alerts()]
    assert tiers == ["T2", "T1"]
    assert chat.texts()[-1] in ("crisis_S3", "crisis_S4", "crisis_S5")


@pytest.mark.parametrize(
    "halves",
    [
        ("i am going to hang", "myself"),
        ("tonight i will end", "my life"),
        ("i want", "to die"),
        ("voy a quitarme", "la vida"),
    ],
)
async def test_a_message_cut_in_two_is_read_as_one(chat: Talk, halves: tuple[str, str]) -> None:
    await chat.say(halves[0])
    replies = await chat.say(halves[1])
    alerted = chat.alerts()
    assert alerted
    if alerted[0][2].startswith("joined:"):
        assert replies[0]["kind"] == "crisis"


async def test_a_message_cut_in_three_is_read_as_one(chat: Talk) -> None:
    for piece in ("i", "want to", "die"):
        replies = await chat.say(piece)
    assert replies[0]["kind"] == "crisis"
    assert chat.alerts()[-1][2].startswith("joined:")


async def test_pieces_that_lie_far_apart_are_not_joined(
    chat: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.say("i want")
    later = conversations.now_ms() + JOINED_WITHIN + 1000
    monkeypatch.setattr("desk.turn.now_ms", lambda: later)
    replies = await chat.say("to die")
    assert kinds(chat.last) == ["answer"]
    assert replies[0]["text"] == "It depends."


async def test_what_comes_after_a_risk_is_not_a_risk_by_itself(
    chat: Talk, brain: BrainServer
) -> None:
    await chat.say("i want to die")
    brain.reading = reading("cost")
    replies = await chat.say("how much is it")
    assert [each["kind"] for each in replies] == ["answer"]
    assert len(chat.alerts()) == 1


# --- Other words each time ---


async def test_no_text_comes_twice_in_a_row_and_later_ones_are_shorter(chat: Talk) -> None:
    said = [(await chat.say("i want to die"))[0]["text"] for _ in range(7)]
    assert all(first != second for first, second in pairwise(said))
    assert len(said[0]) > len(said[1]) > len(said[2]) > len(said[3])
    assert all("988" in text and "911" in text for text in said)
    assert len(chat.alerts()) == 7


async def test_an_emergency_leads_with_911_every_time(chat: Talk) -> None:
    said = [(await chat.say("i took the whole bottle of pills"))[0]["text"] for _ in range(5)]
    assert all("call 911" in text[:20].lower() for text in said)
    assert all(first != second for first, second in pairwise(said))


async def test_another_kind_of_risk_has_its_own_text(chat: Talk) -> None:
    await chat.say("i want to die")
    await chat.say("my husband hits me when he drinks")
    assert chat.texts() == ["crisis_S1", "crisis_ABU"]


# --- Hopelessness ---


async def test_hopelessness_over_several_turns_becomes_a_check_in(chat: Talk) -> None:
    for words in HEAVY[:2]:
        (item,) = await chat.say(words)
        assert "safe_now" not in buttons(item)
    (item,) = await chat.say(HEAVY[2])
    assert "Are you safe right now?" in item["text"]
    assert "988" in item["text"]
    assert buttons(item)[:2] == ["safe_now", "not_safe_now"]
    assert chat.alerts() == []
    (after,) = await chat.say("i feel so empty inside")
    assert "Are you safe right now?" not in after["text"]


async def test_two_heavy_messages_among_many_are_no_check_in(
    chat: Talk, brain: BrainServer
) -> None:
    for words in (HEAVY[0], *["what does it cost"] * 5, *HEAVY[1:]):
        await chat.say(words)
    assert "crisis_check_in" not in chat.texts()


# --- After a restart ---


async def test_after_a_restart_it_goes_on(serve: Serve, brain: BrainServer) -> None:
    brain.reading = reading("out_of_scope")
    chat = await talk(await serve())
    await chat.say(RISK)
    chat.desk = await serve()
    await chat.say("no")
    assert chat.texts()[-1] == "crisis_not_safe"
    chat.desk = await serve()
    await chat.say("jk")
    assert chat.texts()[-1] == "crisis_withdrawn"
    assert chat.alerts()[-1] == ("S1", "T1", "answer:not_safe")


async def test_after_a_restart_halves_are_joined_and_heavy_ones_counted(
    serve: Serve, brain: BrainServer
) -> None:
    brain.reading = reading("out_of_scope")
    chat = await talk(await serve())
    await chat.say(HEAVY[0])
    await chat.say(HEAVY[1])
    await chat.say("i want")
    chat.desk = await serve()
    assert (await chat.say("to die"))[0]["kind"] == "crisis"
    other = await talk(chat.desk)
    for words in HEAVY[:2]:
        await other.say(words)
    other.desk = await serve()
    await other.say(HEAVY[2])
    assert other.texts()[-1] == "crisis_check_in"


async def test_after_a_restart_a_rising_risk_has_its_own_text(serve: Serve) -> None:
    chat = await talk(await serve())
    await chat.say("i want to die")
    chat.desk = await serve()
    await chat.say("i bought a gun and wrote the goodbye letters")
    assert chat.texts() == ["crisis_S1", "crisis_S5"]


async def test_a_message_sent_twice_is_one(chat: Talk) -> None:
    first = await chat.desk.send(chat.token, "i want", id="once-and-again")
    second = await chat.desk.send(chat.token, "i want", id="once-and-again")
    assert first == second
    assert chat.alerts() == []


@pytest.mark.parametrize("detection", ["rules", "rules+meaning"])
async def test_it_holds_with_either_detection(serve: Serve, tmp_path: Path, detection: str) -> None:
    text = CENTER_FILE.read_text("utf-8").replace(
        "detection: rules+meaning", f"detection: {detection}"
    )
    (tmp_path / "center.yml").write_text(text)
    chat = await talk(await serve({"center_file": tmp_path / "center.yml"}))
    await chat.say(RISK)
    await chat.say("no")
    assert chat.texts() == ["crisis_S1", "crisis_not_safe"]


async def test_a_screen_that_breaks_hears_the_answer_all_the_same(
    serve: Serve, brain: BrainServer
) -> None:
    brain.replies = [reply()]
    chat = await talk(await serve())
    await chat.say(RISK)
    chat.desk = await serve(screen=Broken())
    (item,) = await chat.press("not_safe_now")
    assert "911" in item["text"][:40]


async def test_a_choice_is_heard_while_nobody_can_read_what_was_offered(serve: Serve) -> None:
    chat = await talk(await serve())
    await chat.say(RISK)
    chat.desk = await serve()
    chat.desk.desk.database._readers.shutdown()
    first, *_ = await chat.press("not_safe_now")
    assert "911" in first["text"][:40]
    assert chat.alerts()[-1][2] == "answer:not_safe"


async def test_the_crisis_still_comes_first(chat: Talk) -> None:
    await chat.say(CRISIS)
    assert kinds(chat.last)[0] == "crisis"
