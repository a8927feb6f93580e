"""`make restore`: who was erased stays erased, and what was there is not lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select, text

from desk.errors import SettingsError
from desk.parts import load_parts
from desk.settings import Settings
from store import audit, erasing, key_file, restoring
from store.audit_chain import Anchors, verify
from store.backup_file import BackupError, BackupWriter, Contents
from store.database import Database
from store.key_file import KeyFile
from store.tables.privacy import erasures, person_keys
from store.tables.staff import staff_sessions
from supervisor import backup, postgres_tools, restore
from tests.supervisor.backups import (
    ANA,
    AT,
    ON_POSTGRESQL,
    ON_SQLITE,
    do,
    erase,
    ids,
    live,
    make,
    put_back,
)


def test_who_was_erased_since_does_not_come_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    erase(settings, "c1")
    do(settings, lambda c: erasing.finished(c, [1], AT + 6))
    assert put_back(path, monkeypatch) == 0
    assert "1 conversations that were erased since are erased again" in capsys.readouterr().out
    assert do(settings, ids) == ["c2"]
    assert do(settings, lambda c: len(c.execute(select(person_keys)).all())) == 1
    # The desk has the brain forget them, too; an entry from before is not written again.
    (waiting,) = do(settings, erasing.pending)
    assert (waiting.conversation_id, waiting.at) == ("c1", AT + 5)
    assert do(settings, lambda c: erasing.among(c, ["c1"])) == {"c1": AT + 5}
    deeds = [(row["action"], row["subject"]) for row in do(settings, audit.newest)]
    assert ("erased", "c1") in deeds
    assert do(settings, verify).troubles == ()
    # And so with what was put aside, or with the backup once more.
    assert put_back(path, monkeypatch) == 0
    assert do(settings, ids) == ["c2"]


def test_what_the_backup_does_not_hold_is_still_known_to_be_erased(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(settings, "c1")
    path = make(settings)
    do(settings, lambda c: live(c, "c3"))
    do(settings, lambda c: erasing.erase(c, ["c3"], by=None, at=AT + 9))
    assert put_back(path, monkeypatch) == 0
    assert do(settings, ids) == ["c2"]
    assert do(settings, lambda c: erasing.among(c, ["c1", "c3"])) == {"c1": AT + 5, "c3": AT + 9}
    assert do(settings, lambda c: c.execute(select(sa.func.count(erasures.c.id))).scalar_one()) == 2


def test_who_came_back_after_being_erased_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(settings, "c1")
    do(settings, lambda c: live(c, "c1"))
    path = make(settings)
    assert put_back(path, monkeypatch) == 0
    assert do(settings, ids) == ["c1", "c2"]
    # Erased once more after the backup, they go all the same.
    do(settings, lambda c: erasing.erase_person(c, "c1", ANA, AT + 50))
    assert put_back(path, monkeypatch) == 0
    assert do(settings, ids) == ["c2"]


@ON_SQLITE
def test_files_where_only_root_may_write_are_named_and_keep_nothing_from_being_restored(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    (tmp_path / "answers" / "cost.yml").unlink()
    shutil.rmtree(tmp_path / "secrets")
    # Root may write anywhere; the service may write its state alone.
    roots = (tmp_path, tmp_path / "answers")
    monkeypatch.setattr(os, "access", lambda place, _: Path(place) not in roots)
    assert put_back(path, monkeypatch) == 0
    said = capsys.readouterr().out
    assert "not put back, since only root may write there: answers/cost.yml, secrets/" in said
    assert not (tmp_path / "answers" / "cost.yml").exists()
    assert not (tmp_path / "secrets").exists()


@ON_POSTGRESQL
def test_a_dump_that_breaks_off_changes_nothing(settings: Settings) -> None:
    with postgres_tools.dumped(settings.database) as stream:
        whole = stream.read()
    do(settings, lambda c: live(c, "c3"))

    def broken(end: int) -> Iterator[bytes]:
        yield whole[:end]
        raise BackupError("broken off")

    for end in (len(whole) // 2, len(whole)):
        with pytest.raises(BackupError):
            postgres_tools.put_back(settings.database, broken(end), restore.TABLES)
        assert do(settings, ids) == ["c1", "c2", "c3"]


@ON_POSTGRESQL
def test_nothing_starts_where_a_restore_was_cut_short(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(settings)
    erase(settings, "c1")

    async def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(restore, "_settled", killed)
        with pytest.raises(KeyboardInterrupt):
            put_back(path, monkeypatch)
    assert do(settings, ids) == ["c1", "c2"]
    (settings.state / "brain.token").write_text("token")
    with pytest.raises(SettingsError, match="not to the end"):
        load_parts(settings)
    assert put_back(path, monkeypatch) == 0
    assert do(settings, ids) == ["c2"]
    assert not restoring.is_unfinished(settings.state)


@ON_SQLITE
def test_what_was_there_is_kept_aside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    do(settings, lambda c: live(c, "c3"))
    assert put_back(path, monkeypatch) == 0
    (aside,) = settings.state.glob("desk.db.replaced-*")
    assert str(aside) in capsys.readouterr().out
    assert aside.stat().st_mode & 0o777 == 0o600
    assert (settings.state / "desk.db").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(aside)) as old:
        found = old.execute("SELECT id FROM conversations ORDER BY id").fetchall()
    assert found == [("c1",), ("c2",), ("c3",)]


@ON_POSTGRESQL
def test_on_a_server_what_was_there_is_a_backup(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(settings)
    do(settings, lambda c: live(c, "c3"))
    assert put_back(path, monkeypatch) == 0
    assert do(settings, ids) == ["c1", "c2"]
    newest = max((settings.state / backup.FOLDER).glob("*.backup"))
    assert newest != path
    assert put_back(newest, monkeypatch) == 0
    assert do(settings, ids) == ["c1", "c2", "c3"]


@ON_POSTGRESQL
def test_tables_of_a_later_release_do_not_stand_in_the_way(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(settings)
    later = "CREATE TABLE later (id varchar(64) REFERENCES conversations (id))"
    do(settings, lambda c: c.execute(text(later)) and None)
    monkeypatch.setattr(restore, "TABLES", (*restore.TABLES, "later"))
    assert put_back(path, monkeypatch) == 0
    assert not do(settings, lambda c: sa.inspect(c).has_table("later"))


@ON_POSTGRESQL
def test_a_server_that_does_not_take_it_is_left_as_it_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    do(settings, lambda c: live(c, "c3"))
    # Not ours, so that it is not dropped: pg_restore does not know it.
    later = "CREATE TABLE others_own (id varchar(64) REFERENCES conversations (id))"
    do(settings, lambda c: c.execute(text(later)) and None)
    monkeypatch.setattr(restore, "TABLES", ())
    assert put_back(path, monkeypatch) == backup.FAILED
    assert "did not take the backup" in capsys.readouterr().err
    assert do(settings, ids) == ["c1", "c2", "c3"]
    assert not restoring.is_unfinished(settings.state)


def test_it_is_refused_while_the_assistant_runs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    with socket.create_server(("127.0.0.1", settings.console_port)):
        assert put_back(path, monkeypatch) == backup.FAILED
    assert f"port {settings.console_port} answers" in capsys.readouterr().err
    # Under other ports, or on another machine.
    other = Database(settings.database)
    asyncio.run(other.read(ids))
    assert put_back(path, monkeypatch) == backup.FAILED
    assert "another process has the database open" in capsys.readouterr().err
    other.close()
    assert put_back(path, monkeypatch) == 0


@ON_SQLITE
def test_a_database_that_is_broken_is_replaced_and_said_to_be(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    (settings.state / "desk.db").write_bytes(b"rubbish" * 1000)
    assert put_back(path, monkeypatch) == 0
    assert "Nobody here knows who was erased" in capsys.readouterr().out
    assert do(settings, ids) == ["c1", "c2"]
    (aside,) = settings.state.glob("desk.db.replaced-*")
    assert aside.read_bytes().startswith(b"rubbish")


@ON_SQLITE
def test_on_a_new_machine_what_is_missing_is_put_back(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    for name in ("state/desk.db", "state/web.keys", "secrets/ALERTS_PAGER_TOKEN"):
        (tmp_path / name).unlink()
    (tmp_path / "answers" / "cost.yml").write_text("title: Another")
    assert put_back(path, monkeypatch) == 0
    said = capsys.readouterr().out
    assert "missing: secrets/ALERTS_PAGER_TOKEN, web.keys." in said
    assert "not as they were in the backup: answers/cost.yml." in said
    assert (tmp_path / "secrets" / "ALERTS_PAGER_TOKEN").read_text() == "s3cr3tword"
    assert (tmp_path / "state" / "web.keys").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "answers" / "cost.yml").read_text() == "title: Another"
    assert do(settings, ids) == ["c1", "c2"]


@ON_SQLITE
def test_a_database_that_is_not_whole_is_not_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    copy = backup._vacuum_into

    def spoil(database: Path, target: Path) -> None:
        copy(database, target)
        with target.open("r+b") as file:
            file.seek(4096 * 3)
            file.write(b"\xff" * 4096)

    with monkeypatch.context() as patched:
        patched.setattr(backup, "_vacuum_into", spoil)
        path = make(settings)
    assert put_back(path, monkeypatch) == backup.FAILED
    assert "not whole" in capsys.readouterr().err
    assert do(settings, ids) == ["c1", "c2"]


def test_a_backup_of_another_kind_is_refused(
    settings: Settings, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    keys, path = KeyFile(settings.state / key_file.NAME).read(), tmp_path / "other.backup"
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[kind]
    with path.open("wb") as file:
        BackupWriter(file, keys, Contents(AT, other, {})).finish()
    assert put_back(path, monkeypatch) == backup.FAILED
    assert f"is of {other}" in capsys.readouterr().err


def test_whoever_was_signed_in_is_signed_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = (
        "INSERT INTO staff (id, name, email, role, password, created_at)"
        " VALUES ('ana-id', 'Ana', 'ana@example.org', 'agent', '-', 1)"
    )
    session = staff_sessions.insert().values(
        digest="d", staff_id=ANA, proof="p", began_at=AT, used_at=AT, complete=1
    )
    for row in (text(person), session):
        do(settings, lambda c, r=row: c.execute(r) and None)
    assert put_back(make(settings), monkeypatch) == 0
    assert do(settings, lambda c: c.execute(select(staff_sessions)).all()) == []


def test_the_audit_is_whole_after_a_restore(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors = Anchors(settings.state / backup.ANCHORS)
    for day in (1, 2):
        do(settings, lambda c, d=day: audit.note(c, ANA, "read", f"c{d}", at=AT + d))
        anchors.add(AT + day, *do(settings, audit.last))
        if day == 1:
            path = make(settings)
    assert put_back(path, monkeypatch) == 0
    (aside,) = settings.state.glob("audit.anchors.replaced-*")
    first, second = Anchors(aside).read()
    assert list(anchors.read()) == [first]
    found = do(settings, lambda c: verify(c, anchors.read()))
    # The note of the restore has the number of what came after the backup.
    assert (found.troubles, found.last) == ((), second)
