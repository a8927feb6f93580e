"""Privacy: the chain of the audit, keys of persons, erasures, holds, files on crises."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store import audit as deeds

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_LENGTHS = {"name": 120, "phone": 32, "best_time": 200, "others": 200, "safe_time": 200}
_COLUMNS = "id at staff_id action subject detail".split()
_ALLOWED = "EXISTS (SELECT 1 FROM audit_starts WHERE after >= OLD.id)"
# Rows of the audit are for good. Only what audit_starts names may go, once it was kept long enough
# (store.audit_chain.retire); nothing may be changed. Erasing a person needs neither: the audit
# holds ids and our own words.
_SQLITE = (
    "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN"
    " SELECT RAISE(ABORT, 'the audit is not changed'); END",
    f"CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN NOT {_ALLOWED} BEGIN"
    " SELECT RAISE(ABORT, 'the audit is not deleted'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF TG_OP = 'DELETE' THEN IF {_ALLOWED} THEN RETURN OLD; END IF; END IF;"
    " RAISE EXCEPTION 'the audit is neither changed nor deleted'; END $$",
    "CREATE TRIGGER audit_unchanged BEFORE UPDATE OR DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_kept BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)


def upgrade() -> None:
    """Apply. What was done before becomes the beginning of the chain."""
    op.create_table(
        "audit_starts",
        sa.Column("after", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    for name in ("previous", "digest"):
        op.add_column("audit", sa.Column(name, sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_audit_staff", "audit", ["staff_id", "id"])
    op.create_index("ix_audit_action", "audit", ["action", "id"])
    op.create_index("ix_audit_subject", "audit", ["subject", "id"])
    op.create_index("ix_audit_at", "audit", ["at"])
    _chain(op.get_bind())
    for statement in _SQLITE if _is_sqlite() else _POSTGRESQL:
        op.execute(statement)
    _longer()
    _persons()
    _erasures()
    _holds()


def downgrade() -> None:
    """Undo. Words that were sealed stay so."""
    for name in ("holds", "erasures", "identities", "person_keys", "persons"):
        op.drop_table(name)
    for name in ("audit_kept", "audit_unchanged"):
        op.execute(f"DROP TRIGGER {name}" + ("" if _is_sqlite() else " ON audit"))
    if not _is_sqlite():
        op.execute("DROP FUNCTION audit_refuse()")
    for name in ("at", "subject", "action", "staff"):
        op.drop_index(f"ix_audit_{name}", "audit")
    for name in ("previous", "digest"):
        op.drop_column("audit", name)
    op.drop_table("audit_starts")


def _longer() -> None:
    """Make room for words that are sealed, in columns that had a length.

    The way back leaves the room: who had the former length bears longer words, and cut ones would
    open for nobody.
    """
    with op.batch_alter_table("callbacks") as table:
        for name, length in _LENGTHS.items():
            optional = name not in ("name", "phone")
            table.alter_column(
                name, type_=sa.Text(), existing_type=sa.String(length), existing_nullable=optional
            )


def _conversation(*, primary: bool) -> sa.Column[Any]:
    parent = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", sa.String(64), parent, primary_key=primary, nullable=False)


def _persons() -> None:
    op.create_table(
        "persons", _conversation(primary=True), sa.Column("person", sa.String(32), nullable=False)
    )
    op.create_index("ix_persons_person", "persons", ["person"])
    op.create_table(
        "person_keys",
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("wrapped", sa.Text, nullable=False),
        sa.Column("master", sa.String(16), nullable=False),
    )
    op.create_index("ix_person_keys_master", "person_keys", ["master"])
    op.create_table(
        "identities",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
    )
    op.create_index("ix_identities_person", "identities", ["person"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(64)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(32)),
        sa.Column("done_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_erasures_digest", "erasures", ["digest"])
    op.create_index("ix_erasures_open", "erasures", ["done_at"])


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(primary=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", sa.String(32)),
    )
    op.create_index("ix_holds_conversation", "holds", ["conversation_id", "ended_at"])


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _chain(connection: sa.Connection) -> None:
    """Number the rows without gaps, and hash each with the one before it."""
    rows = connection.execute(sa.text("SELECT * FROM audit ORDER BY id")).mappings().all()
    previous = deeds.FIRST
    for number, old in enumerate(rows, 1):
        row = {**{name: old[name] for name in _COLUMNS}, "id": number, "previous": previous}
        previous = deeds.digest_of(row)
        connection.execute(
            sa.text(
                "UPDATE audit SET id = :id, previous = :before, digest = :digest WHERE id = :old"
            ),
            {"id": number, "before": row["previous"], "digest": previous, "old": old["id"]},
        )
