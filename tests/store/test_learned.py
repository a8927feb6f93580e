from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update

from store import corrections, learned, retention, sealing
from store import staff as accounts
from store.database import Database
from store.key_file import NAME, KeyFile
from store.learned import ALONE_MILLISECONDS, ENOUGH
from store.migrate import migrate
from store.retention import Retention
from store.tables.learning import candidates
from store.tables.staff import staff
from tests.store.lessons import (
    C1,
    MARIA,
    OURS,
    REVIEWERS,
    SAM,
    THEIRS,
    corrected,
    enough_tests,
    taught,
)

WEEK = ALONE_MILLISECONDS


@pytest.mark.parametrize(
    ("words", "own"),
    [
        (THEIRS, True),
        (learned.clean(THEIRS), True),
        ("Hey, do y'all validate parking for the folks or what?", True),
        ("do y'all validate parking", True),
        (OURS, False),
        ("do you have parking", False),
    ],
)
def test_a_paraphrase_is_told_from_a_persons_own_words(words: str, own: bool) -> None:
    assert learned.is_own(THEIRS, words) is own


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("call me at [phone] about\ncost", "call me at about cost"),
        ("/restart now", "restart now"),
        ("- [iop](care){x}", "(care) x"),
        ("  what is\tit?  ", "what is it?"),
    ],
)
def test_a_learned_text_is_a_plain_line_without_identifiers(words: str, kept: str) -> None:
    assert learned.clean(words) == kept


async def test_the_first_examples_of_an_intent_are_tests(database: Database) -> None:
    def work(c: Connection) -> None:
        assert {each.purpose for each in enough_tests(c)} == {"test"}
        assert taught(c, 200).purpose == "train"
        other = taught(c, 201, intents=("cost",))
        assert other.purpose == "test"
        assert len(learned.to_test(c)) == ENOUGH + 1
        assert [each.text for each in learned.to_train(c)] == [OURS]

    await database.write(work)


async def test_a_missed_crisis_is_learned_at_once_and_tested_for_good(database: Database) -> None:
    def work(c: Connection) -> None:
        made = taught(c, kind="missed_crisis", intents=("safety_crisis",), category="S2")
        assert (made.purpose, made.risk) == ("both", "S2")
        assert learned.crises(c) == [made] == learned.to_train(c)

    await database.write(work)


async def test_several_questions_are_a_test_however_many_there_are(database: Database) -> None:
    def work(c: Connection) -> None:
        made = [
            taught(c, 10 + n, f"both {n}", kind="several", intents=("cost", "eligibility"))
            for n in range(ENOUGH + 1)
        ]
        assert {each.purpose for each in made} == {"test"}

    await database.write(work)


async def test_a_correction_is_taught_once(database: Database) -> None:
    def work(c: Connection) -> None:
        found = corrected(c)
        assert learned.teach(c, found, OURS, MARIA, 30)
        assert learned.teach(c, found, OURS, SAM, 31) is None
        assert len(learned.everything(c)) == 1

    await database.write(work)


async def test_own_words_wait_for_somebody_else(database: Database) -> None:
    def work(c: Connection) -> None:
        made = taught(c, text=THEIRS)
        assert (made.own, made.purpose) == (True, None)
        assert learned.to_train(c) == learned.to_test(c) == []
        assert learned.approve(c, made.id, MARIA, 40, REVIEWERS) is None
        kept = learned.approve(c, made.id, SAM, 41, REVIEWERS)
        assert kept is not None
        assert (kept.purpose, kept.approved_by) == ("test", SAM)
        assert learned.approve(c, made.id, SAM, 42, REVIEWERS) is None

    await database.write(work)


@pytest.mark.parametrize(
    ("others", "after", "may"),
    [
        ("open", WEEK, False),
        ("closed", WEEK - 1, False),
        ("closed", WEEK, True),
        ("administrator", WEEK, True),
    ],
)
async def test_the_only_reviewer_waits_seven_days(
    database: Database, others: str, after: int, may: bool
) -> None:
    """Whoever has no role that reviews is no second reviewer."""

    def work(c: Connection) -> None:
        made = taught(c, text=THEIRS)
        if others == "closed":
            accounts.close(c, SAM, 30)
        elif others != "open":
            c.execute(update(staff).where(staff.c.id == SAM).values(role=others))
        found = learned.approve(c, made.id, MARIA, made.at + after, REVIEWERS)
        assert (found is not None) is may

    await database.write(work)


@pytest.mark.parametrize("how", ["forget", "purge"])
async def test_own_words_go_with_the_conversation_and_paraphrases_stay(
    database: Database, how: str
) -> None:
    def work(c: Connection) -> None:
        own, ours = taught(c, text=THEIRS), taught(c, 11)
        if how == "forget":
            assert learned.forget(c, [C1]) == [own.id]
        else:
            assert retention.erase_due(c, Retention(conversations=0), 1000) == [C1]
        assert learned.everything(c) == [ours]
        assert corrections.to_teach(c) == []

    await database.write(work)


async def test_what_would_change_for_an_erased_person_goes_too(database: Database) -> None:
    def work(c: Connection) -> None:
        corrected(c)
        changes = [{"conversation": C1, "seq": 10}, {"conversation": "c2", "seq": 4}]
        row: dict[str, Any] = {"name": "c1", "state": "ready", "why": "asked", "asked_at": 1}
        c.execute(candidates.insert().values(**row, changes=changes))
        learned.forget(c, [C1])
        assert c.execute(candidates.select()).one().changes == [changes[1]]

    await database.write(work)


async def test_a_removed_number_is_never_given_again(database: Database) -> None:
    def work(c: Connection) -> None:
        first = taught(c)
        assert learned.remove(c, first.id, MARIA, 40)
        assert not learned.remove(c, first.id, MARIA, 41)
        assert taught(c, 11).id > first.id
        c.execute(delete(candidates))

    await database.write(work)


async def test_own_words_are_sealed_and_paraphrases_have_no_person(
    url: str, tmp_path: Path
) -> None:
    KeyFile(tmp_path / NAME).make()
    sealing.use(tmp_path / NAME)
    migrate(url)
    database = Database(url)

    def work(c: Connection) -> list[str]:
        own, ours = taught(c, text=THEIRS), taught(c, 11)
        assert [each.text for each in learned.everything(c)] == [own.text, ours.text]
        assert own.text == THEIRS
        raw = c.execute(text("SELECT text FROM examples ORDER BY id")).scalars()
        return list(raw)

    try:
        sealed, plain = await database.write(work)
    finally:
        database.close()
        sealing._default.clear()
    assert "parking" not in sealed
    assert plain == OURS
