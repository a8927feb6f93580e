"""Words of persons are unreadable in the database, and as they were to whoever has the keys."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text, update

from store import callback_tasks, callbacks, log, notes, persons, review, sealing
from store.callback_records import Callback, FormRow
from store.database import Database, look
from store.key_file import NAME, KeyFile, KeyFileError
from store.migrate import migrate
from store.records import Entry, Message
from store.sealing import LOST, MARK, NOT_SEALED
from store.tables.conversations import messages
from store.tables.privacy import person_keys

AT = 1_795_579_500_000
WORDS = "my MARKERWORD is José"


@pytest.fixture
async def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    monkeypatch.setattr(sealing, "_default", [])
    return sealing.use(tmp_path / NAME)


@pytest.fixture
async def database(url: str, keys: KeyFile) -> AsyncIterator[Database]:
    migrate(url)
    opened = Database(url)
    yield opened
    opened.close()


def call(**changes: Any) -> Callback:
    values: dict[str, Any] = {
        **{"seq": 10, "asked_at": AT, "name": "MARKERNAME", "phone": "+12135550142;ext=7"},
        **{"best_time": "MARKERTIME", "topic": "MARKERTOPIC", "voicemail": 0, "others": None},
        **{"safe_time": None, "minor": 0, "quiet": 1, "consent": "yes", "consent_version": 1},
        **{"start_at": AT, "due_at": AT},
    }
    return Callback(**{**values, **changes})


def talk(connection: Connection, conversation: str = "c1", **more: Any) -> None:
    said = (
        Message(10, "visitor", "text", WORDS, AT),
        Message(12, "bot", "answer", "MARKERREPLY", AT),
    )
    log.write(connection, Entry(conversation, "web", AT, said, **more))


def raw(connection: Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(text(query))]


async def test_messages_are_sealed_and_read_as_they_were(database: Database) -> None:
    await database.write(talk)
    stored = await database.read(lambda c: raw(c, "SELECT text FROM messages ORDER BY seq"))
    assert all(each.startswith(MARK) for each in stored)
    assert "MARKER" not in str(stored)
    read = await database.read(lambda c: review.transcript(c, "c1"))
    assert [each["text"] for each in read] == [WORDS, "MARKERREPLY"]
    assert [
        each.text for each in await database.read(lambda c: log.messages_after(c, "c1", 0))
    ] == [each["text"] for each in read]


async def test_another_process_with_the_keys_reads_them(database: Database, url: str) -> None:
    await database.write(talk)
    other = Database(url, read_only=True)
    read = await other.read(lambda c: review.transcript(c, "c1"))
    assert "MARKERWORD" in read[0]["text"]
    other.close()


async def test_notes_calls_and_half_filled_forms_are_sealed(database: Database) -> None:
    def write(c: Connection) -> None:
        talk(c, callback=call(), form=FormRow(10, AT, {"answers": {"name": "MARKERFORM"}}))
        notes.add(c, "c1", "ana", "MARKERNOTE", AT)

    await database.write(write)
    tables = ("notes", "callbacks", "callback_forms", "messages")
    for table in tables:
        rows = await database.read(lambda c, t=table: c.execute(text(f"SELECT * FROM {t}")).all())
        assert "MARKER" not in str(rows), table
        assert "5550142" not in str(rows), table
    assert (await database.read(lambda c: notes.of(c, "c1")))[0]["text"] == "MARKERNOTE"
    form = await database.read(lambda c: callbacks.form_of(c, "c1"))
    assert form is not None
    assert form.state == {"answers": {"name": "MARKERFORM"}}
    (task,) = await database.read(callback_tasks.waiting)
    assert (task.best_time, task.topic, task.others) == ("MARKERTIME", "MARKERTOPIC", None)
    await database.write(lambda c: callback_tasks.take(c, task.id, "ana", AT))
    whom = await database.read(lambda c: callback_tasks.whom(c, task.id, "ana"))
    assert whom == ("MARKERNAME", "+12135550142;ext=7")
    # A form that has rested is emptied, though its state is sealed.
    assert await database.write(lambda c: callbacks.forget_forms(c, AT + 1)) == 1


async def test_a_person_is_found_by_the_number_that_they_gave(database: Database) -> None:
    await database.write(lambda c: talk(c, callback=call()))
    found = await database.read(lambda c: persons.conversations_of(c, "phone", "+12135550142"))
    assert found == ["c1"]
    for channel, sender in (("phone", "+12135550143"), ("sms", "+12135550142")):
        assert not await database.read(
            lambda c, x=channel, y=sender: persons.conversations_of(c, x, y)
        )
    assert "5550142" not in str(
        await database.read(lambda c: c.execute(text("SELECT * FROM identities")).all())
    )


async def test_each_person_has_a_key_of_their_own(database: Database) -> None:
    await database.write(talk)
    await database.write(lambda c: talk(c, "c2"))
    assert len(await database.read(lambda c: raw(c, "SELECT person FROM person_keys"))) == 2


async def test_without_a_persons_key_nothing_can_be_read(database: Database, url: str) -> None:
    await database.write(talk)
    await database.write(lambda c: c.execute(person_keys.delete()) and None)
    other = Database(url)
    read = await other.read(lambda c: review.transcript(c, "c1"))
    assert [each["text"] for each in read] == [LOST, LOST]
    other.close()


@pytest.mark.parametrize("change", ["flip", "other person", "cut"])
async def test_changed_words_are_not_read(database: Database, change: str) -> None:
    await database.write(talk)
    await database.write(lambda c: talk(c, "c2"))

    def forge(c: Connection) -> None:
        (kept,) = raw(c, "SELECT text FROM messages WHERE conversation_id = 'c1' AND seq = 10")
        (other,) = raw(c, "SELECT person FROM persons WHERE conversation_id = 'c2'")
        (own,) = raw(c, "SELECT person FROM persons WHERE conversation_id = 'c1'")
        last = "A" if kept[-5] != "A" else "B"
        forged = {
            "flip": kept[:-5] + last + kept[-4:],
            "other person": kept.replace(own, other),
            "cut": kept[:40],
        }[change]
        mine = (messages.c.conversation_id == "c1") & (messages.c.seq == 10)
        c.execute(update(messages).where(mine).values(text=forged))

    await database.write(forge)
    read = await database.read(lambda c: review.transcript(c, "c1"))
    assert read[0]["text"] == LOST


async def test_what_was_stored_before_is_sealed_by_and_by(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_default", [])
    migrate(url)
    database = Database(url)
    await database.write(lambda c: talk(c, callback=call()))
    await database.write(lambda c: notes.add(c, "c1", "ana", "MARKERNOTE", AT))
    assert "MARKERWORD" in (await database.read(lambda c: raw(c, "SELECT text FROM messages")))[0]
    sealing.use(tmp_path / NAME)
    for name in persons.SEALED:
        last: persons.Key | None = None
        while True:
            keys, last = await database.read(
                lambda c, x=name, y=last: persons.plain_rows(c, x, y, 1)
            )
            await database.write(lambda c, x=name, y=keys: persons.seal_rows(c, x, y))
            if last is None:
                break
    for table in ("messages", "notes", "callbacks"):
        rows = await database.read(lambda c, t=table: c.execute(text(f"SELECT * FROM {t}")).all())
        assert "MARKER" not in str(rows)
    read = await database.read(lambda c: review.transcript(c, "c1"))
    assert "MARKERWORD" in read[0]["text"]
    database.close()


async def test_master_keys_are_changed_under_a_running_desk(
    database: Database, keys: KeyFile, url: str
) -> None:
    await database.write(talk)
    (old,) = keys.read()
    other = Database(url)
    KeyFile(keys.path).add()
    while await other.write(lambda c: persons.rewrap(c, 1)):
        pass
    await database.write(lambda c: talk(c, "c2"))
    assert await other.write(persons.drop_old_masters) == 1
    assert old not in KeyFile(keys.path).read()
    await database.write(lambda c: talk(c, "c3"))
    third = Database(url)
    for conversation in ("c1", "c2", "c3"):
        read = await third.read(lambda c, x=conversation: review.transcript(c, x))
        assert "MARKERWORD" in read[0]["text"]
    masters = set(await third.read(lambda c: raw(c, "SELECT master FROM person_keys")))
    assert masters == {keys.read()[-1].id}
    other.close()
    third.close()


async def test_a_master_key_that_is_in_use_is_not_dropped(
    database: Database, keys: KeyFile
) -> None:
    await database.write(talk)
    KeyFile(keys.path).add()
    assert await database.write(persons.drop_old_masters) == 0
    assert len(keys.read()) == 2


async def test_another_file_of_keys_is_refused_at_the_start(
    database: Database, url: str, keys: KeyFile
) -> None:
    look(url, persons.check_masters)
    await database.write(talk)
    look(url, persons.check_masters)
    keys.path.unlink()
    sealing.use(keys.path)
    with pytest.raises(KeyFileError, match="not the file that this database was written with"):
        look(url, persons.check_masters)


async def test_the_database_holds_the_words_of_nobody(
    sqlite_url: str, tmp_path: Path, keys: KeyFile
) -> None:
    migrate(sqlite_url)
    opened = Database(sqlite_url)
    await opened.write(
        lambda c: log.write(
            c, Entry("c1", "web", AT, (Message(2, "bot", "answer", "MARKERREPLY", AT),))
        )
    )
    await opened.write(lambda c: notes.add(c, "c1", "ana", "MARKERNOTE", AT))
    opened.close()
    for path in tmp_path.glob("log.db*"):
        assert b"MARKER" not in path.read_bytes(), path.name
    assert await _texts(sqlite_url) == ["MARKERREPLY"]


async def _texts(url: str) -> list[str]:
    database = Database(url)
    found = await database.read(lambda c: list(c.execute(select(messages.c.text)).scalars()))
    database.close()
    return found


async def test_words_are_sealed_while_the_file_of_keys_is_away(
    database: Database, keys: KeyFile, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write(talk)
    away = keys.path.rename(keys.path.with_suffix(".away"))
    with caplog.at_level(logging.ERROR):
        for conversation in ("c1", "c2", "c3"):
            await database.write(lambda c, x=conversation: talk(c, x))
    stored = await database.read(lambda c: raw(c, "SELECT text FROM messages"))
    assert len(stored) == 6
    assert all(each.startswith(MARK) for each in stored)
    assert caplog.text.count("store.keys cannot be read any more") == 1
    assert "MARKER" not in caplog.text
    # Put back it opens what was written meanwhile.
    away.rename(keys.path)
    look(url, persons.check_masters)
    other = Database(url)
    read = await other.read(lambda c: review.transcript(c, "c3"))
    assert read[0]["text"] == WORDS
    other.close()


async def test_a_database_in_another_folder_is_sealed_with_the_keys_of_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_default", [])
    (tmp_path / "disk").mkdir()
    address = f"sqlite:///{tmp_path / 'disk' / 'log.db'}"
    sealing.use(tmp_path / NAME, address)
    migrate(address)
    elsewhere = Database(address)
    await elsewhere.write(talk)
    stored = await elsewhere.read(lambda c: raw(c, "SELECT text FROM messages"))
    elsewhere.close()
    assert all(each.startswith(MARK) for each in stored)


async def test_that_words_are_not_sealed_is_said_once_and_without_them(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sealing, "_default", [])
    migrate(url)
    opened = Database(url)
    with caplog.at_level(logging.ERROR):
        await opened.write(talk)
        await opened.write(lambda c: talk(c, "c2"))
    assert caplog.text.count(NOT_SEALED) == 1
    assert "MARKER" not in caplog.text
    opened.close()


async def test_that_a_persons_key_is_gone_is_said(
    database: Database, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write(talk)
    await database.write(lambda c: c.execute(person_keys.delete()) and None)
    other = Database(url)
    with caplog.at_level(logging.ERROR):
        await other.write(lambda c: notes.add(c, "c1", "ana", "MARKERNOTE", AT))
    assert caplog.text.count(NOT_SEALED) == 1
    other.close()


async def test_the_key_of_many_messages_is_looked_up_once(database: Database) -> None:
    await database.write(talk)
    asked: list[str] = []
    engine = database._engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    said = tuple(Message(seq, "visitor", "text", WORDS, AT) for seq in range(20, 40, 2))
    await database.write(lambda c: log.write(c, Entry("c1", "web", AT, said)))
    assert sum("FROM persons" in each for each in asked) == 1
