"""Candidates on their page: what is shown, and what is refused whoever asks."""

from __future__ import annotations

from typing import Any

import pytest

from store import candidates, models_in_use, stories
from store.candidates import Comparison
from store.stories import Turn
from tests.console.entering import AT, Staff
from tests.console.learning.asking import ask

FIGURES = {
    "questions": {"rows": 100, "before": 90, "after": 92},
    "tests": {"rows": 5, "before": 1, "after": 5},
    "crises": {"rows": 50, "before": 45, "after": 45, "lost": []},
    "harmless": {"rows": 40, "before": 2, "after": 3},
    "past": {"rows": 7, "changed": 1},
}
CHANGE = {
    "conversation": "c1",
    "seq": 10,
    "before": ["out_of_scope"],
    "after": ["facility_rules"],
    "answers_before": ["out_of_scope"],
    "answers_after": ["facility_rules"],
    "level_before": 0,
    "level_after": 0,
}


@pytest.fixture
async def admin(staff: Staff) -> Staff:
    return await staff.enter("administrator")


async def ready(staff: Staff, at: int = AT, **more: Any) -> str:
    def work(c: Any) -> str:
        name = candidates.ask(c, None, at)
        assert name is not None
        candidates.claim(c, at)
        candidates.trained(c, name, "a" * 64, [], at)
        found = {"crises": (), "crises_lost": 0, "figures": FIGURES, "changes": (CHANGE,), **more}
        against = models_in_use.current(c).model
        candidates.compared(c, name, Comparison(**{"against": against, **found}), at)
        return name

    return await staff.database.write(work)


async def in_use(staff: Staff) -> str | None:
    return (await staff.database.read(models_in_use.current)).model


async def test_a_candidate_is_asked_for_once(admin: Staff) -> None:
    assert (await admin.post("/models"))[0] == 200
    status, page = await admin.post("/models")
    assert status == 409
    assert "waits to be trained" in page
    (found,) = await admin.database.read(candidates.newest)
    assert (found.state, found.asked_by) == ("asked", admin.people[0].id)


async def test_what_is_shown_anew_says_whether_to_ask_again(admin: Staff) -> None:
    await admin.post("/models")
    _, page = await admin.get("/models?again=1")
    assert '<div id="models" hx-get="/models?again=1"' in page
    assert page.count("hx-trigger") == 1
    await admin.database.write(lambda c: candidates.claim(c, AT))
    (found,) = await admin.database.read(candidates.newest)
    await admin.database.write(lambda c: candidates.failed(c, found.name, "no room", AT))
    assert "hx-trigger" not in (await admin.get("/models?again=1"))[1]


async def test_the_comparison_shows_what_changes_and_masks_messages(admin: Staff) -> None:
    await ask(admin)
    name = await ready(admin)
    _, page = await admin.get(f"/models/{name}")
    for words in ("90 of 100 (90.0%)", "92 of 100 (92.0%)", "+2", "better", "worse"):
        assert words in page
    assert "MARKERWORD" in page
    assert "555-0142" not in page
    assert "Accept: answer with it" in page


async def test_stories_that_go_wrong_are_listed_unless_they_were_deleted(admin: Staff) -> None:
    def told(c: Any) -> int:
        turns = {1: Turn("what do i pay", ("cost",))}
        number = stories.save(c, "<b>pays</b>", turns, [], "ana", AT)
        assert isinstance(number, int)
        return number

    number = await admin.database.write(told)
    counts = {"rows": 3, "before": 3, "after": 1, "lost": [number, number + 1]}
    name = await ready(admin, figures={**FIGURES, "stories": counts})
    _, page = await admin.get(f"/models/{name}")
    assert "3 of 3 (100.0%)" in page
    assert f'<li><a href="/review/stories/{number}">&lt;b&gt;pays&lt;/b&gt;</a></li>' in page
    assert f"/review/stories/{number + 1}" not in page
    await admin.database.write(lambda c: stories.remove(c, number, "ana", AT))
    _, page = await admin.get(f"/models/{name}")
    assert "no longer are" not in page


async def test_accepted_and_one_click_back(admin: Staff) -> None:
    name = await ready(admin)
    status, page = await admin.post(f"/models/{name}/accept")
    assert status == 200
    assert "Back to the model of make train" in page
    assert await in_use(admin) == name
    status, _ = await admin.post("/models/back")
    assert status == 200
    assert await in_use(admin) is None
    assert (await admin.post("/models/back"))[0] == 409


async def test_a_candidate_that_loses_a_crisis_is_not_accepted_by_page_or_request(
    admin: Staff,
) -> None:
    name = await ready(admin, crises_lost=1)
    _, page = await admin.get(f"/models/{name}")
    assert f"/models/{name}/accept" not in page
    status, page = await admin.post(f"/models/{name}/accept")
    assert status == 409
    assert "It loses a crisis" in page
    assert await in_use(admin) is None


async def test_refused_is_refused(admin: Staff) -> None:
    name = await ready(admin)
    assert (await admin.post(f"/models/{name}/refuse"))[0] == 200
    assert (await admin.post(f"/models/{name}/refuse"))[0] == 409
    assert (await admin.post(f"/models/{name}/accept"))[0] == 409


@pytest.mark.parametrize("deed", ["accept", "refuse"])
async def test_what_is_not_there_is_not_found(admin: Staff, deed: str) -> None:
    assert (await admin.post(f"/models/..%2F..%2Fetc/{deed}"))[0] == 404
    assert (await admin.post(f"/models/nothing/{deed}"))[0] == 404
    assert (await admin.get("/models/nothing"))[0] == 404


async def test_a_message_that_is_gone_is_left_out(admin: Staff) -> None:
    name = await ready(admin)
    status, page = await admin.get(f"/models/{name}")
    assert status == 200
    assert "1 of 7 past messages" in page
