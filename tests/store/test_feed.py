from __future__ import annotations

from sqlalchemy import Connection, delete

from store import feed, log
from store.database import Database
from store.feed import FeedRow
from store.records import Entry, Message
from store.tables.conversations import conversations
from tests.store.people import C1, begin, fed, says


async def test_the_feed_is_read_on_from_where_one_stopped(database: Database) -> None:
    await database.write(begin)
    assert await database.read(feed.newest) == 0

    def publish(c: Connection) -> None:
        feed.publish(c, C1, "note", 10)
        feed.publish(c, C1, "message", 11, seq=7, sender="staff")

    await database.write(publish)
    rows = await database.read(lambda c: feed.after(c, 0))
    assert rows == [FeedRow(C1, "note", 10), FeedRow(C1, "message", 11, 7, "staff")]
    assert await database.read(lambda c: feed.after(c, rows[0].id)) == rows[1:]
    assert await database.read(lambda c: feed.after(c, 0, count=1)) == rows[:1]
    assert await database.read(feed.newest) == rows[1].id


async def test_every_new_message_is_told_once(database: Database) -> None:
    reply = Message(12, "bot", "answer", "It depends.", 12, reply_to=10)
    finished = Entry(C1, "web", 12, (reply,), known=True)

    def turn(c: Connection) -> None:
        begin(c)
        says(c, 10, 10)
        for _ in range(2):
            log.write(c, finished)

    await database.write(turn)
    expected = [("message", 10, "visitor"), ("message", 12, "bot")]
    assert await database.read(fed) == expected


async def test_a_number_is_never_given_again(database: Database) -> None:
    await database.write(begin)
    await database.write(lambda c: feed.publish(c, C1, "note", 10))
    before = await database.read(feed.newest)
    await database.write(lambda c: c.execute(delete(conversations)))
    await database.write(begin)
    await database.write(lambda c: feed.publish(c, C1, "note", 20))
    assert await database.read(feed.newest) > before


async def test_changes_of_owner_are_found_again_after_a_restart(database: Database) -> None:
    def publish(c: Connection) -> None:
        begin(c)
        for at in (10, 20, 30):
            feed.publish(c, C1, "owner", at)
            feed.publish(c, C1, "message", at, seq=at)

    await database.write(publish)
    rows = await database.read(lambda c: feed.owner_changes(c, 20))
    assert [row.at for row in rows] == [20, 30]
    assert await database.read(lambda c: feed.owner_changes(c, 20, rows[0].id)) == rows[1:]


async def test_whether_the_persons_page_is_open(database: Database) -> None:
    await database.write(begin)
    assert await database.read(lambda c: feed.present(c, C1)) is None
    await database.write(lambda c: feed.publish(c, C1, "here", 10, sender="visitor"))
    assert await database.read(lambda c: feed.present(c, C1)) == 10
    await database.write(lambda c: feed.publish(c, C1, "gone", 20, sender="visitor"))
    assert await database.read(lambda c: feed.present(c, C1)) is None


async def test_old_rows_are_forgotten(database: Database) -> None:
    await database.write(begin)
    for at in (10, 20):
        await database.write(lambda c, at=at: feed.publish(c, C1, "note", at))  # type: ignore[misc]
    assert await database.write(lambda c: feed.forget(c, 20)) == 1
    assert [row.at for row in await database.read(lambda c: feed.after(c, 0))] == [20]
