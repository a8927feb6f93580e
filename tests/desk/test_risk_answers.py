"""The one question that a crisis text asks, its buttons, and what is typed instead."""

from __future__ import annotations

import pytest

from desk.settings import Rate
from tests.desk.brain_server import BrainServer, reading
from tests.desk.conftest import Running, Serve
from tests.desk.talk import RISK, Talk, buttons, hrefs, talk
from tests.desk.test_crisis import give_to_staff, kinds


async def test_the_question_has_buttons_that_lead_somewhere(chat: Talk) -> None:
    (item,) = await chat.say(RISK)
    assert item["text"].count("?") == 1
    assert buttons(item)[:2] == ["safe_now", "not_safe_now"]
    (safe,) = await chat.press("safe_now")
    assert safe["kind"] == "answer"
    assert {"tel:988", "sms:988", "tel:911"} <= set(hrefs(safe))
    assert "speak_to_human" in buttons(safe)
    assert len(chat.alerts()) == 1


async def test_not_safe_leads_with_911_and_alerts_again(chat: Talk) -> None:
    await chat.say(RISK)
    (item,) = await chat.press("not_safe_now")
    assert item["kind"] == "crisis"
    assert "911" in item["text"][:40]
    assert hrefs(item)[0] == "tel:911"
    assert chat.alerts()[-1] == ("S1", "T1", "answer:not_safe")
    assert chat.desk.rows("select owner from ownership") == [("queue",)]


async def test_in_an_emergency_it_asks_whether_help_comes(chat: Talk) -> None:
    replies = await chat.say("i took the whole bottle of pills")
    assert buttons(replies[0])[:2] == ["help_coming", "no_help_yet"]
    (item,) = await chat.press("no_help_yet")
    assert item["text"].startswith("Call 911 now")
    assert chat.alerts()[-1] == ("MED", "T0", "answer:no_help")
    (item,) = await chat.press("help_coming")
    assert item["kind"] == "answer"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("no", "crisis_not_safe"),
        ("not really", "crisis_not_safe"),
        ("idk", "crisis_not_safe"),
        ("no im alone", "crisis_not_safe"),
        ("yes", "crisis_safe"),
        ("yeah i am", "crisis_safe"),
        ("im safe now", "crisis_safe"),
    ],
)
async def test_a_typed_answer_counts_like_a_button(chat: Talk, words: str, answer: str) -> None:
    await chat.say(RISK)
    await chat.say(words)
    assert chat.texts()[-1] == answer
    assert len(chat.alerts()) == (2 if answer == "crisis_not_safe" else 1)


async def test_an_answer_counts_only_right_after_the_question(
    chat: Talk, brain: BrainServer
) -> None:
    await chat.say(RISK)
    brain.reading = reading("what_is_iop")
    await chat.say("what is an iop")
    await chat.say("no")
    assert chat.texts() == ["crisis_S1"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("my husband hits me when he drinks", "crisis_not_safe_ABU"),
        ("i want to kill my boss", "crisis_not_safe_VIO"),
        ("my son wants to kill himself", "crisis_not_safe_other"),
    ],
)
async def test_not_safe_has_words_for_whom_it_is_about(chat: Talk, words: str, answer: str) -> None:
    await chat.say(words)
    await chat.press("not_safe_now")
    assert chat.texts()[-1] == answer


async def test_a_spanish_conversation_goes_on_in_spanish(chat: Talk) -> None:
    (item,) = await chat.say("quiero matarme, no puedo mas con mi vida")
    assert item["buttons"][0]["title"].startswith("Sí")
    (item,) = await chat.say("no")
    assert item["lang"] == "es"
    assert item["text"].startswith("Por favor, llame al 911")


async def test_who_is_not_safe_is_heard_whatever_was_offered(chat: Talk) -> None:
    # Such as on a page that was open while what it shows was erased.
    first, *_ = await chat.press("not_safe_now")
    assert "911" in first["text"][:40]
    assert [rule for _, _, rule in chat.alerts()] == ["answer:not_safe"]


@pytest.mark.parametrize("crowded", [False, True], ids=["over the limit", "in a crowd"])
async def test_not_safe_is_heard_where_nobody_remembers_the_conversation(
    serve: Serve, crowded: bool
) -> None:
    chat = await talk(await serve())
    await chat.say(RISK)
    chat.desk = desk = await serve({} if crowded else {"rate_conversation": Rate(1, 0.001)})
    if crowded:
        desk.desk.turns.queues.brain.takes = lambda _: False  # type: ignore[method-assign]
    else:
        desk.desk.reception._conversations.allows(desk.desk.reception.conversation(chat.token))
    await chat.press("not_safe_now")
    assert chat.last["replies"][0]["kind"] == "crisis"
    assert chat.alerts()[-1][2] == "answer:not_safe"


async def test_not_safe_without_a_token_that_opens_anything_brings_resources(
    desk: Running,
) -> None:
    status, body = await desk.send("expired", button="not_safe_now")
    assert status == 401
    assert body["crisis"]["kind"] == "crisis"
    assert "crisis" not in (await desk.send("expired", button="insurance_coverage"))[1]


async def test_not_safe_is_heard_without_words_for_its_button(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await desk.start()
    monkeypatch.delitem(desk.desk.lines.catalogue.answers, "choice_not_safe_now")
    status, body = await desk.send(token, button="not_safe_now")
    assert status == 200
    assert kinds(body)[0] == "crisis"


async def test_not_safe_is_heard_over_the_limit(serve: Serve) -> None:
    desk = await serve({"rate_conversation": Rate(1, 0.001)})
    chat = await talk(desk)
    await chat.say("how much is it")
    await chat.say(RISK)
    # Both what everybody may send and what somebody at risk may send are used up.
    status, body = await desk.send(chat.token, button="not_safe_now")
    assert status == 429
    assert body["crisis"]["kind"] == "crisis"
    assert "911" in body["crisis"]["text"][:40]


async def test_staff_own_it_and_not_safe_still_brings_resources(chat: Talk) -> None:
    await chat.say(RISK)
    await give_to_staff(chat.desk)
    assert [each["kind"] for each in await chat.press("not_safe_now")] == ["crisis"]
    assert await chat.press("safe_now") == []


async def test_the_choices_never_reach_the_brain(chat: Talk, brain: BrainServer) -> None:
    await chat.say(RISK)
    asked = len(brain.calls)
    await chat.press("safe_now")
    await chat.say("no")
    assert len(brain.calls) in (asked, asked + 1)
    assert not [body for _, body in brain.calls if body.get("payload")]


async def test_the_brain_down_changes_nothing(chat: Talk, brain: BrainServer) -> None:
    await chat.say(RISK)
    brain.status = 500
    replies = await chat.say("never mind all that, what does the program cost")
    assert "988" in replies[0]["text"]
    (item,) = await chat.press("not_safe_now")
    assert item["kind"] == "crisis"
