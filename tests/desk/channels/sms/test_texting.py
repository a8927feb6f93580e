"""Texts from end to end: a desk, a brain, and a server that takes what Twilio takes."""

from __future__ import annotations

import pytest

from answers.sms import segments
from desk.channels.sms.channel import ALL
from desk.lines import Lines
from desk.screening import Screening
from tests.desk.brain_server import BrainServer, reading, reply
from tests.desk.channels.sms.conftest import Phone, Texting

RISK = "i want to kill myself tonight"
SHORT = reply(buttons=[])
LONG = reply(text="This is one sentence of an answer. " * 20, buttons=[])
PICTURE = {"NumMedia": "1", "MediaUrl0": f"https://api.twilio.com/x/Media/ME{'a' * 32}"}


def said(phone: Phone, answer_id: str) -> str:
    return phone.desk.desk.lines.say(answer_id, channel="sms").text


async def test_a_question_is_answered_and_what_must_be_known_follows(phone: Phone) -> None:
    answer, notice = await phone.text("how much is it", 2)
    assert answer == "It depends.\n1 Insurance\nReply with a number."
    assert notice == said(phone, "sms_notice")
    assert await phone.text("how much is it", 1) == [answer]
    await phone.nothing()


async def test_the_number_of_a_choice_is_that_choice(phone: Phone, brain: BrainServer) -> None:
    await phone.text("how much is it", 2)
    await phone.text("1", 1)
    assert brain.turns[-1]["payload"] == "insurance_coverage"


