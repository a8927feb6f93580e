"""What people and staff have written, without identifiers: the only texts that are searched.

Kept in the transaction of the messages themselves. The texts of the catalogue are left out: each
stands in the log thousands of times, and its id says more than its words.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, func, null, text
from sqlalchemy.dialects import postgresql, sqlite

from store.folding import folded
from store.masking import masked
from store.records import Message, is_drill
from store.tables.review import masked_texts

logger = logging.getLogger(__name__)

BEGIN, END = "\x02", "\x03"
"""What the databases put around what they found; no masked text holds them."""
LONGEST = 10_000
"""Characters of a message that are searched: the log's writer must not wait for more."""
SPEAKERS = frozenset({"visitor", "staff"})
_UNSURE = 200
"""Characters before a cut that are left out, since an identifier may have been cut in two."""
_NO_MARKERS = {ord(BEGIN): " ", ord(END): " "}
_COLUMNS = ("conversation_id", "seq", "sender", "hidden", "text")


def prepared(written: str) -> tuple[str, bool]:
    """Return a message's text as it is searched, and whether an identifier was hidden.

    A message is logged even where masking fails: then nothing of it is searched.
    """
    plain = unicodedata.normalize("NFC", written[:LONGEST].translate(_NO_MARKERS))
    try:
        shown = masked(plain)
    except Exception as problem:
        # Only the class: the rest may hold a person's words.
        logger.error("A message could not be masked: %s.", type(problem).__name__)
        return "", True
    cut = len(written) > LONGEST
    return shown[:-_UNSURE] if cut else shown, shown != plain


def row_of(conversation_id: str, seq: int, sender: str, written: str) -> dict[str, Any]:
    """Return what is kept of a message, as `keep` and the migration write it."""
    shown, hidden = prepared(written)
    key = {"conversation_id": conversation_id, "seq": seq, "sender": sender}
    return {**key, "hidden": int(hidden), "text": shown, "folded": folded(shown)}


@lru_cache(maxsize=2)
def _insert(dialect: str) -> Insert:
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values: dict[str, Any] = {name: bindparam(name) for name in _COLUMNS}
    values["words"] = words_of(dialect)
    return make(masked_texts).values(values).on_conflict_do_nothing()


def words_of(dialect: str) -> Any:
    """Return the value of the column of words: PostgreSQL's index, of the text `folded`."""
    if dialect != "postgresql":
        return null()
    return func.to_tsvector(text("'masked_words'"), bindparam("folded"))


def keep(
    connection: Connection, conversation_id: str, said: Iterable[Message]
) -> Mapping[int, bool]:
    """Keep what is searched of messages; of drills, nothing.

    Returns:
        By number, whether an identifier was hidden in a message of those that are searched.
    """
    rows = [
        row_of(conversation_id, each.seq, each.sender, each.text)
        for each in said
        if each.sender in SPEAKERS and not is_drill(conversation_id)
    ]
    if rows:
        connection.execute(_insert(connection.dialect.name), rows)
    return {row["seq"]: bool(row["hidden"]) for row in rows}
