"""`make backup` and `make restore`: read with the keys alone, and who was erased stays erased."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, select, text

from desk.errors import SettingsError
from desk.parts import load_parts
from desk.settings import Settings, load_settings
from setup import errors
from store import audit, backup_file, erasing, key_file, log, notes, restoring, review, sealing
from store.audit_chain import Anchors, verify
from store.backup_file import BackupError, BackupReader, BackupWriter, Contents
from store.callback_records import Callback
from store.database import Database
from store.key_file import KeyFile
from store.migrate import migrate
from store.records import Entry, Message
from store.retention import DAY
from store.spill import Spill
from store.tables.conversations import conversations
from store.tables.privacy import erasures, person_keys
from store.tables.review import masked_texts
from store.tables.staff import staff_sessions
from supervisor import backup, postgres_tools, restore, rotate_keys
from supervisor.ports import free_port
from tests.postgres import PostgresServer

AT = 1_795_579_500_000
ANA = "ana-id"
WORDS = ("zebrafinch", "quokkaname", "5550142", "platypusnote", "An answer.", "s3cr3tword")
Result = TypeVar("Result")
ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


@pytest.fixture(params=("sqlite", "postgresql"))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Settings:
    """The settings of a database with two persons, as the environment has them."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    environment = {
        "IOP_STATE": str(state),
        "IOP_PORT": str(free_port()),
        "IOP_CONSOLE_PORT": str(free_port()),
        "IOP_CENTER_FILE": str(tmp_path / "center.yml"),
        "IOP_SECRETS": str(tmp_path / "secrets"),
        "IOP_DEMO": "1",
        "DATABASE_URL": "",
    }
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.new_database().replace("tests@", "tests:pass%20word@")
        environment["DATABASE_URL"] = address
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sealing, "_default", [])
    monkeypatch.setattr(backup, "end_on_signal", lambda: None)
    monkeypatch.setattr(backup, "ANSWERS", tmp_path / "answers")
    monkeypatch.setattr(restore, "BRAIN_PORT", free_port())
    _files(tmp_path)
    made = load_settings((), os.environ)
    sealing.use(state / key_file.NAME)
    (state / "identity.key").write_text("ab" * 32 + "\n")
    migrate(made.database)
    do(made, lambda c: [live(c, each) for each in ("c1", "c2")])
    return made


def _files(folder: Path) -> None:
    facts = Path(__file__).parents[2] / "center.yml"
    (folder / "center.yml").write_bytes(facts.read_bytes())
    for name in ("secrets", "answers"):
        (folder / name).mkdir()
    (folder / "secrets" / "ALERTS_PAGER_TOKEN").write_text("s3cr3tword")
    (folder / "answers" / "cost.yml").write_text("title: Cost")
    (folder / "state" / "web.keys").write_text("cd" * 32 + "\n")


def do(settings: Settings, work: Callable[[Connection], Result]) -> Result:
    async def run() -> Result:
        database = Database(settings.database)
        try:
            return await database.write(work)
        finally:
            database.close()

    return asyncio.run(run())


def live(connection: Connection, conversation: str) -> None:
    said = (
        Message(10, "visitor", "text", f"I said zebrafinch once in {conversation}", AT),
        Message(12, "bot", "answer", "An answer.", AT, reply_to=10),
    )
    call = Callback(
        **{"seq": 10, "asked_at": AT, "name": "quokkaname", "phone": "+12135550142"},
        **{"best_time": None, "topic": None, "voicemail": 0, "others": None},
        **{"safe_time": None, "minor": 0, "quiet": 1, "consent": "yes", "consent_version": 1},
        **{"start_at": AT, "due_at": AT},
    )
    log.write(connection, Entry(conversation, "web", AT, said, callback=call))
    notes.add(connection, conversation, ANA, "platypusnote", AT)


def erase(settings: Settings, conversation: str) -> None:
    do(settings, lambda c: erasing.erase_person(c, conversation, ANA, AT + 5))


def text_of(settings: Settings, conversation: str) -> list[str]:
    return [row["text"] for row in do(settings, lambda c: review.transcript(c, conversation))]


def make(settings: Settings) -> Path:
    """Make a backup as the command does, and return the newest."""
    assert backup.main() == 0
    return max((settings.state / backup.FOLDER).glob("*.backup"))


def put_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("FILE", str(path))
    return restore.main()


def ids(connection: Connection) -> list[str]:
    return list(
        connection.execute(select(conversations.c.id).order_by(conversations.c.id)).scalars()
    )


def plain_left(settings: Settings) -> list[str]:
    """Return what there is beside whole backups where copies are made."""
    inside = (settings.state / backup.FOLDER).iterdir()
    beside = settings.state.glob("desk.db.restoring*")
    return [path.name for path in (*inside, *beside) if path.suffix != ".backup"]


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


def pieces_of(keys: tuple[key_file.MasterKey, ...], path: Path, data: bytes) -> list[bytes]:
    """Write a backup and return its head and its pieces."""
    with path.open("wb") as file:
        writer = BackupWriter(file, keys, Contents(AT, "sqlite", {}))
        writer.write(data)
        writer.finish()
    content = path.read_bytes()
    begin = content.index(b"\n", content.index(b"\n") + 1) + 1
    size = backup_file.PIECE + 16
    return [content[:begin], *(content[i : i + size] for i in range(begin, len(content), size))]


