from __future__ import annotations

import pytest

from desk.handoff.choices import stops_waiting
from desk.handoff.follower import Follower
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running
from tests.desk.handoff.conftest import MARIA, Staff, ids, lines
from tests.desk.talk import Talk


@pytest.fixture
async def waiting(person: Talk, brain: BrainServer) -> Talk:
    """Somebody who has asked for a person."""
    brain.signals = [{"name": "handoff"}]
    await person.say("a person please")
    brain.signals = []
    return person


@pytest.mark.parametrize(
    ("words", "stops"),
    [
        ("never mind", True),
        ("Nevermind, thanks!", True),
        ("never mind, no person needed", True),
        ("ok cancel that", True),
        ("I don’t need a person anymore.", True),
        ("stop waiting", True),
        ("never mind the cost, is it covered?", False),
        ("i don't need a person to judge me", False),
        ("can i cancel a session?", False),
        ("no", False),
    ],
)
async def test_words_that_end_the_wait(
    waiting: Talk, staff: Staff, brain: BrainServer, words: str, stops: bool
) -> None:
    assert stops_waiting(words) is stops
    brain.calls.clear()
    replies = await waiting.say(words)
    assert (await staff.owned(waiting.token)).owner == ("bot" if stops else "queue")
    assert bool(brain.turns) is not stops
    if stops:
        assert "off the team's list" in replies[0]["text"]


async def test_the_same_words_of_somebody_who_does_not_wait_go_to_the_brain(
    person: Talk, brain: BrainServer
) -> None:
    await person.say("never mind")
    assert len(brain.turns) == 1


async def test_a_cancelled_wait_is_logged_with_its_event(desk: Running, waiting: Talk) -> None:
    await waiting.press("handoff_cancel")
    found = desk.rows("select event, from_owner, to_owner, by from transitions order by id")
    assert found == [("asked", "bot", "queue", "visitor"), ("cancel", "queue", "bot", "visitor")]
    (reply,) = await waiting.press("handoff_cancel")
    assert "is not in the team's list" in reply["text"]


async def test_after_words_of_grave_risk_somebody_is_to_look_all_the_same(
    waiting: Talk, staff: Staff
) -> None:
    await waiting.say(CRISIS)
    (reply,) = [r for r in await waiting.press("handoff_cancel") if r["kind"] == "notice"][:1]
    assert "left this chat in the team's list" in reply["text"]
    assert (await staff.owned(waiting.token)).owner == "queue"


async def test_risk_beside_such_words_is_never_overheard(
    waiting: Talk, staff: Staff, desk: Running
) -> None:
    replies = await waiting.say("never mind, i want to kill myself tonight")
    assert replies[0]["kind"] == "crisis"
    assert (await staff.owned(waiting.token)).owner == "queue"


async def test_a_rating_is_offered_after_a_handoff_and_taken_with_one_tap(
    desk: Running, waiting: Talk, staff: Staff, follower: Follower
) -> None:
    await staff.say(waiting.token)
    await staff.resolve(waiting.token)
    await follower.follow()
    shown = await desk.history(waiting.token)
    assert ids([shown[-1]]) == ["rating_yes", "rating_no"]
    assert "Maria has left. You are talking to the automated assistant again." in shown[-1]["text"]
    (reply,) = await waiting.press("rating_yes")
    assert reply["text"] == "Thank you for telling us."
    await waiting.press("rating_no")
    assert desk.rows("select score from ratings") == [(1,)]


async def test_a_rating_is_never_offered_after_a_crisis(
    desk: Running, waiting: Talk, staff: Staff, follower: Follower
) -> None:
    await waiting.say(CRISIS)
    await staff.say(waiting.token)
    await staff.resolve(waiting.token)
    await follower.follow()
    assert lines(desk)[-1] == "staff_left"
    assert "rating_yes" not in ids(await desk.history(waiting.token))


async def test_while_staff_have_it_a_choice_is_kept_and_the_bot_stays_silent(
    desk: Running, waiting: Talk, staff: Staff, follower: Follower, brain: BrainServer
) -> None:
    await staff.say(waiting.token)
    await staff.resolve(waiting.token)
    await follower.follow()
    await staff.claim(waiting.token, MARIA)
    brain.calls.clear()
    assert await waiting.press("rating_no") == []
    assert await waiting.press("handoff_cancel") == []
    assert desk.rows("select score from ratings") == [(0,)]
    assert (await staff.owned(waiting.token)).owner == "human"
    assert brain.calls == []
