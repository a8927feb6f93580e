from __future__ import annotations

from store import staff_posts
from store.database import Database
from tests.store.texting import C1, came


async def test_one_desk_posts_a_message_and_gives_back_what_it_could_not(
    database: Database,
) -> None:
    await database.write(came)
    assert await database.write(lambda c: staff_posts.claim(c, C1, 7, 1))
    assert not await database.write(lambda c: staff_posts.claim(c, C1, 7, 2))
    await database.write(lambda c: staff_posts.release(c, C1, 7))
    assert await database.write(lambda c: staff_posts.claim(c, C1, 7, 3))