def read(keys: tuple[key_file.MasterKey, ...], path: Path, pieces: list[bytes]) -> bytes:
    path.write_bytes(b"".join(pieces))
    with path.open("rb") as file:
        return b"".join(BackupReader(file, keys, path.name).database())


def trouble(keys: tuple[key_file.MasterKey, ...], path: Path, pieces: list[bytes]) -> str:
    try:
        read(keys, path, pieces)
    except BackupError as problem:
        return str(problem)
    return "nothing"


def unnamed(head: bytes) -> bytes:
    """Return a head that does not say what keys the database needs."""
    before, _, rest = head.partition(b'"masters":[')
    return before + b'"masters":[' + rest[rest.index(b"]") :]


def test_pieces_that_are_cut_off_moved_or_added_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_file, "PIECE", 1000)
    keys, path = KeyFile(tmp_path / key_file.NAME).make().read(), tmp_path / "x.backup"
    data = os.urandom(4500)
    head, *pieces = pieces_of(keys, path, data)
    assert len(pieces) == 5
    assert read(keys, path, [head, *pieces]) == data
    other = pieces_of(keys, path, data)
    changed = {
        "cut": [head, *pieces[:-1]],
        "cut in a piece": [head, *pieces[:-1], pieces[-1][:-3]],
        "all cut": [head],
        "moved": [head, pieces[0], pieces[2], pieces[1], *pieces[3:]],
        "left out": [head, pieces[0], *pieces[2:]],
        "twice": [head, pieces[0], *pieces],
        "added": [head, *pieces, b"x"],
        "another's head": [other[0], *pieces],
        "keys not named": [unnamed(head), *pieces],
        "another's piece": [head, pieces[0], other[2], *pieces[2:]],
    }
    for name, made in changed.items():
        assert "is damaged" in trouble(keys, path, made), name
    assert "is no backup" in trouble(keys, path, [b"SQLite format 3", *pieces])


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 2000])
def test_any_length_comes_back(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_file, "PIECE", 1000)
    keys, path = KeyFile(tmp_path / key_file.NAME).make().read(), tmp_path / "x.backup"
    data = os.urandom(length)
    assert read(keys, path, pieces_of(keys, path, data)) == data


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


def entry(conversation: str, word: str) -> Entry:
    said = Message(AT, "visitor", "text", word, AT, client_id=f"client-{word}")
    return Entry(conversation, "web", AT, (said,))


def spilled(settings: Settings, made: Entry) -> None:
    """Have an entry wait in the spill file, as when the database does not take it."""

    async def run() -> None:
        waiting = Spill(settings.state, KeyFile(settings.state / key_file.NAME))
        await waiting.add(made)
        waiting.close()

    asyncio.run(run())


def replayed(settings: Settings) -> list[str]:
    """Write what waits in the spill file, as the desk does; return the words in order."""

    async def run() -> list[str]:
        found: list[str] = []

        async def write(made: Entry) -> None:
            found.extend(message.text for message in made.messages)

        waiting = Spill(settings.state, KeyFile(settings.state / key_file.NAME))
        await waiting.replay(write)
        waiting.close()
        return found

    return asyncio.run(run())


def test_messages_that_wait_beside_the_database_are_in_the_backup(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilled(settings, entry("c8", "axolotl"))
    path = make(settings)
    assert b"axolotl" not in path.read_bytes()
    # They come to the database, and the file goes; then all is lost.
    assert replayed(settings) == ["axolotl"]
    spilled(settings, entry("c9", "okapi"))
    assert put_back(path, monkeypatch) == 0
    assert replayed(settings) == ["okapi", "axolotl"]


def test_what_waited_and_was_erased_since_does_not_come_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilled(settings, entry("c1", "axolotl"))
    path = make(settings)
    assert replayed(settings) == ["axolotl"]
    erase(settings, "c1")
    assert put_back(path, monkeypatch) == 0

    async def replay() -> int:
        database = Database(settings.database)
        waiting = Spill(settings.state, KeyFile(settings.state / key_file.NAME))
        try:
            return await waiting.replay(lambda e: database.write(lambda c: log.replay(c, e)))
        finally:
            waiting.close()
            database.close()

    assert asyncio.run(replay()) == 1
    assert do(settings, ids) == ["c2"]


def test_a_message_that_waits_still_is_not_put_back_twice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilled(settings, entry("c8", "axolotl"))
    path = make(settings)
    for _ in range(2):
        assert put_back(path, monkeypatch) == 0
    assert replayed(settings) == ["axolotl"]


def test_a_backup_that_waits_for_replay_names_the_key_of_what_waits(settings: Settings) -> None:
    spilled(settings, entry("c8", "axolotl"))
    (key,) = KeyFile(settings.state / key_file.NAME).read()
    make(settings)
    assert backup_file.keys_named(settings.state / backup.FOLDER) == {key.id}


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
