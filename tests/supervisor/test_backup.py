"""`make backup`: read with the keys alone, whole or not kept, and no plain copy left."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select, text

from desk.settings import Settings
from setup import errors
from store import audit, backup_file, key_file, restoring, sealing
from store.backup_file import BackupReader, BackupWriter
from store.database import Database
from store.key_file import KeyFile
from store.retention import DAY
from store.tables.review import masked_texts
from supervisor import backup, postgres_tools, restore, rotate_keys
from supervisor.ports import free_port
from tests.supervisor.backups import (
    ANA,
    AT,
    ON_POSTGRESQL,
    ON_SQLITE,
    WORDS,
    do,
    ids,
    live,
    make,
    plain_left,
    put_back,
    text_of,
)


def test_words_are_read_again_after_a_restore(
    settings: Settings, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    said = capsys.readouterr().out
    assert str(path) in said
    assert "store.keys and identity.key" in said
    do(settings, lambda c: live(c, "c3"))
    do(settings, lambda c: audit.note(c, ANA, "read", "c3", at=AT))
    assert put_back(path, monkeypatch) == 0
    assert do(settings, ids) == ["c1", "c2"]
    sealing.use(settings.state / key_file.NAME)
    assert text_of(settings, "c1") == ["I said zebrafinch once in c1", "An answer."]
    masked = select(sa.func.count()).select_from(masked_texts)
    assert do(settings, lambda c: c.execute(masked).scalar_one()) == 2
    found = {
        "sqlite": "SELECT count(*) FROM masked_index WHERE masked_index MATCH 'zebrafinch'",
        "postgresql": "SELECT count(*) FROM masked_texts WHERE words @@ to_tsquery('zebrafinch')",
    }[kind]
    assert do(settings, lambda c: c.execute(text(found)).scalar_one()) == 2
    assert do(settings, audit.newest)[0]["action"] == "restored"
    # It takes what comes next.
    do(settings, lambda c: live(c, "c4"))
    assert plain_left(settings) == []


def test_nothing_can_be_read_in_the_file_and_only_its_owner_has_it(settings: Settings) -> None:
    path = make(settings)
    content = path.read_bytes().lower()
    for word in (*WORDS, "sqlite format", "pgdmp", "web.keys", "ab" * 32, "cd" * 32):
        assert word.lower().encode() not in content, word
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert plain_left(settings) == []


def test_the_keys_of_words_are_not_in_it_and_the_small_files_are(settings: Settings) -> None:
    path = make(settings)
    keys = KeyFile(settings.state / key_file.NAME).read()
    with path.open("rb") as file:
        opened = BackupReader(file, keys, path.name)
        inside = b"".join(opened.database())
    assert sorted(opened.contents.files) == [
        "answers/cost.yml",
        "center.yml",
        "credentials.yml",
        "secrets/ALERTS_PAGER_TOKEN",
        "web.keys",
    ]
    assert keys[0].secret.hex() not in str(opened.contents.files)
    assert keys[0].secret not in inside


def test_without_the_keys_it_does_not_open_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path, keys = make(settings), settings.state / key_file.NAME
    mine = keys.read_text()
    keys.unlink()
    assert put_back(path, monkeypatch) == backup.FAILED
    assert "does not have. Put back the copy of store.keys" in capsys.readouterr().err
    keys.write_text("ef" * 32 + "\n")
    assert put_back(path, monkeypatch) == backup.FAILED
    assert "does not have. Put back the copy of store.keys" in capsys.readouterr().err
    keys.write_text(mine)
    assert put_back(path, monkeypatch) == 0


def test_without_keys_no_backup_is_made(settings: Settings, capsys: Any) -> None:
    (settings.state / key_file.NAME).unlink()
    assert backup.main() == backup.FAILED
    assert "store.keys is missing" in capsys.readouterr().err
    assert not (settings.state / key_file.NAME).exists()
    assert list((settings.state / backup.FOLDER).iterdir()) == []


@pytest.mark.parametrize("where", ["head", "first piece", "last piece"])
def test_a_changed_byte_is_found(
    settings: Settings, where: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(backup_file, "PIECE", 5000)
    path = make(settings)
    content = bytearray(path.read_bytes())
    place = {"head": content.index(b'"key"') + 12, "first piece": 2000, "last piece": -1}[where]
    content[place] ^= 1
    path.write_bytes(content)
    do(settings, lambda c: live(c, "c3"))
    assert put_back(path, monkeypatch) == backup.FAILED
    assert "is damaged" in capsys.readouterr().err
    # What was there is as it was: it was not even copied.
    assert list(path.parent.glob("*.backup")) == [path]
    assert do(settings, ids) == ["c1", "c2", "c3"]
    assert plain_left(settings) == []
    assert not restoring.is_unfinished(settings.state)


@pytest.mark.parametrize("what", ["a byte changed", "its end is missing", "no database"])
def test_a_backup_that_does_not_read_back_is_not_kept(
    settings: Settings, what: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    finish = BackupWriter.finish

    def spoil(writer: BackupWriter) -> None:
        finish(writer)
        file = writer._file
        file.flush()
        size = os.fstat(file.fileno()).st_size
        if what == "its end is missing":
            os.ftruncate(file.fileno(), size - 7)
        elif what == "a byte changed":
            os.pwrite(file.fileno(), b"\xff\x00\xff", size - 50)

    monkeypatch.setattr(BackupWriter, "finish", spoil)
    if what == "no database":
        monkeypatch.setattr(shutil, "copyfileobj", lambda source, *_: source.read() and None)
    assert backup.main() == backup.FAILED
    said = capsys.readouterr().err
    assert "is damaged" in said or "not whole" in said
    assert list((settings.state / backup.FOLDER).iterdir()) == []


@ON_POSTGRESQL
def test_no_backup_is_made_of_half_a_dump(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho PGDMP half\necho 'the server went away' >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr(postgres_tools, "postgres_program", lambda _: program)
    assert backup.main() == backup.FAILED
    assert "exit code 1): the server went away" in capsys.readouterr().err
    assert list((settings.state / backup.FOLDER).iterdir()) == []


def test_a_backup_is_made_while_somebody_writes(settings: Settings) -> None:
    database = Database(settings.database)

    async def both() -> list[str]:
        made = asyncio.create_task(asyncio.to_thread(make, settings))
        count = 0
        while not made.done():
            await database.write(lambda c, n=count: live(c, f"x{n}"))
            count += 1
        await made
        return await database.read(ids)

    try:
        assert len(asyncio.run(both())) > 2
    finally:
        database.close()


@ON_SQLITE
@pytest.mark.parametrize("when", ["copying", "encrypting", "keys"])
def test_the_plain_copy_is_gone_whatever_happens(
    settings: Settings, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def fail(*_: object) -> None:
        seen.append(sorted(path.suffix for path in (settings.state / backup.FOLDER).iterdir()))
        raise OSError("no room")

    if when == "copying":
        monkeypatch.setattr(backup, "_vacuum_into", fail)
    elif when == "encrypting":
        monkeypatch.setattr(BackupWriter, "write", fail)
    else:
        monkeypatch.setattr(backup, "BackupWriter", fail)
    assert backup.main() == backup.FAILED
    # While it is encrypted the copy has no name any more: not even a crash leaves it.
    assert seen == [[".part", ".plain"] if when == "copying" else [".part"]]
    assert list((settings.state / backup.FOLDER).iterdir()) == []


@ON_SQLITE
def test_a_plain_copy_that_a_crash_has_left_goes_and_is_private(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    copy = backup._vacuum_into

    def look(database: Path, target: Path) -> None:
        copy(database, target)
        modes.append(target.stat().st_mode & 0o777)

    monkeypatch.setattr(backup, "_vacuum_into", look)
    make(settings)
    assert modes == [0o600]
    (settings.state / backup.FOLDER / "7.plain").write_text("left")
    make(settings)
    assert plain_left(settings) == []


def test_two_at_a_time_are_refused(settings: Settings, capsys: Any) -> None:
    with backup.folder_of(settings):
        assert backup.main() == backup.FAILED
    assert "Another process makes a backup" in capsys.readouterr().err


@ON_SQLITE
def test_old_backups_go_on_the_clock_of_conversations(
    settings: Settings, capsys: Any, tmp_path: Path
) -> None:
    days = backup.longest_days(settings)
    center = tmp_path / "center.yml"
    center.write_text(center.read_text() + "\nretention: {notes: 3}\n")
    assert days > backup.longest_days(settings) == 3
    make(settings)
    folder, now = settings.state / backup.FOLDER, time.time()
    for age in (2, 4):
        old = backup.stamp(now - age * DAY / 1000)
        (folder / f"iop-{old}.backup").touch()
        (settings.state / f"desk.db.replaced-{old}").touch()
        (settings.state / f"desk.db.replaced-{old}-wal").touch()
    (folder / "mine.backup").touch()
    capsys.readouterr()
    make(settings)
    assert "Deleted: 3 files" in (said := capsys.readouterr().out)
    assert "older than 3 days" in said
    assert len(list(folder.glob("iop-*"))) == 3
    assert len(list(settings.state.glob("desk.db.replaced-*"))) == 2
    assert (folder / "mine.backup").exists()


def test_a_new_master_key_does_not_close_backups(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = make(settings)
    assert rotate_keys.main() == 0
    assert "Old keys that stay: 1." in capsys.readouterr().out
    assert put_back(path, monkeypatch) == 0
    assert text_of(settings, "c1")[0] == "I said zebrafinch once in c1"
    path.unlink()
    for other in path.parent.glob("*.backup"):
        other.unlink()
    assert rotate_keys.main() == 0
    assert "stay" not in capsys.readouterr().out


def test_a_password_is_not_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_tools, "postgres_program", Path)
    address = "postgresql://ana:pass%20word@db.example.org:5433/log?sslmode=require"
    line, environment = postgres_tools._command("pg_dump", address, "--format=custom")
    assert "pass word" not in " ".join(line)
    assert line[-1] == "host=db.example.org dbname=log user=ana port=5433 sslmode=require"
    assert environment["PGPASSWORD"] == "pass word"
    address = "postgresql://ana@db.example.org/log?password=pass"
    line, environment = postgres_tools._command("pg_dump", address)
    assert line[-1] == "host=db.example.org dbname=log user=ana"
    assert environment["PGPASSWORD"] == "pass"


def test_what_fails_is_said_in_words(
    settings: Settings, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert put_back(Path(""), monkeypatch) == backup.FAILED
    monkeypatch.setenv("FILE", "")
    assert restore.main() == 1
    assert put_back(tmp_path / "none.backup", monkeypatch) == backup.FAILED
    assert put_back(tmp_path / "center.yml", monkeypatch) == backup.FAILED
    assert "center.yml is no backup" in capsys.readouterr().err
    monkeypatch.setenv("IOP_PORT", "x")
    assert put_back(tmp_path / "center.yml", monkeypatch) == errors.EXIT_REFUSED
    assert backup.main() == errors.EXIT_REFUSED
    monkeypatch.setenv("IOP_PORT", str(settings.port))
    capsys.readouterr()
    nowhere = f"postgresql://ana:passw0rd@127.0.0.1:{free_port()}/log"
    if kind == "sqlite":
        nowhere = f"sqlite:///{tmp_path / 'none.db'}"
    monkeypatch.setenv("DATABASE_URL", nowhere)
    assert backup.main() == backup.FAILED
    assert "passw0rd" not in capsys.readouterr().err
