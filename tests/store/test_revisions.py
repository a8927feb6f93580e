"""Edited texts and facts: who may do what to them, and which are spoken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from store import publications, revisions
from store.database import Database
from store.errors import StoreError
from store.places import Place
from store.revisions import Refusal, Revision, Seen, Written
from store.tables.publishing import revisions as rows
from tests.store.people import MARIA, SAM, deeds

COST = Place("text", "cost", "web", "en")
COST_SMS = Place("text", "cost", "sms", "en")
CRISIS = Place("text", "crisis_s1_t1", "web", "en")
WORDS = Written(COST, ["It costs {price}."], crisis=False, version=3)
ADA = "ada-id"


def drafted(c: Connection, written: Written = WORDS, by: str = MARIA, at: int = 10) -> Revision:
    found = revisions.open_one(c, written.place)
    kept = revisions.save(c, written, by, at, seen(found))
    assert isinstance(kept, Revision)
    return kept


def seen(found: Revision | None) -> Seen:
    return Seen(found.id, found.edits) if found else Seen()


def submitted(c: Connection, written: Written = WORDS, by: str = MARIA) -> Revision:
    found = drafted(c, written, by)
    assert revisions.submit(c, seen(found), by, 11) is None
    return found


def approved(c: Connection, written: Written = WORDS, role: str = "administrator") -> Revision:
    found = submitted(c, written)
    assert revisions.approve(c, seen(found), SAM, role, 12) is None
    return found


def published(c: Connection, written: Written = WORDS) -> Revision:
    found = approved(c, written)
    assert revisions.publish(c, seen(found), ADA, 13) is None
    return found


async def test_a_text_is_drafted_approved_by_another_and_published(database: Database) -> None:
    def work(c: Connection) -> None:
        before = publications.number(c)
        found = approved(c)
        assert publications.everything(c) == {}
        assert publications.number(c) == before
        assert revisions.publish(c, seen(found), ADA, 13) is None
        spoken = publications.everything(c)[COST]
        assert (spoken.content, spoken.version, spoken.approved_by) == (WORDS.content, 4, SAM)
        assert publications.number(c) > before
        assert revisions.open_one(c, COST) is None
        assert [who for who, *_ in deeds(c)] == [MARIA, MARIA, SAM, ADA]
        assert deeds(c)[-1][1:] == ("text published", "cost", "text web en revision 1")

    await database.write(work)


async def test_no_version_of_an_answer_is_given_twice(database: Database) -> None:
    def work(c: Connection) -> None:
        first = drafted(c)
        other_form = drafted(c, replace(WORDS, place=COST_SMS))
        assert (first.version, other_form.version) == (4, 5)
        assert drafted(c, replace(WORDS, version=9)).version == 4
        revisions.drop(c, seen(revisions.open_one(c, COST)), MARIA, 20)
        assert drafted(c, replace(WORDS, version=9)).version == 10

    await database.write(work)


@pytest.mark.parametrize(
    ("place", "by", "role", "refusal"),
    [
        (COST, MARIA, "administrator", "own"),
        (COST, SAM, "reviewer", "administrator"),
        (COST, SAM, "clinician", "administrator"),
        (CRISIS, SAM, "administrator", "clinician"),
        (CRISIS, MARIA, "clinician", "own"),
        (CRISIS, SAM, "clinician", None),
        (COST, SAM, "administrator", None),
    ],
)
async def test_who_may_approve(
    database: Database, place: Place, by: str, role: str, refusal: Refusal | None
) -> None:
    def work(c: Connection) -> None:
        found = submitted(c, replace(WORDS, place=place, crisis=place is CRISIS))
        assert revisions.approve(c, seen(found), by, role, 12) == refusal
        now = revisions.one(c, found.id)
        assert now is not None
        assert now.state == ("submitted" if refusal else "approved")
        assert now.approved_by == (None if refusal else by)

    await database.write(work)


async def test_nobody_approves_what_they_have_changed_a_word_in(database: Database) -> None:
    def work(c: Connection) -> None:
        drafted(c, by=SAM)
        found = submitted(c, by=MARIA)
        assert revisions.approve(c, seen(found), SAM, "administrator", 12) == "own"
        assert revisions.approve(c, seen(found), ADA, "administrator", 12) is None

    await database.write(work)


async def test_a_change_after_the_approval_takes_it_away(database: Database) -> None:
    def work(c: Connection) -> None:
        found = approved(c)
        changed = drafted(c, replace(WORDS, content=["Other words."]))
        assert (changed.id, changed.state, changed.approved_by) == (found.id, "draft", None)
        assert revisions.publish(c, seen(changed), ADA, 13) == "state"
        assert revisions.publish(c, seen(found), ADA, 13) == "stale"

    await database.write(work)


async def test_of_two_who_write_at_once_the_second_is_told(database: Database) -> None:
    def work(c: Connection) -> None:
        both_saw = seen(drafted(c))
        other = replace(WORDS, content=["Hers."])
        assert isinstance(revisions.save(c, other, MARIA, 11, both_saw), Revision)
        assert revisions.save(c, replace(WORDS, content=["His."]), SAM, 12, both_saw) == "stale"
        assert revisions.save(c, WORDS, SAM, 12, Seen()) == "stale"
        now = revisions.open_one(c, COST)
        assert now is not None
        assert now.content == ["Hers."]

    await database.write(work)


Deed = Callable[[Connection, Seen], Any]
DEEDS: dict[str, Deed] = {
    "submit": lambda c, at: revisions.submit(c, at, MARIA, 20),
    "approve": lambda c, at: revisions.approve(c, at, SAM, "administrator", 20),
    "send back": lambda c, at: revisions.send_back(c, at, SAM, 20),
    "drop": lambda c, at: revisions.drop(c, at, SAM, 20),
    "publish": lambda c, at: revisions.publish(c, at, SAM, 20),
}
STATES: dict[str, tuple[Callable[[Connection], Revision], set[str]]] = {
    "draft": (drafted, {"submit", "drop"}),
    "submitted": (submitted, {"approve", "send back", "drop"}),
    "approved": (approved, {"publish", "send back", "drop"}),
    "published": (published, set()),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("state", STATES)
async def test_each_state_allows_what_follows_it(database: Database, state: str, deed: str) -> None:
    make, allowed = STATES[state]

    def work(c: Connection) -> None:
        found = make(c)
        at = Seen(found.id, found.edits)
        assert DEEDS[deed](c, Seen(found.id, found.edits + 1)) == "stale"
        assert DEEDS[deed](c, Seen(404, 1)) == "gone"
        assert DEEDS[deed](c, at) == (None if deed in allowed else "state")

    await database.write(work)


async def test_what_was_published_before_is_spoken_again(database: Database) -> None:
    def work(c: Connection) -> None:
        first = published(c)
        second = published(c, replace(WORDS, content=["Second."]))
        assert publications.current(c, COST) == second.id
        numbers = [publications.number(c)]
        assert revisions.roll_back(c, COST, first.id, ADA, 20) is None
        assert publications.everything(c)[COST].content == WORDS.content
        numbers.append(publications.number(c))
        assert revisions.roll_back(c, COST, None, ADA, 21) is None
        assert publications.everything(c) == {}
        numbers.append(publications.number(c))
        assert numbers == sorted(set(numbers))
        assert revisions.roll_back(c, COST, second.id, ADA, 22) is None
        assert publications.everything(c)[COST].content == ["Second."]
        assert [each["by"] for each in publications.history(c, COST)] == [ADA] * 5

    await database.write(work)


async def test_what_nobody_approved_cannot_be_rolled_back_to(database: Database) -> None:
    def work(c: Connection) -> None:
        found = drafted(c)
        assert revisions.roll_back(c, COST, found.id, ADA, 20) == "state"
        assert revisions.roll_back(c, COST, 404, ADA, 20) == "gone"
        assert revisions.roll_back(c, COST_SMS, found.id, ADA, 20) == "gone"
        assert revisions.roll_back(c, COST, None, ADA, 20) == "state"
        revisions.drop(c, seen(found), MARIA, 21)
        assert revisions.roll_back(c, COST, found.id, ADA, 22) == "state"
        assert publications.everything(c) == {}

    await database.write(work)


async def test_the_database_itself_keeps_one_draft_of_each_place(database: Database) -> None:
    await database.write(drafted)

    def second(c: Connection) -> None:
        row = {**COST.columns(), "content": [], "version": 1, "state": "draft"}
        row |= {"crisis": 0, "edits": 1, "authors": [], "at": 1}
        c.execute(rows.insert().values(**row))

    with pytest.raises(StoreError):
        await database.write(second)


async def test_a_fact_goes_the_same_way(database: Database) -> None:
    def work(c: Connection) -> None:
        phone = Place("fact", "sentences.parking")
        published(c, Written(phone, "Park behind the house.", crisis=False, version=0))
        spoken = publications.everything(c)[phone]
        assert (spoken.content, spoken.version) == ("Park behind the house.", 1)

    await database.write(work)