async def test_many_texts_of_one_person_are_screened_in_turn_with_those_of_others(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    screener = phone.desk.desk.turns.screener
    screen, places = screener.screen, []

    async def noted(text: str, group: str = "", within: float | None = None) -> Screening:
        places.append(group)
        return await screen(text, group, within)

    monkeypatch.setattr(screener, "screen", noted)
    await phone.text("how much is it", 2)
    (row,) = phone.desk.rows("select id from conversations")
    assert places == [row.id]


@pytest.mark.parametrize("written", ["1.", " 1 ", "1)"])
async def test_people_write_numbers_in_their_own_way(
    phone: Phone, brain: BrainServer, written: str
) -> None:
    await phone.text("how much is it", 2)
    await phone.text(written, 1)
    assert brain.turns[-1]["payload"] == "insurance_coverage"


async def test_a_menu_holds_until_the_next_answer(phone: Phone, brain: BrainServer) -> None:
    await phone.text("how much is it", 2)
    brain.replies = [SHORT]
    await phone.text("and for teens", 1)
    await phone.text("1", 1)
    assert brain.turns[-1]["text"] == "1"


async def test_a_number_that_was_not_offered_is_asked_for_again(
    phone: Phone, brain: BrainServer
) -> None:
    await phone.text("how much is it", 2)
    assert await phone.text("7", 1) == [said(phone, "sms_menu")]
    await phone.text("1", 1)
    assert brain.turns[-1]["payload"] == "insurance_coverage"


async def test_the_menus_of_two_answers_are_numbered_on(phone: Phone, brain: BrainServer) -> None:
    more = reply(text="Mornings.", buttons=[{"title": "Evenings", "id": "evening_weekend"}])
    brain.replies = [reply(), more]
    answers = await phone.text("cost and hours", 3)
    assert answers[1] == "Mornings.\n2 Evenings\nReply with a number."
    await phone.text("2", 1)
    assert brain.turns[-1]["payload"] == "evening_weekend"


async def test_a_long_answer_takes_two_segments_and_more_gives_the_rest(
    phone: Phone, brain: BrainServer
) -> None:
    brain.replies = [LONG]
    first, _ = await phone.text("tell me all", 2)
    assert first.endswith("Reply MORE for the rest.")
    assert segments(first) <= 2
    (second,) = await phone.text("More", 1)
    (third,) = await phone.text("MORE", 1)
    whole = " ".join(each.replace("\nReply MORE for the rest.", "") for each in (first, second))
    assert f"{whole} {third}" == LONG["text"].strip()
    assert len(brain.turns) == 1


async def test_two_short_answers_need_no_more(phone: Phone, brain: BrainServer) -> None:
    brain.replies = [reply(text="It depends. " * 20, buttons=[]), reply(text="Mornings. " * 20)]
    answers = await phone.text("hours n price", 3)
    assert not any("MORE" in each for each in answers)


async def test_more_without_a_rest_is_a_question(phone: Phone, brain: BrainServer) -> None:
    brain.replies = [SHORT]
    await phone.text("how much is it", 2)
    await phone.text("more", 1)
    assert brain.turns[-1]["text"] == "more"


async def test_a_photo_gets_a_kind_answer_and_is_deleted_unopened(
    phone: Phone, brain: BrainServer
) -> None:
    assert (await phone.text("", 1, sid="SM" + "b" * 32, **PICTURE))[0] == said(phone, "sms_media")
    assert brain.turns == []
    assert await phone.twilio.pictures(1) == [f"SM{'b' * 32}/ME{'a' * 32}"]
    assert phone.desk.rows("select text from messages where sender = 'visitor'") == [
        ("[picture or file]",)
    ]


async def test_a_photo_with_words_has_them_answered_too(phone: Phone) -> None:
    answer, media, _ = await phone.text("do you take this plan", 3, **PICTURE)
    assert answer.startswith("It depends.")
    assert media == said(phone, "sms_media")


async def test_a_place_gets_a_kind_answer(phone: Phone) -> None:
    place = {"Latitude": "34.05", "Longitude": "-118.24"}
    assert await phone.text("", 1, **place) == [said(phone, "sms_media")]


async def test_help_in_the_middle_of_the_form_is_no_answer_to_it(
    phone: Phone, brain: BrainServer
) -> None:
    brain.replies = [reply(buttons=[{"title": "Call me", "id": "callback"}])]
    await phone.text("can somebody call me", 2)
    (question,) = await phone.text("1", 1)
    form = phone.desk.rows("select state from callback_forms")
    assert await phone.text("HELP", 1) == [said(phone, "sms_help")]
    await phone.nothing()
    assert question
    assert phone.desk.rows("select state from callback_forms") == form


async def test_a_message_that_cannot_be_rendered_costs_no_turn(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("zebrafinch")

    monkeypatch.setattr(phone.desk.desk.channels["sms"], "render", broken)
    assert await phone.post(phone.form(RISK)) == 200
    await phone.nothing()
    assert [row.kind for row in phone.desk.rows("select kind from alerts")] == ["crisis"]
    monkeypatch.undo()
    phone.desk.write("update deliveries set due_at = 0")
    await phone.desk.desk.postman.deliver_due()
    assert "988" in (await phone.next(1))[0]


async def test_an_emoji_alone_is_answered(phone: Phone) -> None:
    answer, _ = await phone.text("\U0001f622", 2)
    assert answer.startswith("I see your emoji")


async def test_a_command_of_rasas_is_words(phone: Phone, brain: BrainServer) -> None:
    await phone.text("/restart", 2)
    assert brain.turns[-1]["text"] == "restart"


async def test_resources_come_first_and_whole(phone: Phone, brain: BrainServer) -> None:
    brain.reading = reading("safety_crisis")
    crisis, _ = await phone.text(RISK, 2)
    assert "988" in crisis
    assert segments(crisis) <= 2
    assert "MORE" not in crisis


async def test_resources_come_while_the_brain_is_silent(phone: Phone, brain: BrainServer) -> None:
    brain.gate.clear()
    (crisis,) = await phone.text(RISK, 1)
    assert "988" in crisis
    brain.gate.set()
    await phone.settled()


async def test_two_people_have_two_conversations(phone: Phone, brain: BrainServer) -> None:
    other = Phone(phone.desk, phone.twilio, "+12135550177")
    await phone.text("how much is it", 2)
    assert await other.post(other.form("when are you open")) == 200
    await phone.twilio.texts(4)
    assert len({turn["conversation"] for turn in brain.turns}) == 2
    assert {each["To"] for each in phone.twilio.sent} == {phone.number, other.number}


async def test_what_somebody_writes_is_answered_in_their_order(
    phone: Phone, brain: BrainServer
) -> None:
    brain.replies = [SHORT]
    for number in range(5):
        assert await phone.post(phone.form(f"question {number}")) == 200
    await phone.twilio.texts(6)
    assert [turn["text"] for turn in brain.turns] == [f"question {n}" for n in range(5)]


async def test_the_number_is_stored_encrypted_and_known_by_a_hash(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await phone.nothing()
    path = phone.desk.parts.settings.state / "desk.db"
    stored = b"".join(each.read_bytes() for each in path.parent.glob("desk.db*"))
    assert phone.number.encode() not in stored
    assert phone.desk.rows("select address from contacts")[0].address.count(phone.number) == 1


async def test_no_number_and_no_word_is_in_a_log_line(
    phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    phone.twilio.failures = [(400, 21211), (503, 20503)]
    await phone.text("zebrafinch " + RISK, 1)
    assert caplog.text
    assert phone.number not in caplog.text
    assert "zebrafinch" not in caplog.text


async def test_spanish_is_answered_in_spanish(phone: Phone) -> None:
    crisis, *_ = await phone.text("me quiero morir, ya no puedo más", 1)
    assert "988" in crisis
    assert "Llame" in crisis


async def test_every_line_of_this_channel_is_in_the_catalogue(phone: Phone) -> None:
    lines: Lines = phone.desk.desk.lines
    assert [name for name in ALL if not lines.has(name)] == []


async def test_a_desk_without_a_channel_takes_no_texts(texting: Texting) -> None:
    phone: Phone = await texting()
    phone.desk.desk.channels.clear()  # type: ignore[attr-defined]
    assert await phone.post(phone.form("hi")) == 404
