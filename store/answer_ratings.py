"""Whether a single answer helped, as the person says below it; the last word holds."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from store import feed
from store.tables.conversations import answer_ratings


def rate(connection: Connection, conversation_id: str, seq: int, score: int, at: int) -> None:
    """Keep what a person says of an answer, in the place of what they said before.

    Args:
        connection: Where to write.
        conversation_id: Whose answer it is.
        seq: The answer's number; the caller has looked that it is there.
        score: ratings.HELPED or ratings.NOT_HELPED.
        at: When, in milliseconds.
    """
    c = answer_ratings.c
    mine = (c.conversation_id == conversation_id) & (c.seq == seq)
    before = connection.execute(select(c.score).where(mine)).scalar()
    if before == score:
        return
    key = {"conversation_id": conversation_id, "seq": seq}
    anew = insert(answer_ratings).values(**key)
    change = anew if before is None else update(answer_ratings).where(mine)
    connection.execute(change.values(score=score, at=at))
    feed.publish(connection, conversation_id, "helped", at, seq=seq)


def of(connection: Connection, conversation_id: str) -> dict[int, bool]:
    """Return which answers of a conversation helped and which did not, by their numbers."""
    c = answer_ratings.c
    query = select(c.seq, c.score).where(c.conversation_id == conversation_id)
    return {row.seq: bool(row.score) for row in connection.execute(query)}
