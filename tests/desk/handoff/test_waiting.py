"""What a waiting person is told, by hours, daylight saving, holidays and presence of staff."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import update

from answers.catalogue import load_catalogue
from center.facts import CENTER_FILE, Center
from desk.errors import SettingsError
from desk.handoff.texts import check_topics
from desk.handoff.waiting import Waiting
from desk.lines import Lines
from store.database import Database
from store.tables.staff import staff as accounts
from tests.desk.brain_server import BrainServer, reading
from tests.desk.conftest import Running, Serve
from tests.desk.handoff.conftest import MARIA, SAM, Staff
from tests.desk.talk import Talk, talk

HOURS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
BARE: dict[str, Any] = yaml.safe_load(CENTER_FILE.read_text("utf-8"))
OPEN, SHUT = "2026-12-02T18:00+00:00", "2026-12-03T02:00+00:00"  # Wednesday, 10 am and 6 pm there


def lines_with(**values: Any) -> Lines:
    return Lines(load_catalogue(), Center({**BARE, **values}))


def milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


async def told(staff: Staff, person: Talk, moment: str, **values: Any) -> str:
    lines = lines_with(**values)
    waiting = Waiting(lines, staff.database, lambda: milliseconds(moment))
    wait = await waiting.of(staff.id_of(person.token))
    return lines.say(wait.answer_id, also=wait.facts).text


async def test_without_hours_no_time_is_claimed(staff: Staff, person: Talk) -> None:
    await staff.present("available", milliseconds(OPEN))
    text = await told(staff, person, OPEN, hours=None)
    assert "I can't say when someone will join" in text
    assert not any(word in text for word in ("open", "close", " am", " pm", "here now"))


@pytest.mark.parametrize(
    ("presence", "ago", "expected"),
    [
        ("available", 60_000, "Someone of the team is here now"),
        ("away", 60_000, "no one of the team is free"),
        ("call", 60_000, "no one of the team is free"),
        ("available", 3_600_000, "no one of the team is free"),  # left the console open
    ],
)
async def test_in_hours_the_presence_of_staff_is_told(
    staff: Staff, person: Talk, presence: str, ago: int, expected: str
) -> None:
    await staff.present(presence, milliseconds(OPEN) - ago)
    text = await told(staff, person, OPEN, hours=HOURS)
    assert expected in text
    assert "I can't say" in text


async def test_closed_accounts_and_reviewers_are_not_available(staff: Staff, person: Talk) -> None:
    await staff.present("available", milliseconds(OPEN))
    close = update(accounts).where(accounts.c.id == MARIA).values(closed_at=5)
    reviews = update(accounts).where(accounts.c.id == SAM).values(role="reviewer")
    await staff.do(lambda c: (c.execute(close), c.execute(reviews)))
    assert "no one of the team is free" in await told(staff, person, OPEN, hours=HOURS)


@pytest.mark.parametrize(
    ("moment", "holidays", "opening"),
    [
        (SHUT, [], "tomorrow at 9 am (PST)"),
        ("2026-12-02T15:00+00:00", [], "today at 9 am (PST)"),
        ("2026-12-05T20:00+00:00", [], "on Monday at 9 am (PST)"),
        (SHUT, ["2026-12-03"], "on Friday at 9 am (PST)"),
        ("2026-07-01T02:00+00:00", [], "tomorrow at 9 am (PDT)"),
        # Clocks go forward on the Sunday between.
        ("2027-03-13T20:00+00:00", [], "on Monday at 9 am (PDT)"),
        ("2026-10-31T20:00+00:00", [], "on Monday at 9 am (PST)"),
        (
            "2026-12-24T02:00+00:00",
            ["2026-12-24", "2026-12-25", "2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31"],
            "on Friday, January 1, at 9 am (PST)",
        ),
    ],
)
async def test_out_of_hours_the_next_opening_is_told(
    staff: Staff, person: Talk, moment: str, holidays: list[str], opening: str
) -> None:
    text = await told(staff, person, moment, hours=HOURS, holidays=holidays)
    assert f"It next opens {opening}, so please don't expect a person in this chat before" in text
    assert "988" in text


async def test_a_center_that_does_not_open_within_weeks_names_no_day(
    staff: Staff, person: Talk
) -> None:
    shut = [f"2026-12-{day:02d}" for day in range(1, 31)]
    text = await told(staff, person, OPEN, hours={"wednesday": "09:00-17:00"}, holidays=shut)
    assert "The center is closed now" in text
    assert "opens" not in text


async def test_when_the_log_is_away_nothing_is_said_of_staff(
    staff: Staff, person: Talk, tmp_path: Path
) -> None:
    lines = lines_with(hours=HOURS)
    gone = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    waiting = Waiting(lines, gone, lambda: milliseconds(OPEN))
    wait = await waiting.of(staff.id_of(person.token))
    gone.close()
    assert (wait.answer_id, wait.facts) == ("handoff_queued", {})


def test_nobody_is_promised_a_speed() -> None:
    for answer_id, answer in load_catalogue().answers.items():
        if answer_id.startswith(("handoff", "staff_")):
            said = " ".join(p.say + p.otherwise for parts in answer.texts.values() for p in parts)
            assert not any(word in said.lower() for word in ("shortly", "soon as", "right away"))


async def test_the_place_in_the_queue_counts_from_one_with_crises_first(
    desk: Running, staff: Staff, brain: BrainServer
) -> None:
    brain.signals = [{"name": "handoff"}]
    first, second = await talk(desk), await talk(desk)
    assert "number 1 in it" in (await first.say("a person please"))[-1]["text"]
    assert "number 2 in it" in (await second.say("a person please"))[-1]["text"]
    risk = await talk(desk)
    await risk.say("i want to kill myself tonight")
    assert "number 2 in it" in (await first.say("a person please"))[-1]["text"]


async def test_the_wait_is_told_with_its_ways_out_and_not_with_every_answer(
    person: Talk, brain: BrainServer, staff: Staff
) -> None:
    brain.signals = [{"name": "handoff"}]
    line = (await person.say("a person please"))[-1]
    assert (line["from"], line["kind"]) == ("system", "notice")
    assert [button["id"] for button in line["buttons"]] == ["callback", "handoff_cancel"]
    brain.signals = []
    replies = await person.say("how much is it")
    assert [reply["from"] for reply in replies] == ["bot"]


async def test_a_person_who_asks_twice_is_one_alert(
    desk: Running, person: Talk, brain: BrainServer
) -> None:
    brain.signals = [{"name": "handoff"}]
    for _ in range(2):
        await person.say("a person please")
    assert desk.rows("select count(*) from alerts where kind = 'handoff'") == [(1,)]


async def test_a_topic_of_the_center_opens_a_handoff_once(
    serve: Serve, brain: BrainServer, tmp_path: Path
) -> None:
    file = tmp_path / "center.yml"
    file.write_text(yaml.safe_dump({**BARE, "handoff": {"topics": ["cost"]}}))
    desk = await serve({"center_file": file})
    person = await talk(desk)
    answer, line = await person.say("how much is it")
    assert answer["kind"] == "answer"
    assert "in the team's list" in line["text"]
    assert desk.rows("select owner, reason from ownership") == [("queue", "topic of the center")]
    assert [reply["from"] for reply in await person.say("how much is it")] == ["bot"]
    assert desk.rows("select kind from alerts") == [("handoff",)]


async def test_an_offer_after_two_misses_is_taken_up(
    desk: Running, person: Talk, brain: BrainServer
) -> None:
    # What the brain makes of the button is its own test; the desk gives it the choice as it is.
    brain.reading = reading("out_of_scope")
    offer = {"title": "Talk to a person", "id": "speak_to_human"}
    brain.replies = [{**brain.replies[0], "id": "second_miss", "buttons": [offer]}]
    await person.say("blub")
    brain.signals = [{"name": "handoff"}]
    await person.press("speak_to_human")
    assert brain.turns[-1]["payload"] == "speak_to_human"
    assert desk.rows("select owner from ownership") == [("queue",)]


async def test_a_person_can_be_asked_for_though_the_brain_is_away(
    desk: Running, person: Talk, brain: BrainServer
) -> None:
    brain.status = 500
    (safe,) = await person.say("how much is it")
    assert [button["id"] for button in safe["buttons"]] == ["speak_to_human"]
    safe, line = await person.press("speak_to_human")
    assert (safe["kind"], line["kind"]) == ("safe", "notice")
    assert desk.rows("select owner, reason from ownership") == [("queue", "asked for a person")]
    await person.press("speak_to_human")
    assert desk.rows("select kind from alerts") == [("handoff",)]


def test_a_topic_that_is_no_intent_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"`costs`.*did you mean `cost`"):
        check_topics(lines_with(handoff={"topics": ["costs"]}))


async def test_limits_have_defaults() -> None:
    limits = Center(BARE).handoff
    assert (limits.wait_minutes, limits.answer_minutes, limits.topics) == (10, 5, frozenset())
