"""What was published in the console is what the desk speaks, without a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection

from answers import writing
from answers.catalogue import Part
from center.facts import Center
from desk import lines as say
from desk.conversations import now_ms
from desk.parts import Parts
from store import closures, publications, revisions
from store.errors import StoreError
from store.places import Place
from store.revisions import Revision, Seen, Written
from tests.desk.brain_server import BrainServer, reply
from tests.desk.conftest import Running, Serve
from tests.desk.talk import talk

COST = Place("text", "cost", "web", "en")
HOUR = 3_600_000
CONTACT = "locations_hours_contact"


def content(*says: str) -> Any:
    return writing.packed([Part(each) for each in says])


def publish(c: Connection, place: Place, what: Any, review_by: str | None = None) -> int:
    """Let one write, another approve, and publish."""
    crisis = place.name.startswith("crisis")
    written = Written(place, what, crisis, 1, review_by)
    found = revisions.save(c, written, "maria-id", now_ms(), Seen())
    assert isinstance(found, Revision)
    seen, role = Seen(found.id, found.edits), "clinician" if crisis else "administrator"
    assert revisions.submit(c, seen, "maria-id", now_ms()) is None
    assert revisions.approve(c, seen, "sam-id", role, now_ms()) is None
    assert revisions.publish(c, seen, "ada-id", now_ms()) is None
    return found.id


async def published(desk: Running, *given: Any, **more: Any) -> int:
    found: int = await desk.desk.database.write(lambda c: publish(c, *given, **more))
    await desk.desk.publishing.follow()
    return found


async def test_a_published_text_is_spoken_instead_of_the_brains(
    desk: Running, brain: BrainServer
) -> None:
    chat = await talk(desk)
    assert (await chat.say("how much is it"))[0]["text"] == "It depends."
    await published(desk, COST, content("It is {price}.", "Ask {insurer}.", "", "Bye."))
    brain.replies = [reply(variables={"insurer": "Aetna", "price": "old"})]
    (said,) = await chat.say("how much is it")
    assert said["text"] == "Ask Aetna.\n\nBye."
    assert [each["id"] for each in said["buttons"]] == ["insurance_coverage"]
    rows = desk.rows("select answer_version, approved from messages where answer_id = 'cost'")
    assert rows == [(1, 0), (2, 1)]


async def test_what_is_rolled_back_is_spoken_no_longer(desk: Running) -> None:
    chat = await talk(desk)
    await published(desk, COST, content("New."))
    assert (await chat.say("how much"))[0]["text"] == "New."
    await desk.desk.database.write(lambda c: revisions.roll_back(c, COST, None, "ada", 9))
    await desk.desk.publishing.follow()
    assert (await chat.say("how much"))[0]["text"] == "It depends."


async def test_nothing_is_looked_up_while_nothing_was_published(desk: Running) -> None:
    await published(desk, COST, content("New."))
    before = desk.desk.lines.catalogue
    assert await desk.desk.publishing.follow() == 0
    assert desk.desk.lines.catalogue is before


async def test_another_channel_and_language_keep_their_own_text(desk: Running) -> None:
    await published(desk, COST, content("New."))
    lines = desk.desk.lines
    assert lines.say("cost").text == "New."
    assert lines.say("cost", channel="sms").text != "New."
    await published(desk, Place("text", "cost", "web", "es"), content("Nuevo."))
    assert lines.say("cost", language="es").text == "Nuevo."
    assert lines.say("cost").text == "New."


async def test_a_crisis_text_is_spoken_as_it_was_published(desk: Running) -> None:
    name = next(id_ for id_ in desk.desk.lines.catalogue.answers if id_.startswith("crisis_S1"))
    await published(desk, Place("text", name, "web", "en"), content("Call 988 now."))
    assert desk.desk.lines.say(name).text == "Call 988 now."
    assert desk.desk.lines.approved(name)


async def test_a_published_fact_is_spoken_and_goes_to_the_brain_with_each_turn(
    desk: Running, brain: BrainServer
) -> None:
    chat = await talk(desk)
    await chat.say("hello there you")
    assert "facts" not in brain.turns[-1]
    await published(desk, Place("fact", "phone"), "(213) 555-0199")
    await published(desk, Place("fact", "sentences.parking"), "Park behind the house.")
    await chat.say("where do i park")
    edited = {"phone": "(213) 555-0199", "sentences.parking": "Park behind the house."}
    assert brain.turns[-1]["facts"] == edited
    lines = desk.desk.lines
    assert lines.facts()["parking"] == "Park behind the house."
    assert "(213) 555-0199" in lines.say(say.SAFE).text
    assert desk.parts.facts()["phone"] == "(213) 555-0199"


async def test_a_fact_that_the_center_cannot_have_is_not_spoken(desk: Running) -> None:
    await published(desk, Place("fact", "phone"), "not a number")
    await published(desk, Place("fact", "no_such_key"), "x")
    assert "phone" not in desk.desk.lines.facts()
    assert desk.desk.lines.edited == {}


async def test_while_the_store_is_away_what_is_known_stays(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(desk, COST, content("New."))
    await desk.desk.database.write(lambda c: publications.add(c, COST, None, "ada", 9))
    desk.desk.database.close()
    with pytest.raises(StoreError):
        await desk.desk.publishing.follow()
    assert desk.desk.lines.say("cost").text == "New."


async def test_it_is_known_from_the_first_message_on(serve: Serve, desk: Running) -> None:
    await published(desk, COST, content("New."))
    again = await serve()
    assert again.desk.lines.say("cost").text == "New."


def with_values(desk: Running, **values: Any) -> Parts:
    """Return the desk's parts with other settings of the center."""
    lines = desk.parts.lines
    center = Center({**desk.parts.center.values, **values})
    return replace(desk.parts, center=center, lines=say.Lines(lines.catalogue, center))


