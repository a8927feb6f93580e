"""Faults that are planted in a release, to see that it is not put in use, or put back.

Each in two kinds: one that shows itself wherever the release runs, and one that spares the trial on
a copy and shows itself only when the release is in use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

LATE = "'trial-' not in __import__('os').environ.get('IOP_STATE', '')"
"""True where the state is not that of a trial (supervisor.trial)."""
_MIGRATION = '''"""Planted: {what}."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table("planted", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("conversations", sa.Column("planted", sa.Text))
    op.execute("UPDATE conversations SET planted = 'here'")
    {fails}


def downgrade() -> None:
    """Undo."""
    op.drop_column("conversations", "planted")
    op.drop_table("planted")
'''


def _replace(path: Path, old: str, new: str) -> None:
    content = path.read_text("utf-8")
    if content.count(old) != 1:
        raise LookupError(f"{path.name} does not have the place for a fault: {old}")
    path.write_text(content.replace(old, new), "utf-8")


def desk_does_not_start(source: Path, when: str) -> None:
    """The desk's process ends at once."""
    with (source / "desk" / "errors.py").open("a", encoding="utf-8") as file:
        file.write(
            "\nimport sys\n"
            "_main = getattr(sys, 'orig_argv', [''])\n"
            f"if 'desk.main' in _main and {when}:\n    raise SystemExit(1)\n"
        )


def model_does_not_load(source: Path, when: str) -> None:
    """The brain is given a model's file that was cut short."""
    _replace(
        source / "supervisor" / "brain.py",
        '    command = [str(BRAIN_PYTHON), "-m", BRAIN_MODULE',
        "    import tempfile\n"
        f"    if 'trial-' not in environment.get('IOP_STATE', '') or {when == 'True'}:\n"
        "        whole, model = model, Path(tempfile.mkdtemp()) / model.name\n"
        "        model.write_bytes(whole.read_bytes()[:100_000])\n"
        '    command = [str(BRAIN_PYTHON), "-m", BRAIN_MODULE',
    )


def answer_is_wrong(source: Path, when: str) -> None:
    """Every question is understood as a greeting."""
    with (source / "desk" / "brain_answer.py").open("a", encoding="utf-8") as file:
        file.write(
            "\n_parse = parse\n\n\n"
            "def parse(*given, **named):\n"
            "    from dataclasses import replace\n\n"
            "    answer = _parse(*given, **named)\n"
            "    wrong = replace(answer.reading, intent='greet')\n"
            f"    return replace(answer, reading=wrong) if {when} else answer\n"
        )


def migration_fails(source: Path, when: str) -> None:
    """The database's tables are changed, and then a statement fails."""
    late = "'trial-' not in str(op.get_bind().engine.url)"
    condition = late if when == LATE else "True"
    _migration(source, "fails half way", f'if {condition}:\n        op.execute("NO STATEMENT")')


def answer_is_wrong_after_a_migration(source: Path, when: str) -> None:
    """The database's tables are changed, and every question is understood as a greeting."""
    _migration(source, "does what it should", "")
    answer_is_wrong(source, when)


def _migration(source: Path, what: str, fails: str) -> None:
    folder = source / "store" / "migrations" / "versions"
    files = sorted(folder.glob("[0-9]*.py"))
    found = re.search(r'^revision = "(.+)"$', files[-1].read_text("utf-8"), re.MULTILINE)
    assert found is not None
    content = _MIGRATION.format(what=what, head=found[1], fails=fails)
    (folder / "9999_planted.py").write_text(content.replace("\n    \n", "\n"), "utf-8")


FAULTS: dict[str, Callable[[Path, str], None]] = {
    "desk does not start": desk_does_not_start,
    "migration fails half way": migration_fails,
    "model does not load": model_does_not_load,
    "answer is wrong": answer_is_wrong,
    "answer is wrong after a migration": answer_is_wrong_after_a_migration,
}
