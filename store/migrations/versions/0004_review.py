"""Review: masked texts and their index, what the list filters by, tags, flags, named views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from store.masked_texts import row_of
from store.records import is_drill

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_AT_ONCE = 1000
"""Conversations that are gone through at once."""
_SETS = ("languages", "intents", "models", "tiers", "categories")
_COUNTS = ("heard", "hidden", "fallbacks", "safe", "handed", "called")
_SUMS = (*_SETS, *_COUNTS, "least_sure", "score")
_COLUMNS = (*_SUMS, "reviewed_at", "reviewed_by", "reviewed_to")
_TABLES = ("searches", "views", "flags", "tagged", "tags", "facets", "masked_texts")
_LISTED = (
    "last_at id drill channel heard hidden fallbacks safe least_sure languages intents models "
    "tiers categories handed called score reviewed_to"
).split()
_CONVERSATION_INDEXES = ("list", "risk")
# The index holds no text: it reads that of the table. Its own rows follow the table's.
_FTS5 = (
    "CREATE VIRTUAL TABLE masked_index USING fts5(text, content='masked_texts',"
    " content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')",
    "CREATE TRIGGER masked_texts_in AFTER INSERT ON masked_texts BEGIN"
    " INSERT INTO masked_index(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER masked_texts_out AFTER DELETE ON masked_texts BEGIN"
    " INSERT INTO masked_index(masked_index, rowid, text)"
    " VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER masked_texts_anew AFTER UPDATE OF text ON masked_texts BEGIN"
    " INSERT INTO masked_index(masked_index, rowid, text) VALUES ('delete', old.id, old.text);"
    " INSERT INTO masked_index(rowid, text) VALUES (new.id, new.text); END",
)
# English stems, but no stop words: "not" matters here.
_TSVECTOR = (
    "CREATE TEXT SEARCH DICTIONARY masked_stem (TEMPLATE = snowball, Language = english)",
    "CREATE TEXT SEARCH CONFIGURATION masked_words (COPY = pg_catalog.simple)",
    "ALTER TEXT SEARCH CONFIGURATION masked_words"
    " ALTER MAPPING FOR asciiword, word, numword WITH masked_stem",
)


def upgrade() -> None:
    """Apply. What was written before is masked, indexed and summed up, too."""
    _summaries()
    _masked_texts()
    for statement in _FTS5 if _is_sqlite() else _TSVECTOR:
        op.execute(statement)
    _tags_and_flags()
    _views()
    _fill(op.get_bind())


def downgrade() -> None:
    """Undo."""
    if _is_sqlite():
        op.execute("DROP TABLE masked_index")
    for name in _TABLES:
        op.drop_table(name)
    if not _is_sqlite():
        op.execute("DROP TEXT SEARCH CONFIGURATION masked_words")
        op.execute("DROP TEXT SEARCH DICTIONARY masked_stem")
    for name in _CONVERSATION_INDEXES:
        op.drop_index(f"ix_conversations_{name}", "conversations")
    for name in _COLUMNS:
        op.drop_column("conversations", name)


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _summaries() -> None:
    for name in _COUNTS:
        op.add_column("conversations", sa.Column(name, sa.Integer, **_always("0")))
    for name in _SETS:
        op.add_column("conversations", sa.Column(name, sa.Text, **_always("|")))
    op.add_column("conversations", sa.Column("least_sure", sa.Float))
    op.add_column("conversations", sa.Column("score", sa.Integer))
    op.add_column("conversations", sa.Column("reviewed_at", sa.BigInteger))
    op.add_column("conversations", sa.Column("reviewed_by", sa.String(32)))
    op.add_column("conversations", sa.Column("reviewed_to", sa.BigInteger))
    risk = sa.text("tiers <> '|'")
    op.create_index(
        "ix_conversations_risk",
        "conversations",
        ["last_at", "id"],
        sqlite_where=risk,
        postgresql_where=risk,
    )
    # Of use to SQLite alone: see store.models.
    op.create_index(
        "ix_conversations_list", "conversations", _LISTED, postgresql_where=sa.text("false")
    )


def _always(value: str) -> dict[str, Any]:
    return {"nullable": False, "server_default": value}


def _conversation(*, primary: bool) -> sa.Column[Any]:
    parent = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", sa.String(64), parent, primary_key=primary, nullable=False)


def _masked_texts() -> None:
    op.create_table(
        "masked_texts",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(primary=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("sender", sa.String(8), nullable=False),
        sa.Column("hidden", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql")),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_masked_texts"),
    )
    op.create_index(
        "ix_masked_texts_words",
        "masked_texts",
        ["words"],
        postgresql_using="gin",
        sqlite_where=sa.text("words IS NOT NULL"),
    )


def _tags_and_flags() -> None:
    op.create_table(
        "facets",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
    )
    op.create_table(
        "tags",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, unique=True),
    )
    op.create_table(
        "tagged",
        _conversation(primary=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column(
            "tag_id",
            sa.BigInteger,
            sa.ForeignKey("tags.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_tagged_tag", "tagged", ["tag_id", "conversation_id"])
    op.create_table(
        "flags",
        _conversation(primary=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _of_staff() -> sa.Column[Any]:
    parent = sa.ForeignKey("staff.id", ondelete="CASCADE")
    return sa.Column("staff_id", sa.String(32), parent, nullable=False)


def _views() -> None:
    op.create_table(
        "views",
        sa.Column("id", _GROWING, primary_key=True),
        _of_staff(),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("shared", sa.Integer, nullable=False),
        sa.Column("filters", sa.JSON, nullable=False),
        sa.Column("words", sa.Text, **_always("")),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_views_staff", "views", ["staff_id"])
    op.create_table(
        "searches",
        sa.Column("id", sa.String(32), primary_key=True),
        _of_staff(),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


_TYPES: dict[str, Any] = {"ranking": sa.JSON, "intents": sa.JSON}


def _table(name: str, columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(each, _TYPES.get(each)) for each in columns.split()))


_messages = _table("messages", "conversation_id seq sender text at language")
_readings = _table("readings", "conversation_id outcome intent confidence intents model "
                   "risk_tier risk_category")  # fmt: skip
_alerts = _table("alerts", "conversation_id kind tier category")
_moves = _table("transitions", "conversation_id from_owner to_owner")
_calls = _table("callbacks", "conversation_id")
_ratings = _table("ratings", "conversation_id at score")
_facets = _table("facets", "kind name")
_sums = sa.table("conversations", sa.column("id"), *map(sa.column, _SUMS))
_texts = _table("masked_texts", "conversation_id seq sender hidden text words")


def _fill(connection: sa.Connection) -> None:
    ids = sa.table("conversations", sa.column("id"), sa.column("created_at"))
    # Texts are numbered in their order as far as conversations began in it.
    every = connection.execute(sa.select(ids.c.id).order_by(ids.c.created_at, ids.c.id))
    found = list(every.scalars())
    for start in range(0, len(found), _AT_ONCE):
        _fill_some(connection, found[start : start + _AT_ONCE])


def _fill_some(connection: sa.Connection, ids: list[str]) -> None:
    sums = {each: _nothing() for each in ids}
    texts = list(_masked(connection, ids, sums))
    if texts:
        words = sa.null() if _is_sqlite() else _WORDS_OF
        insert = _texts.insert().values({**{n: sa.bindparam(n) for n in _TEXT}, "words": words})
        connection.execute(insert, texts)
    for row in connection.execute(_of(_readings, ids)):
        _read(sums[row.conversation_id], row)
    for row in connection.execute(_of(_alerts, ids)):
        _alert(sums[row.conversation_id], row)
    for row in connection.execute(_of(_moves, ids)):
        sums[row.conversation_id]["handed"] |= row.from_owner == "bot" != row.to_owner
    for row in connection.execute(_of(_calls, ids)):
        sums[row.conversation_id]["called"] = 1
    for row in connection.execute(_of(_ratings, ids).order_by(_ratings.c.at)):
        sums[row.conversation_id]["score"] = row.score
    change = _sums.update().where(_sums.c.id == sa.bindparam("which"))
    rows = [{"which": each, **_written(summed)} for each, summed in sums.items()]
    connection.execute(change.values({name: sa.bindparam(name) for name in _SUMS}), rows)
    _fill_facets(connection, sums.values())


def _fill_facets(connection: sa.Connection, sums: Iterable[dict[str, Any]]) -> None:
    kinds = ("languages", "intents", "models")
    found = {(kind, name) for summed in sums for kind in kinds for name in summed[kind]}
    found -= {tuple(row) for row in connection.execute(sa.select(_facets))}
    rows = [{"kind": kind, "name": name} for kind, name in sorted(found)]
    if rows:
        connection.execute(_facets.insert(), rows)


_TEXT = ("conversation_id", "seq", "sender", "hidden", "text")
_WORDS_OF = sa.func.to_tsvector(sa.text("'masked_words'"), sa.bindparam("folded"))


def _of(table: sa.TableClause, ids: list[str]) -> sa.Select[Any]:
    return sa.select(table).where(table.c.conversation_id.in_(ids))


def _nothing() -> dict[str, Any]:
    sets: dict[str, Any] = {name: set() for name in _SETS}
    return {**sets, **dict.fromkeys(_COUNTS, 0), "least_sure": None, "score": None}


def _masked(
    connection: sa.Connection, ids: list[str], sums: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    rows = connection.execute(_of(_messages, ids).order_by(_messages.c.conversation_id))
    ordered = {id_: list(said) for id_, said in groupby(rows, lambda row: row.conversation_id)}
    for row in (each for id_ in ids for each in sorted(ordered.get(id_, ()), key=_seq)):
        if row.sender not in ("visitor", "staff"):
            continue
        text = row_of(row.conversation_id, row.seq, row.sender, row.text)
        if row.sender == "visitor":
            summed = sums[row.conversation_id]
            summed["heard"] += 1
            summed["hidden"] += text["hidden"]
            summed["languages"].add(row.language or "en")
        if not is_drill(row.conversation_id):
            yield text


def _seq(row: Any) -> int:
    seq: int = row.seq
    return seq


def _read(summed: dict[str, Any], row: Any) -> None:
    summed["intents"].update(row.intents or (), [row.intent] if row.intent else ())
    if row.confidence is not None:
        least = summed["least_sure"]
        summed["least_sure"] = row.confidence if least is None else min(least, row.confidence)
    summed["fallbacks"] += row.intent == "out_of_scope"
    summed["safe"] += row.outcome == "safe"
    summed["models"].update([row.model] if row.model else ())
    _risk(summed, row.risk_tier, row.risk_category)


def _alert(summed: dict[str, Any], row: Any) -> None:
    if row.kind in ("crisis", "unscreened"):
        _risk(summed, "unscreened" if row.kind == "unscreened" else row.tier, row.category)


def _risk(summed: dict[str, Any], tier: str | None, category: str | None) -> None:
    summed["tiers"].update([tier] if tier else ())
    summed["categories"].update([category] if category else ())


def _written(summed: dict[str, Any]) -> dict[str, Any]:
    sets = {name: "|" + "".join(f"{each}|" for each in sorted(summed[name])) for name in _SETS}
    return {**summed, **sets}
