"""Stories hold paraphrases alone, belong to nobody and stay when a person is erased."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select

from store import corrections, erasing, log, stories
from store.corrections import Correction
from store.database import Database
from store.records import Entry, Message
from store.stories import Heard, OwnWordsError, Turn
from store.tables.learning import story_turns
from tests.store.lessons import C1, MARIA, OURS, SAM, THEIRS, asks, corrected
from tests.store.people import deeds

NAMED = "parking, then the price"
COST = Turn("what do i pay", ("cost",))
TURNS = {10: Turn(OURS, ("locations_hours_contact",)), 11: COST}


def told(c: Connection, name: str = NAMED, **more: Any) -> int | str:
    """Let Maria save a story of two turns."""
    asks(c)
    asks(c, 11, "and how much is it all in all")
    return stories.save(c, name, more.get("turns", TURNS), stories.heard(c, C1), MARIA, 40)


async def test_a_story_is_kept_in_its_order(database: Database) -> None:
    def work(c: Connection) -> None:
        number = told(c)
        assert isinstance(number, int)
        kept = stories.one(c, number)
        assert kept is not None
        assert (kept.name, kept.turns, kept.by, kept.at) == (
            NAMED,
            tuple(TURNS.values()),
            MARIA,
            40,
        )
        assert stories.everything(c) == [kept]
        assert stories.names(c) == {number: NAMED}
        assert len(stories.everything(c)) == 1

    await database.write(work)


async def test_each_message_is_offered_as_corrected_or_as_understood(database: Database) -> None:
    def work(c: Connection) -> None:
        corrected(c)
        asks(c, 11, "how much", intent="cost", intents=("cost",))
        asks(c, 12, "a false alarm", intent="thanks", intents=("thanks",))
        assert corrections.correct(c, Correction(C1, 12, "false_alarm", by=SAM, at=20))
        button = Message(13, "visitor", "text", "Yes", 13, client_id="b", button="affirm")
        unread = Message(14, "visitor", "text", "are you there", 14, client_id="u")
        answer = Message(15, "bot", "answer", "Yes.", 15, reply_to=14)
        log.write(c, Entry(C1, "web", 15, (button, unread, answer)))
        assert stories.heard(c, C1) == [
            Heard(10, THEIRS, ("locations_hours_contact",)),
            Heard(11, "how much", ("cost",)),
            Heard(12, "a false alarm", ("thanks",)),
            Heard(14, "are you there", ()),
        ]

    await database.write(work)


async def test_a_story_is_made_of_the_first_messages(database: Database) -> None:
    def work(c: Connection) -> None:
        for seq in range(1, stories.LINES + 4):
            asks(c, seq, f"question {seq}")
        found = [each.seq for each in stories.heard(c, C1)]
        assert found == list(range(1, stories.LINES + 1))

    await database.write(work)


HEARD = [
    Heard(1, THEIRS, ()),
    Heard(2, "call 213-555-0142 or 213-555-0143 now", ()),
    Heard(3, "yes", ()),
    Heard(4, "\U0001f642", ()),
]


@pytest.mark.parametrize(
    ("seq", "text", "theirs"),
    [
        (1, THEIRS, True),
        (1, "Hey, do y'all validate parking for the folks or what?", True),
        (1, OURS, False),
        # Words of another message of theirs are theirs, too.
        (2, "do y'all validate parking", True),
        (None, "do y'all validate parking", True),
        # What is left of a message of identifiers, as it is offered.
        (2, "call or now", True),
        (2, "somebody to be called", False),
        # A few words are theirs where they stand for their own message.
        (3, "Yes", True),
        (1, "yes", False),
        (None, "yes", False),
        (4, "\U0001f642", True),
    ],
)
def test_a_paraphrase_is_told_from_all_that_a_person_wrote(
    seq: int | None, text: str, theirs: bool
) -> None:
    assert stories.is_theirs(HEARD, text, seq) is theirs


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        (THEIRS, TURNS),
        (NAMED, {10: Turn(THEIRS, ("cost",)), 11: COST}),
        (NAMED, {**TURNS, 11: Turn("how much is it all", ("cost",))}),
    ],
)
async def test_the_store_itself_refuses_a_persons_own_words(
    database: Database, name: str, turns: dict[int, Turn]
) -> None:
    def work(c: Connection) -> None:
        with pytest.raises(OwnWordsError) as refused:
            told(c, name, turns=turns)
        assert str(refused.value) == ""
        assert len(stories.everything(c)) == 0

    await database.write(work)


async def test_a_name_is_given_once_and_there_is_an_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "MOST", 2)

    def work(c: Connection) -> None:
        assert isinstance(told(c), int)
        assert told(c) == "name"
        assert isinstance(told(c, "another"), int)
        assert told(c, "a third") == "full"
        assert len(stories.everything(c)) == 2

    await database.write(work)


async def test_an_erased_person_leaves_a_story_of_which_nothing_leads_to_them(
    database: Database,
) -> None:
    def work(c: Connection) -> None:
        number = told(c)
        erasing.erase_person(c, C1, SAM, 50)
        assert stories.names(c) == {number: NAMED}
        mine = [deed for deed in deeds(c) if deed[1] == "story saved"]
        assert mine == [(MARIA, "story saved", f"story {number}", "2 turns")]

    await database.write(work)


async def test_a_deleted_story_is_gone_and_its_number_is_not_given_again(
    database: Database,
) -> None:
    def work(c: Connection) -> None:
        number = told(c)
        assert isinstance(number, int)
        assert stories.remove(c, number, SAM, 50)
        assert not stories.remove(c, number, SAM, 51)
        assert stories.everything(c) == []
        assert c.execute(select(story_turns)).all() == []
        assert deeds(c)[-1] == (SAM, "story deleted", f"story {number}", None)
        again = told(c)
        assert isinstance(again, int)
        assert again > number

    await database.write(work)
