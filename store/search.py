"""Full-text search in masked texts: SQLite's FTS5, or PostgreSQL's tsvector."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from store.filters import Filter, conditions
from store.folding import folded
from store.masked_texts import BEGIN, END
from store.masking import masked
from store.tables.conversations import conversations
from store.tables.review import masked_texts

LOOKED_AT = 5_000
"""Texts that a page looks through, where filters leave out most of what was found."""
LONGEST = 200
"""Characters of what is searched for."""
_MOST_PHRASES, _MOST_WORDS, _WORD = 8, 12, 60
_PHRASE = re.compile(r'"([^"]*)"?|([^\s"]+)')
_BEFORE, _AROUND = 60, 240
"""Characters that are shown of a text: before what was found first, and in all."""
# PostgreSQL takes a match of words for as cheap as one of numbers, and a page of the table for four
# times as dear as it is where disks do not turn: it would go through all texts for a word that
# stands in one of fifty. For this transaction alone.
_COSTS = ("SET LOCAL random_page_cost = 1.1", "SET LOCAL cpu_operator_cost = 0.02")
_MARK = re.compile(f"([{BEGIN}{END}])")
_HIDDEN = re.compile(r"\[[a-z -]+\]")
_CONFIG: ColumnElement[Any] = literal_column("'masked_words'::regconfig")
_INDEX = table("masked_index", column("rowid"), column("text"))


@dataclass(frozen=True, slots=True)
class Query:
    """Phrases that a text must hold, all of them; words are folded, and found by their stem."""

    phrases: tuple[tuple[str, ...], ...]

    @property
    def fts5(self) -> str:
        """The query for SQLite; words are letters and digits alone, so that they need no escape."""
        return " AND ".join(f'"{" ".join(words)}"' for words in self.phrases)

    @property
    def tsquery(self) -> ColumnElement[Any]:
        """The query for PostgreSQL."""
        parts = [func.phraseto_tsquery(_CONFIG, " ".join(words)) for words in self.phrases]
        found: ColumnElement[Any] = parts[0]
        for part in parts[1:]:
            found = found.op("&&")(part)
        return found


def without_identifiers(words: str) -> tuple[str, bool]:
    """Return what is searched for without identifiers, and whether there were any.

    No identifier is in the index; and what is searched for is kept for a while.
    """
    line = " ".join(words[:LONGEST].split())
    hidden = masked(line)
    if hidden == line:
        return line, False
    return " ".join(_HIDDEN.sub(" ", hidden).split()), True


def query_of(words: str) -> Query | None:
    """Return the query of what somebody has typed, or None when there is no word in it.

    Args:
        words: Words, all of which must be there; those in quotes beside each other.
    """
    phrases = []
    for quoted, single in _PHRASE.findall(words[:LONGEST]):
        found = tuple(word[:_WORD] for word in folded(quoted or single).split()[:_MOST_WORDS])
        if found:
            phrases.append(found)
    return Query(tuple(phrases[:_MOST_PHRASES])) if phrases else None


@dataclass(frozen=True, slots=True)
class Hit:
    """A text in which something was found, in pieces."""

    id: int
    conversation_id: str
    seq: int
    sender: str
    pieces: tuple[tuple[str, bool], ...]
    """The text around what was found; each piece with whether it is what was found."""


def hits(
    connection: Connection,
    query: Query,
    wanted: Filter | None = None,
    *,
    before: int | None = None,
    size: int = 50,
) -> tuple[list[Hit], int | None, bool]:
    """Return texts in which something is found, the newest first.

    Args:
        connection: Where to read.
        query: What is searched for.
        wanted: What their conversations must have.
        before: Return texts with smaller numbers; None begins with the newest.
        size: How many at most.

    Returns:
        The hits; the number before which the next page begins, None when there is none; and
        whether the page is full or all was looked through. A word that is everywhere, together
        with a filter that few conversations fulfil, is looked for in steps.
    """
    if connection.dialect.name == "postgresql":
        for setting in _COSTS:
            connection.execute(text(setting))
    filtered = wanted is not None and bool(wanted.plain())
    most = LOOKED_AT if filtered else size + 1
    ids = list(connection.execute(_looked_at(connection, query, before).limit(most)).scalars())
    rows = connection.execute(_wanted(connection, ids, wanted).limit(size + 1)).all()
    if len(rows) > size:
        return _marked(connection, query, rows[:size]), rows[size - 1].id, True
    more = filtered and len(ids) == most
    return _marked(connection, query, rows), ids[-1] if more else None, not more


def following(
    connection: Connection, query: Query, wanted: Filter, after: str, size: int = 50
) -> str | None:
    """Return the conversation of the next text in which something is found.

    Args:
        connection: Where to read.
        query: What is searched for.
        wanted: What the conversation must have.
        after: The conversation whose texts the next is older than; another one's than any begins
            with the newest.
        size: How many texts are looked at; further ones of the same conversation are passed over.
    """
    mine = masked_texts.c.conversation_id == after
    newest = connection.execute(select(func.max(masked_texts.c.id)).where(mine)).scalar()
    rows, _, _ = hits(connection, query, wanted, before=newest, size=size)
    return next((row.conversation_id for row in rows if row.conversation_id != after), None)


def _looked_at(connection: Connection, query: Query, before: int | None) -> Select[Any]:
    """Return the query of the numbers of texts in which the words are, the newest first."""
    if connection.dialect.name == "postgresql":
        number: Any = masked_texts.c.id
        found = select(number).where(masked_texts.c.words.op("@@")(query.tsquery))
    else:
        number = _INDEX.c.rowid
        match = text("masked_index MATCH :fts5").bindparams(fts5=query.fts5)
        found = select(number).select_from(_INDEX).where(match)
    if before is not None:
        found = found.where(number < before)
    return found.order_by(number.desc())


def _wanted(connection: Connection, ids: list[int], wanted: Filter | None) -> Select[Any]:
    """Return the query of those of some texts whose conversations are wanted."""
    t = masked_texts.c
    among: ColumnElement[bool] = t.id.in_(ids)
    if connection.dialect.name == "postgresql":
        # One value, where thousands would each be a parameter of their own.
        among = t.id == any_(cast(ids, ARRAY(BigInteger)))
    query = select(t.id, t.conversation_id, t.seq, t.sender, t.text).where(among)
    if wanted is not None and wanted.plain():
        query = query.join(conversations, conversations.c.id == t.conversation_id)
        query = query.where(*conditions(wanted))
    return query.order_by(t.id.desc())


def _marked(connection: Connection, query: Query, rows: Sequence[Row[Any]]) -> list[Hit]:
    """Return what was found, with the text around it."""
    if not rows:
        return []
    on_postgresql = connection.dialect.name == "postgresql"
    marked = dict((_headlines if on_postgresql else _highlights)(connection, query, rows))
    return [
        Hit(row.id, row.conversation_id, row.seq, row.sender, pieces(row.text, marked[row.id]))
        for row in rows
    ]


def _highlights(
    connection: Connection, query: Query, rows: Sequence[Row[Any]]
) -> Iterator[tuple[int, str]]:
    wanted = text(
        "SELECT rowid, highlight(masked_index, 0, :begin, :end) FROM masked_index"
        " WHERE masked_index MATCH :fts5 AND rowid IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    ids = [row.id for row in rows]
    values = {"begin": BEGIN, "end": END, "fts5": query.fts5, "ids": ids}
    for row in connection.execute(wanted, values):
        yield row[0], row[1]


def _headlines(
    connection: Connection, query: Query, rows: Sequence[Row[Any]]
) -> Iterator[tuple[int, str]]:
    """Mark the folded texts, in which every character has the place that it has in the text."""
    ids = cast([row.id for row in rows], ARRAY(BigInteger))
    texts = cast([folded(row.text) for row in rows], ARRAY(Text))
    given = func.unnest(ids, texts).table_valued("id", "folded").render_derived()
    options = f'HighlightAll=true, StartSel="{BEGIN}", StopSel="{END}"'
    headline = func.ts_headline(_CONFIG, given.c.folded, query.tsquery, options)
    for row in connection.execute(select(given.c.id, headline)):
        yield row[0], row[1]


def pieces(shown: str, marked: str) -> tuple[tuple[str, bool], ...]:
    """Return a text around what was found in it, each piece with whether it is what was found.

    Args:
        shown: The text.
        marked: The same, or folded, with marks around what was found.
    """
    spans = list(_spans(marked))
    begin = _word_begin(shown, max(0, spans[0][0] - _BEFORE)) if spans else 0
    end = begin + _AROUND
    cut: list[tuple[str, bool]] = [("… ", False)] if begin else []
    for start, stop in spans:
        if start >= end:
            break
        cut += [(shown[begin:start], False), (shown[start : min(stop, end)], True)]
        begin = min(stop, end)
    cut.append((shown[begin:end] + (" …" if end < len(shown) else ""), False))
    return tuple(piece for piece in cut if piece[0])


def _spans(marked: str) -> Iterator[tuple[int, int]]:
    """Return from where to where something was found, in the text without the marks."""
    at = start = 0
    for piece in _MARK.split(marked):
        if piece == BEGIN:
            start = at
        elif piece == END:
            yield start, at
        else:
            at += len(piece)


def _word_begin(shown: str, at: int) -> int:
    """Return where the word after a place begins, or the place where there is none near."""
    blank = shown.find(" ", at, at + _BEFORE) if at else -1
    return blank + 1 if blank >= 0 else at
