from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from store import log
from store.languages import language_of
from store.migrate import migrate
from store.records import Entry, Message


@pytest.fixture
def c(url: str) -> Iterator[Connection]:
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_latest_message_of_the_person_tells(c: Connection) -> None:
    assert language_of(c, "nobody") == "en"
    said = (("visitor", "es"), ("bot", None), ("visitor", None), ("bot", "es"), ("visitor", "es"))
    for seq, (sender, language) in enumerate(said, 1):
        message = Message(2 * seq, sender, "text", "hola", seq, language=language)  # type: ignore[arg-type]
        log.write(c, Entry("chat", "web", seq, (message,)))
        expected = ("es", "es", "en", "en", "es")[seq - 1]
        assert language_of(c, "chat") == expected
        standing = log.standing(c, "chat")
        assert standing is not None
        assert standing.language == expected
    assert language_of(c, "another") == "en"
