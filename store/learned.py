"""What the assistant was taught by corrections, and is tested with; lives in the store alone.

A reviewer's paraphrase belongs to nobody. An example in a person's own words belongs to that
person's conversation: it waits until somebody else has approved it, and goes with the
conversation, whoever deletes that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, select, update

from store import audit, corrections, persons
from store.corrections import Corrected
from store.tables.learning import candidates, examples
from store.tables.learning import corrections as corrected_messages
from store.tables.staff import staff

Purpose = Literal["train", "test", "both"]
ENOUGH = 5
"""So many examples of an intent are kept for tests before any is learned from."""
ALONE_MILLISECONDS = 7 * 86_400_000
"""After so long the only reviewer there is may approve a person's own words."""
HARMLESS = "-"
"""`risk` of a message that alarmed without need."""
_ALIKE = 0.8
_WORD = re.compile(r"[^\W_]+")
_HIDDEN = re.compile(r"\[[^\]]{0,40}\]")
# What Rasa would read as marks of its own.
_MARKS = re.compile(r"[\[\]{}<>|`\\]|^[\s/\-*#]+")


@dataclass(frozen=True, slots=True)
class Example:
    """One message to learn from, or to be tested with."""

    id: int
    text: str
    intents: tuple[str, ...]
    risk: str | None
    """A category of risk, HARMLESS, or None."""
    purpose: Purpose | None
    """None while it waits for approval."""
    own: bool
    """Whether it is in a person's own words."""
    by: str
    at: int
    approved_by: str | None
    approved_at: int | None


def clean(text: str) -> str:
    """Return a text as it can be learned: one line, without places of hidden identifiers."""
    return " ".join(_MARKS.sub(" ", _HIDDEN.sub(" ", text).strip()).split())


