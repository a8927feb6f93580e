"""Tags, flags, the mark "reviewed", named views, what was searched for."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from store import audit, feed, flags, review, reviewed, tags, views
from store.database import Database
from store.tables.review import searches
from store.tables.review import tags as tag_names
from store.tables.staff import staff
from tests.store.talks import DAY, MARIA, somebody, talk

SAM = "sam-id"


@pytest.fixture
async def talks(database: Database) -> Database:
    def fill(c: Connection) -> None:
        somebody(c)
        row = {"id": SAM, "name": "Sam", "email": "s@example.org", "role": "agent"}
        c.execute(staff.insert().values(**row, password="x", created_at=1))
        talk(c, "c1", DAY, "one", "two")
        talk(c, "c2", 2 * DAY)

    await database.write(fill)
    return database


def deeds(c: Connection) -> list[str]:
    return [row["action"] for row in reversed(audit.newest(c))]


async def test_tags_come_and_go_and_are_noted(talks: Database) -> None:
    def work(c: Connection) -> None:
        assert tags.add(c, "c1", tags.WHOLE, "Billing", by=MARIA, at=1)
        assert tags.add(c, "c1", DAY, "billing", by=MARIA, at=2)
        assert tags.add(c, "c1", DAY, "billing", by=MARIA, at=3)
        assert [(tag.name, tag.seq) for tag in tags.of(c, "c1")] == [
            ("billing", 0),
            ("billing", DAY),
        ]
        assert tags.names_of(c, ["c1", "c2"]) == {"c1": ["billing"]}
        (number,) = tags.everything(c)
        assert tags.remove(c, "c1", 0, number, by=MARIA, at=4)
        assert not tags.remove(c, "c1", 0, number, by=MARIA, at=5)
        assert tags.everything(c) == {number: "billing"}
        assert tags.remove(c, "c1", DAY, number, by=MARIA, at=6)
        assert list(c.execute(select(tag_names))) == []
        assert deeds(c) == ["tagged", "tagged", "untagged", "untagged"]
        kinds = [(row.kind, row.seq) for row in feed.after(c, 0) if row.kind == "review"]
        assert kinds == [("review", None), ("review", DAY)] * 2

    await talks.write(work)


@pytest.mark.parametrize(("conversation", "seq"), [("none", 0), ("none", DAY), ("c1", 7)])
async def test_nothing_is_put_on_what_is_not_there(
    talks: Database, conversation: str, seq: int
) -> None:
    def work(c: Connection) -> None:
        assert not tags.add(c, conversation, seq, "x", by=MARIA, at=1)
        assert not flags.put_up(c, conversation, seq, by=MARIA, at=1)
        assert tags.everything(c) == {}
        assert deeds(c) == []

    await talks.write(work)


async def test_flags_come_and_go_and_stand_in_the_transcript(talks: Database) -> None:
    def work(c: Connection) -> None:
        assert flags.put_up(c, "c1", DAY, by=MARIA, at=1)
        assert flags.put_up(c, "c1", DAY, by=SAM, at=2)
        assert flags.of(c, "c1") == {DAY: MARIA}
        tags.add(c, "c1", DAY + 2, "x", by=MARIA, at=1)
        shown = review.marked(c, "c1", review.transcript(c, "c1"))
        assert [(row["flagged"], len(row["tags"])) for row in shown] == [(True, 0), (False, 1)]
        assert flags.flagged(c, ["c1", "c2"]) == {"c1"}
        assert flags.take_down(c, "c1", DAY, by=SAM, at=3)
        assert not flags.take_down(c, "c1", DAY, by=SAM, at=3)
        assert flags.flagged(c, ["c1"]) == frozenset()
        assert deeds(c) == ["flagged", "tagged", "unflagged"]

    await talks.write(work)


@pytest.mark.parametrize(("seen", "done"), [(2 * DAY, True), (9 * DAY, True), (2 * DAY - 1, False)])
async def test_only_what_was_seen_is_reviewed(talks: Database, seen: int, done: bool) -> None:
    def work(c: Connection) -> None:
        assert reviewed.mark(c, "c2", seen, by=MARIA, at=5 * DAY)
        found = reviewed.of(c, "c2")
        assert found
        assert (found.done, found.by, found.at) == (done, MARIA, 5 * DAY)
        talk(c, "c2", 3 * DAY)
        assert (reviewed.of(c, "c2") or found).done is False

    await talks.write(work)


async def test_a_review_is_taken_back(talks: Database) -> None:
    def work(c: Connection) -> None:
        reviewed.mark(c, "c1", DAY, by=MARIA, at=5)
        assert reviewed.unmark(c, "c1", by=SAM, at=6)
        assert reviewed.of(c, "c1") == reviewed.Reviewed(DAY)
        assert not reviewed.mark(c, "none", DAY, by=MARIA, at=5)
        assert reviewed.of(c, "none") is None
        assert deeds(c) == ["reviewed", "review taken back"]

    await talks.write(work)


async def test_views_are_ones_own_unless_shared(talks: Database) -> None:
    def work(c: Connection) -> None:
        own = views.keep(c, MARIA, "mine", {"channel": "sms"}, "cost", shared=False, at=1)
        shared = views.keep(c, MARIA, "ours", {"tier": "any"}, "", shared=True, at=1)
        assert own
        assert shared
        assert [view.name for view in views.of(c, MARIA)] == ["mine", "ours"]
        assert [view.name for view in views.of(c, SAM)] == ["ours"]
        found = views.one(c, MARIA, own)
        assert found
        assert (found.filters, found.words) == ({"channel": "sms"}, "cost")
        assert views.one(c, SAM, own) is None
        assert not views.remove(c, SAM, own, others=True, at=2)
        assert not views.remove(c, SAM, shared, others=False, at=2)
        assert views.remove(c, SAM, shared, others=True, at=2)
        again = views.keep(c, MARIA, "mine", {"channel": "web"}, "", shared=False, at=3)
        assert [(view.id, view.filters) for view in views.of(c, MARIA)] == [
            (again, {"channel": "web"})
        ]

    await talks.write(work)


async def test_nobody_keeps_views_without_end(talks: Database) -> None:
    def work(c: Connection) -> None:
        for number in range(views.MOST):
            assert views.keep(c, MARIA, f"v{number}", {}, "", shared=False, at=1)
        assert views.keep(c, MARIA, "one more", {}, "", shared=False, at=1) is None
        assert views.keep(c, MARIA, "v3", {"channel": "sms"}, "", shared=False, at=1)

    await talks.write(work)


async def test_what_was_searched_for_is_ones_own_and_forgotten_after_a_day(talks: Database) -> None:
    def work(c: Connection) -> None:
        views.remember(c, MARIA, "key-1", "cost", DAY)
        assert views.words_of(c, MARIA, "key-1") == "cost"
        assert views.words_of(c, SAM, "key-1") is None
        views.remember(c, SAM, "key-2", "hours", 2 * DAY + 1)
        assert list(c.execute(select(searches.c.id)).scalars()) == ["key-2"]
        assert deeds(c) == ["searched", "searched"]
        assert "cost" not in str(audit.newest(c))

    await talks.write(work)
