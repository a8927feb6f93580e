"""What may be put in use, and what may not, whoever asks and however."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from store import candidates, learned, models_in_use
from store.candidates import LEASE_MILLISECONDS, Comparison, Refusal
from store.database import Database
from tests.store.lessons import C1, MARIA, THEIRS, enough_tests, taught
from tests.store.people import SAM, deeds

ADMIN = "admin-id"
PRINT = "a" * 64


def ready(c: Connection, at: int = 1000, **more: Any) -> str:
    """Have a candidate trained from all that was taught, and compared with the model in use."""
    name = candidates.ask(c, ADMIN, at)
    assert name is not None
    assert candidates.claim(c, at + 1) is not None
    examples = [each.id for each in learned.to_train(c)]
    candidates.trained(c, name, PRINT, examples, at + 2)
    found: dict[str, Any] = {
        "against": models_in_use.current(c).model,
        "crises": tuple(each.id for each in learned.crises(c)),
        "crises_lost": 0,
        "figures": {"questions": {"rows": 2, "before": 1, "after": 2}},
        "changes": (),
        **more,
    }
    candidates.compared(c, name, Comparison(**found), at + 3)
    return name


async def test_one_candidate_is_made_at_a_time(database: Database) -> None:
    def work(c: Connection) -> None:
        name = candidates.ask(c, ADMIN, 1000)
        assert name == "c19700101-000001-000"
        assert candidates.ask(c, ADMIN, 1001) is None
        found = candidates.claim(c, 1002)
        assert found is not None
        assert (found.name, found.state) == (name, "training")
        assert candidates.claim(c, 1003) is None
        assert candidates.ask(c, ADMIN, 1004) is None
        candidates.failed(c, name, "training failed", 1005)
        assert candidates.ask(c, ADMIN, 1006) is not None

    await database.write(work)


async def test_who_dies_in_the_middle_holds_nobody_up(database: Database) -> None:
    def work(c: Connection) -> None:
        name = candidates.ask(c, ADMIN, 1000) or ""
        candidates.claim(c, 1000)
        candidates.alive(c, name, 2000)
        assert candidates.claim(c, 2000 + LEASE_MILLISECONDS) is None
        assert candidates.newest(c)[0].state == "training"
        assert candidates.claim(c, 2001 + LEASE_MILLISECONDS) is None
        assert candidates.newest(c)[0].state == "failed"

    await database.write(work)


async def test_a_candidate_is_accepted_and_taken_back(database: Database) -> None:
    def work(c: Connection) -> None:
        first = ready(c)
        assert models_in_use.current(c).model is None
        assert candidates.accept(c, first, ADMIN, 2000) is None
        now = models_in_use.current(c)
        assert (now.model, now.before, now.why) == (first, None, "accepted")
        second = ready(c, 3000)
        assert candidates.accept(c, second, ADMIN, 4000) is None
        now = models_in_use.current(c)
        assert (now.model, now.before) == (second, first)
        assert models_in_use.back(c, ADMIN, 5000)
        assert models_in_use.current(c).model == first
        assert models_in_use.back(c, ADMIN, 6000)
        assert models_in_use.current(c).model is None
        assert not models_in_use.back(c, ADMIN, 7000)
        done = [action for who, action, *_ in deeds(c) if who == ADMIN]
        assert done == [
            *["candidate asked", "candidate accepted"] * 2,
            "back to model",
            "back to model",
        ]

    await database.write(work)


def _lost(c: Connection) -> str:
    return ready(c, crises_lost=1)


def _unknown(c: Connection) -> str:
    return "c19700101-000000-000"


def _half_made(c: Connection) -> str:
    name = candidates.ask(c, ADMIN, 1000) or ""
    candidates.claim(c, 1001)
    candidates.trained(c, name, PRINT, [], 1002)
    return name


def _without_crises(c: Connection) -> str:
    return ready(c, crises_lost=None)


def _against_another(c: Connection) -> str:
    old = ready(c)
    name = ready(c, 2000)
    assert candidates.accept(c, old, ADMIN, 3000) is None
    return name


def _of_erased_words(c: Connection) -> str:
    enough_tests(c, id_="c2")
    own = taught(c, text=THEIRS)
    assert learned.approve(c, own.id, SAM, 50, frozenset({"agent"})) is not None
    name = ready(c)
    learned.forget(c, [C1])
    return name


def _before_a_new_crisis(c: Connection) -> str:
    name = ready(c)
    taught(c, kind="missed_crisis", intents=("safety_crisis",), category="S2")
    return name


def _refused(c: Connection) -> str:
    name = ready(c)
    assert candidates.refuse(c, name, ADMIN, 2000)
    return name


def _removed(c: Connection) -> str:
    name = ready(c)
    candidates.removed(c, name, 2000)
    return name


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_lost, "crisis_lost"),
        (_unknown, "gone"),
        (_half_made, "not_ready"),
        (_without_crises, "not_ready"),
        (_against_another, "other_model"),
        (_of_erased_words, "erased"),
        (_before_a_new_crisis, "new_crises"),
        (_refused, "not_ready"),
        (_removed, "gone"),
    ],
)
async def test_what_must_not_be_put_in_use_is_not(
    database: Database, make: Callable[[Connection], str], why: Refusal
) -> None:
    def work(c: Connection) -> None:
        name = make(c)
        before = models_in_use.current(c)
        assert candidates.accept(c, name, ADMIN, 9000) == why
        assert models_in_use.current(c) == before
        assert deeds(c)[-1] == (ADMIN, "candidate not accepted", name, why)

    await database.write(work)


async def test_a_model_of_erased_words_is_known_and_never_gone_back_to(database: Database) -> None:
    def work(c: Connection) -> None:
        enough_tests(c, id_="c2")
        own = taught(c, text=THEIRS)
        learned.approve(c, own.id, SAM, 50, frozenset({"agent"}))
        first = ready(c)
        assert candidates.accept(c, first, ADMIN, 2000) is None
        assert not candidates.haunted(c, first)
        learned.forget(c, [C1])
        assert candidates.haunted(c, first)
        again = candidates.ask(c, None, 3000, "erased") or ""
        candidates.claim(c, 3001)
        candidates.trained(c, again, PRINT, [], 3002)
        candidates.compared(c, again, Comparison(first, (), 0, {}, ()), 3003)
        assert candidates.accept(c, again, None, 3004) is None
        now = models_in_use.current(c)
        assert (now.model, now.before, now.why) == (again, None, "erased")

    await database.write(work)


@pytest.mark.parametrize("gone", [False, True])
async def test_one_goes_back_to_what_is_there(database: Database, gone: bool) -> None:
    def work(c: Connection) -> None:
        first = ready(c)
        candidates.accept(c, first, ADMIN, 2000)
        second = ready(c, 3000)
        candidates.accept(c, second, ADMIN, 4000)
        if gone:
            candidates.removed(c, first, 4500)
        assert models_in_use.back(c, MARIA, 5000)
        assert models_in_use.current(c).model == (None if gone else first)

    await database.write(work)


async def test_a_model_of_other_data_makes_room(database: Database) -> None:
    def work(c: Connection) -> None:
        first = ready(c)
        candidates.accept(c, first, ADMIN, 2000)
        second = ready(c, 3000)
        assert not candidates.outdate(c, PRINT, 4000)
        assert candidates.outdate(c, "b" * 64, 5000)
        assert models_in_use.current(c).model is None
        assert candidates.accept(c, second, ADMIN, 6000) == "not_ready"
        assert not candidates.outdate(c, "b" * 64, 7000)

    await database.write(work)


async def test_the_brain_says_when_it_has_a_model(database: Database) -> None:
    def work(c: Connection) -> None:
        candidates.accept(c, ready(c), ADMIN, 2000)
        number = models_in_use.current(c).id
        models_in_use.done(c, number, 2001, "did not answer")
        assert models_in_use.current(c).done_at is None
        models_in_use.done(c, number, 2002)
        now = models_in_use.current(c)
        assert (now.done_at, now.trouble) == (2002, None)

    await database.write(work)