PAST, AHEAD = "2020-01-31", "2999-01-31"


@pytest.mark.parametrize(
    ("speak_drafts", "speak_overdue", "review_by", "said"),
    [
        (True, True, PAST, "cost"),
        (True, False, AHEAD, "cost"),
        (True, False, None, "cost"),
        (True, False, PAST, say.WITHHELD),
        (False, True, AHEAD, "cost"),
        (False, False, PAST, say.WITHHELD),
    ],
)
async def test_what_was_to_be_looked_at_again_is_withheld_where_the_center_says_so(
    desk: Running,
    serve: Serve,
    speak_drafts: bool,
    speak_overdue: bool,
    review_by: str | None,
    said: str,
) -> None:
    await desk.desk.database.write(lambda c: publish(c, COST, content("New."), review_by))
    parts = with_values(desk, speak_drafts=speak_drafts, speak_overdue=speak_overdue)
    chat = await talk(await serve(center=parts.center, lines=parts.lines))
    await chat.say("how much is it")
    rows = desk.rows("select answer_id from messages where sender = 'bot' order by at desc limit 1")
    assert rows == [(said,)]


async def test_a_fact_to_be_looked_at_again_is_not_spoken_where_the_center_says_so(
    desk: Running, serve: Serve, brain: BrainServer
) -> None:
    fact = Place("fact", "price"), "$5 a day"
    await desk.desk.database.write(lambda c: publish(c, *fact, review_by=PAST))
    parts = with_values(desk, speak_overdue=False, price="$9 a day")
    other = await serve(center=parts.center, lines=parts.lines)
    await (await talk(other)).say("how much is it")
    assert brain.turns[-1]["facts"] == {"price": None}
    assert "price" not in other.desk.lines.facts()


Ask = Callable[[], Any]


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (-1, 2, "The center is closed now, until "),
        (1, 2, "The center is closed from "),
        (24 * 9, 24 * 10, ""),
    ],
)
async def test_a_closure_is_said_where_the_hours_are(
    desk: Running, brain: BrainServer, begins: int, ends: int, said: str
) -> None:
    chat, now = await talk(desk), now_ms()
    times = now + begins * HOUR, now + ends * HOUR
    number = await desk.desk.database.write(lambda c: closures.close(c, *times, "ada", now))
    await desk.desk.publishing.follow()
    brain.replies = [reply(CONTACT, "Hours: we say nothing.")]
    (hours,) = await chat.say("when are you open")
    assert ("hours are not as usual" in hours["text"]) is bool(said)
    assert said in hours["text"]
    brain.replies = [reply("thanks", "You are welcome.")]
    assert "hours are not as usual" not in (await chat.say("thanks a lot"))[0]["text"]
    await desk.desk.database.write(lambda c: closures.end(c, number or 0, "ada", now_ms()))
    await desk.desk.publishing.follow()
    brain.replies = [reply(CONTACT, "Hours: we say nothing.")]
    assert (await chat.say("when are you open"))[0]["text"] == "Hours: we say nothing."


async def test_nobody_is_promised_staff_while_the_center_is_closed(desk: Running) -> None:
    days = "monday tuesday wednesday thursday friday saturday sunday".split()
    await published(desk, Place("fact", "hours"), dict.fromkeys(days, "00:00-23:59"))
    lines, now = desk.desk.lines, datetime.now(timezone.utc)
    soon = now + timedelta(minutes=5)
    assert lines.center.hours is not None
    assert lines.center.hours.closures == ()
    times = now_ms() - HOUR, now_ms() + HOUR
    await desk.desk.database.write(lambda c: closures.close(c, *times, "ada", now_ms()))
    await desk.desk.publishing.follow()
    assert lines.center.hours is not None
    assert not lines.center.hours.is_open(soon)
