"""Conversations kept as stories: tests of several turns, in the reviewers' own words alone.

A story belongs to nobody. It holds no text that a person wrote and nothing of where it came from,
neither in its rows nor in the audit; so it stays when the person is erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, delete, select

from store import audit
from store.learned import clean, is_own
from store.masking import masked
from store.tables.conversations import messages, readings
from store.tables.learning import corrections, stories, story_turns

LINES = 20
"""Messages of a person that a story can be made of, the first ones."""
MOST = 200
"""So many stories are kept at most: each is put to every candidate model."""
Refusal = Literal["name", "full"]
"""Why a story is not kept: there is one of that name, or there are as many as may be."""
_FEW = 3


class OwnWordsError(ValueError):
    """A story would hold what a person wrote."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a person, and what would be right to understand."""

    seq: int
    text: str
    intents: tuple[str, ...]
    """As it was corrected, else as it was understood."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a story."""

    text: str
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A story."""

    id: int
    name: str
    turns: tuple[Turn, ...]
    by: str
    at: int


def heard(connection: Connection, conversation_id: str) -> list[Heard]:
    """Return what a person wrote first; not the buttons that they chose, whose words are ours."""
    query = (
        select(
            messages.c.seq,
            messages.c.text,
            readings.c.intent,
            readings.c.intents,
            corrections.c.intents.label("corrected"),
        )
        .join(readings, _same(readings), isouter=True)
        .join(corrections, _same(corrections), isouter=True)
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.sender == "visitor", messages.c.button.is_(None))
    )
    rows = connection.execute(query.order_by(messages.c.seq).limit(LINES))
    return [Heard(row.seq, row.text, _right(row)) for row in rows]


def _same(table: Any) -> Any:
    return and_(
        table.c.conversation_id == messages.c.conversation_id, table.c.seq == messages.c.seq
    )


def _right(row: Any) -> tuple[str, ...]:
    # A false alarm, and what was right, were understood as the reading says.
    understood = row.intents or ([row.intent] if row.intent else [])
    return tuple(row.corrected or understood)


def is_theirs(of: Sequence[Heard], text: str, seq: int | None = None) -> bool:
    """Say whether a text is (nearly) what the person wrote.

    Args:
        of: What they wrote.
        text: A line or a name.
        seq: The message that the line stands for. Of a few words it alone counts: "yes" said for
            another one is nobody's own.
    """
    few = len(text.split()) <= _FEW
    return any(_is_of(each.text, text) for each in of if each.seq == seq or not few)


def _is_of(original: str, text: str) -> bool:
    # Without identifiers it is still theirs, as the form offers it.
    offered = clean(masked(original))
    same = text.casefold() == offered.casefold()
    return same or is_own(original, text) or is_own(offered, text)


def save(
    connection: Connection,
    name: str,
    turns: Mapping[int, Turn],
    of: Sequence[Heard],
    by: str,
    at: int,
) -> int | Refusal:
    """Keep a story.

    Args:
        connection: Where to write.
        name: Its name, in the reviewer's words.
        turns: Its lines by the number of the message that each stands for, in their order.
        of: What the person wrote.
        by: The reviewer.
        at: When.

    Returns:
        Its id; or why it was not kept.

    Raises:
        OwnWordsError: The name or a line is (nearly) what the person wrote.
    """
    lines = [(seq, turn.text) for seq, turn in turns.items()]
    if any(is_theirs(of, text, seq) for seq, text in [(None, name), *lines]):
        # Without the words.
        raise OwnWordsError
    names = set(connection.execute(select(stories.c.name)).scalars())
    if name in names or len(names) >= MOST:
        return "name" if name in names else "full"
    made = stories.insert().values(name=name, by=by, at=at).returning(stories.c.id)
    number: int = connection.execute(made).scalar_one()
    rows = [
        {"story_id": number, "number": place, "text": turn.text, "intents": list(turn.intents)}
        for place, turn in enumerate(turns.values(), 1)
    ]
    connection.execute(story_turns.insert(), rows)
    audit.note(connection, by, "story saved", f"story {number}", f"{len(rows)} turns", at=at)
    return number


def remove(connection: Connection, number: int, by: str, at: int) -> bool:
    """Delete a story; False when it is gone already."""
    gone: int = connection.execute(delete(stories).where(stories.c.id == number)).rowcount
    if gone:
        audit.note(connection, by, "story deleted", f"story {number}", at=at)
    return gone > 0


def one(connection: Connection, number: int) -> Story | None:
    """Return a story, or None."""
    found = _stories(connection, stories.c.id == number)
    return found[0] if found else None


def everything(connection: Connection) -> list[Story]:
    """Return all stories, the oldest first."""
    return _stories(connection)


def names(connection: Connection) -> dict[int, str]:
    """Return the names of all stories by their ids."""
    return {row.id: row.name for row in connection.execute(select(stories.c.id, stories.c.name))}


def _stories(connection: Connection, *wanted: Any) -> list[Story]:
    order = stories.c.id, story_turns.c.number
    query = select(stories, story_turns.c.text, story_turns.c.intents)
    query = query.join(story_turns, story_turns.c.story_id == stories.c.id)
    rows: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query.where(*wanted).order_by(*order)):
        rows.setdefault(row.id, []).append(row)
    return [_story(each) for each in rows.values()]


def _story(rows: Sequence[Row[Any]]) -> Story:
    first = rows[0]
    turns = tuple(Turn(row.text, tuple(row.intents)) for row in rows)
    return Story(first.id, first.name, turns, first.by, first.at)
