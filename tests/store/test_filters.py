from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine

from store import log, review, tags
from store.database import DRIVER, Database
from store.filters import Filter
from store.migrate import migrate
from store.records import Entry
from tests.store.conftest import KINDS
from tests.store.talks import ALL, DAY, MARIA, fill, said


@pytest.fixture
async def filled(database: Database) -> Database:
    await database.write(fill)
    return database


@pytest.fixture(scope="module", params=KINDS)
def kept(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A filled database that no test writes to."""
    url = f"sqlite:///{tmp_path_factory.mktemp('kept') / 'log.db'}"
    if request.param != "sqlite":
        url = request.getfixturevalue("postgres").new_database()
    migrate(url)
    engine = create_engine(url.replace("postgresql:", f"{DRIVER}:"))
    with engine.begin() as connection:
        fill(connection)
    engine.dispose()
    opened = Database(url)
    yield opened
    opened.close()


async def found(database: Database, **wanted: Any) -> list[str]:
    lines = await database.read(lambda c: review.page(c, Filter(**wanted)))
    return [line.id for line in lines]


def but(*names: str) -> list[str]:
    return [name for name in ALL if name not in names]


async def test_without_a_filter_all_are_listed_newest_first_and_no_drill(kept: Database) -> None:
    assert await found(kept) == ALL


ALONE: list[tuple[dict[str, Any], list[str]]] = [
    ({"since": 17 * DAY}, ["hidden", "model"]),
    ({"until": 3 * DAY}, ["sms", "plain"]),
    ({"channel": "sms"}, ["sms"]),
    ({"owner": "queue"}, ["queue"]),
    ({"owner": "human"}, ["human"]),
    ({"owner": "bot"}, but("queue", "human")),
    ({"owner": MARIA}, ["human"]),
    ({"owner": "nobody"}, []),
    ({"intent": "out_of_scope"}, ["fallback"]),
    ({"intent": "cos"}, []),
    ({"sure_to": 0.2}, ["unsure"]),
    ({"sure_from": 0.9}, but("unsure", "fallback")),
    ({"sure_from": 0.5, "sure_to": 0.7}, ["fallback"]),
    ({"fallback": True}, ["fallback"]),
    ({"fallback": False}, but("fallback")),
    ({"safe": True}, ["safe"]),
    ({"safe": False}, but("safe")),
    ({"tier": "any"}, ["unscreened", "crisis"]),
    ({"tier": "none"}, but("unscreened", "crisis")),
    ({"tier": "T1"}, ["crisis"]),
    ({"tier": "T0"}, []),
    ({"tier": "unscreened"}, ["unscreened"]),
    ({"category": "S2"}, ["crisis"]),
    ({"category": "S"}, []),
    ({"handoff": True}, ["rated", "human", "queue"]),
    ({"handoff": False}, but("rated", "human", "queue")),
    ({"callback": True}, ["callback"]),
    ({"callback": False}, but("callback")),
    ({"rating": "any"}, ["rated"]),
    ({"rating": "none"}, but("rated")),
    ({"rating": "not"}, ["rated"]),
    ({"rating": "helped"}, []),
    ({"reviewed": True}, ["reviewed"]),
    ({"reviewed": False}, but("reviewed")),
    ({"flagged": True}, ["flagged"]),
    ({"flagged": False}, but("flagged")),
    ({"tag": 1}, ["tagged"]),
    ({"tag": 999}, []),
    ({"language": "es"}, ["spanish"]),
    ({"language": "en"}, but("spanish")),
    ({"length_from": 2}, ["long"]),
    ({"length_to": 1}, but("long")),
    ({"model": "m-2"}, ["model"]),
    ({"model": "m-1"}, but("model")),
    ({"hidden": True}, ["hidden"]),
    ({"hidden": False}, but("hidden")),
]
TOGETHER: list[tuple[dict[str, Any], list[str]]] = [
    ({"handoff": True, "rating": "none"}, ["human", "queue"]),
    ({"tier": "any", "category": "S2", "intent": "cost"}, ["crisis"]),
    ({"tier": "unscreened", "category": "S2"}, []),
    ({"owner": "bot", "since": 11 * DAY, "until": 14 * DAY}, ["flagged", "reviewed", "rated"]),
    ({"reviewed": False, "flagged": True, "channel": "web", "language": "en"}, ["flagged"]),
    ({"tag": 1, "handoff": False, "callback": False, "model": "m-1"}, ["tagged"]),
    ({"length_from": 7, "length_to": 7, "sure_from": 0.9, "fallback": False}, ["long"]),
    ({"hidden": True, "safe": True}, []),
]


@pytest.mark.parametrize(("wanted", "names"), ALONE + TOGETHER)
async def test_a_filter_finds_what_has_it_and_nothing_else(
    kept: Database, wanted: dict[str, Any], names: list[str]
) -> None:
    assert await found(kept, **wanted) == names


def test_every_field_is_tried() -> None:
    assert {name for wanted, _ in ALONE for name in wanted} == set(Filter.__slots__)


async def test_what_came_after_the_review_waits_for_review_again(filled: Database) -> None:
    later = Entry("reviewed", "web", 20 * DAY, (said(20 * DAY, "one more", 20 * DAY),), known=True)
    await filled.write(lambda c: log.write(c, later))
    assert await found(filled, reviewed=True) == []
    assert (await found(filled, reviewed=False))[0] == "reviewed"


async def test_pages_with_a_filter_miss_none_and_repeat_none(kept: Database) -> None:
    wanted, names, before = Filter(owner="bot"), list[str](), None
    while True:
        lines = await kept.read(
            lambda c, before=before: review.page(c, wanted, before=before, size=3)
        )
        if not lines:
            break
        names += [line.id for line in lines]
        before = lines[-1].last_at, lines[-1].id
    assert names == but("queue", "human")


async def test_the_next_one_of_a_list_is_found_from_a_place(kept: Database) -> None:
    wanted = Filter(reviewed=False)

    async def after(place: review.Place | None) -> str | None:
        return await kept.read(lambda c: review.following(c, wanted, place))

    assert await after(None) == "hidden"
    place = await kept.read(lambda c: review.place_of(c, "flagged"))
    assert await after(place) == "rated"
    assert await after(await kept.read(lambda c: review.place_of(c, "plain"))) is None


async def test_a_line_says_what_the_conversation_has(kept: Database) -> None:
    lines = {line.id: line for line in await kept.read(review.page)}
    assert lines["tagged"].tags == ("billing",)
    assert lines["flagged"].flagged
    assert lines["reviewed"].reviewed
    assert lines["crisis"].tiers == ("T1",)
    assert (lines["human"].owner, lines["human"].agent) == ("human", MARIA)
    assert lines["long"].messages == 7


@pytest.mark.parametrize("name", ["a|b", "%", "_", "'", '"', "\\"])
async def test_a_value_of_a_set_is_no_pattern(kept: Database, name: str) -> None:
    assert await found(kept, intent=name) == []
    assert await found(kept, model=name) == []


async def test_a_tag_on_a_message_counts_for_its_conversation(filled: Database) -> None:
    await filled.write(lambda c: tags.add(c, "plain", DAY, "billing", by=MARIA, at=DAY))
    assert await found(filled, tag=1) == ["tagged", "plain"]


def test_a_kept_filter_survives_what_is_not_known_any_more() -> None:
    wanted = Filter(channel="web", fallback=False)
    assert Filter.of({**wanted.plain(), "gone": 1}) == wanted
    assert Filter.of(None) == Filter()