def is_own(original: str, text: str) -> bool:
    """Say whether a text is still what the person wrote, rather than a paraphrase of it."""
    theirs, ours = (_WORD.findall(each.casefold()) for each in (clean(original), text))
    if not ours:
        return False
    matcher = SequenceMatcher(None, theirs, ours, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    # Of a long story a piece in their words is theirs, too.
    return matcher.ratio() >= _ALIKE or (len(ours) > 3 and kept >= _ALIKE * len(ours))


def teach(
    connection: Connection, corrected: Corrected, text: str, by: str, at: int
) -> Example | None:
    """Confirm a correction with an example.

    Args:
        connection: Where to write.
        corrected: The correction.
        text: The reviewer's words, or the person's own (which wait for approval).
        by: The reviewer.
        at: When.

    Returns:
        The example; None, and nothing done, when the correction was settled by somebody else.
    """
    correction = corrected.correction
    place = correction.conversation_id, correction.seq
    if not corrections.settle(connection, *place, at):
        return None
    own, risk = is_own(corrected.text, text), _risk(corrected)
    purpose = None if own else _purpose(connection, correction.intents, risk)
    # A person's own words are sealed under their key, as what they wrote is.
    kept = persons.seal(connection, correction.conversation_id, text) if own else text
    row = {
        "conversation_id": correction.conversation_id if own else None,
        "text": kept,
        "intents": list(correction.intents),
        "risk": risk,
        "purpose": purpose,
        "by": by,
        "at": at,
    }
    number = connection.execute(
        examples.insert().values(**row).returning(examples.c.id)
    ).scalar_one()
    detail = "own words" if own else f"paraphrase, {purpose}"
    audit.note(connection, by, "taught", f"example {number}", detail, at=at)
    return one(connection, number)


def _risk(corrected: Corrected) -> str | None:
    if corrected.correction.kind == "missed_crisis":
        return corrected.correction.category
    return HARMLESS if corrected.correction.kind == "false_alarm" else None


def _purpose(connection: Connection, intents: Sequence[str], risk: str | None) -> Purpose:
    """Return what the next example is for: tests first, until there are enough."""
    if risk not in (None, HARMLESS):
        # A crisis that was missed is learned at once, and must never be missed again.
        return "both"
    if len(intents) > 1:
        # Several questions are found by their clauses; nothing learns them as one.
        return "test"
    alike = [
        each for each in _all(connection) if (each.intents, each.risk) == (tuple(intents), risk)
    ]
    tests = sum(each.purpose == "test" for each in alike)
    return "test" if tests < ENOUGH else "train"


def approve(
    connection: Connection, number: int, by: str, at: int, roles: Collection[str]
) -> Example | None:
    """Take up an example in a person's own words.

    Args:
        connection: Where to write.
        number: Its id.
        by: Who approves: somebody else than who taught it, or after seven days the only one
            there is.
        at: When.
        roles: Roles of whoever may review.

    Returns:
        The example; None, and nothing done, where `by` may not approve it, or it is no longer
        waiting.
    """
    found = one(connection, number)
    if found is None or found.purpose is not None:
        return None
    if found.by == by and not may_alone(connection, found, at, roles):
        return None
    purpose = _purpose(connection, found.intents, found.risk)
    values = {"approved_by": by, "approved_at": at, "purpose": purpose}
    connection.execute(update(examples).where(examples.c.id == number).values(**values))
    audit.note(connection, by, "own words approved", f"example {number}", purpose, at=at)
    return one(connection, number)


def may_alone(connection: Connection, example: Example, at: int, roles: Collection[str]) -> bool:
    """Say whether nobody else could approve an example, and it has waited long enough."""
    open_ones = select(func.count()).where(
        staff.c.role.in_(sorted(roles)), staff.c.closed_at.is_(None)
    )
    only_one = connection.execute(open_ones).scalar_one() <= 1
    return only_one and at - example.at >= ALONE_MILLISECONDS


def remove(connection: Connection, number: int, by: str, at: int) -> bool:
    """Remove an example; models that were trained from it are replaced (store.candidates)."""
    gone: int = connection.execute(delete(examples).where(examples.c.id == number)).rowcount
    if gone:
        audit.note(connection, by, "example removed", f"example {number}", at=at)
    return gone > 0


def forget(connection: Connection, conversation_ids: Sequence[str]) -> list[int]:
    """Erase what is in the own words of people whose conversations are erased.

    Their corrections go, too, with what would have changed in answers to them. A model that was
    trained from such an example is replaced by the supervisor as soon as it sees that
    (store.candidates.haunted); nothing else needs to be done.

    Returns:
        The ids of the examples.
    """
    theirs = examples.c.conversation_id.in_(conversation_ids)
    ids = list(connection.execute(select(examples.c.id).where(theirs)).scalars())
    connection.execute(delete(examples).where(theirs))
    about_them = corrected_messages.c.conversation_id.in_(conversation_ids)
    connection.execute(delete(corrected_messages).where(about_them))
    _forget_changes(connection, frozenset(conversation_ids))
    return ids


def _forget_changes(connection: Connection, gone: frozenset[str]) -> None:
    rows = connection.execute(select(candidates.c.name, candidates.c.changes)).all()
    for row in rows:
        kept = [each for each in row.changes or () if each["conversation"] not in gone]
        if len(kept) < len(row.changes or ()):
            mine = candidates.c.name == row.name
            connection.execute(update(candidates).where(mine).values(changes=kept))


def one(connection: Connection, number: int) -> Example | None:
    """Return an example, or None."""
    row = connection.execute(select(examples).where(examples.c.id == number)).first()
    return _example(row) if row else None


def everything(connection: Connection, size: int = 500) -> list[Example]:
    """Return the newest examples, those that wait for approval first."""
    order = examples.c.purpose.is_not(None), examples.c.id.desc()
    rows = connection.execute(select(examples).order_by(*order).limit(size))
    return [_example(row) for row in rows]


def ids(connection: Connection) -> frozenset[int]:
    """Return the ids of all examples there are."""
    return frozenset(connection.execute(select(examples.c.id)).scalars())


def to_train(connection: Connection) -> list[Example]:
    """Return what a model is trained from, beside the files of data/."""
    return [each for each in _all(connection) if each.purpose in ("train", "both")]


def to_test(connection: Connection) -> list[Example]:
    """Return what a model is tested with, beside the files of the evaluation."""
    return [each for each in _all(connection) if each.purpose in ("test", "both")]


def crises(connection: Connection) -> list[Example]:
    """Return the confirmed crises that were missed: no model may miss one that another finds."""
    return [each for each in to_test(connection) if each.risk not in (None, HARMLESS)]


def counts(connection: Connection) -> dict[str, int]:
    """Return how many examples there are for each purpose; "waiting" ones under that name."""
    query = select(examples.c.purpose, func.count()).group_by(examples.c.purpose)
    return {row[0] or "waiting": row[1] for row in connection.execute(query)}


def _all(connection: Connection) -> list[Example]:
    rows = connection.execute(select(examples).order_by(examples.c.id))
    return [_example(row) for row in rows]


def _example(row: Row[Any]) -> Example:
    values = {name: getattr(row, name) for name in Example.__slots__ if name != "own"}
    values["intents"] = tuple(row.intents)
    return Example(**values, own=row.conversation_id is not None)
