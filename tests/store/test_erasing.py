"""A person who is erased leaves no trace; who is held stays; what is old goes, and no sooner."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, select, text, update

from store import (
    answer_ratings,
    audit,
    erasing,
    exporting,
    holds,
    log,
    notes,
    persons,
    retention,
    sealing,
)
from store.audit_chain import verify
from store.callback_records import Callback, FormRow
from store.compacting import compact
from store.database import Database
from store.erasing import HeldError
from store.key_file import NAME
from store.migrate import migrate
from store.records import Alert, Entry, Message, Reading
from store.retention import Retention
from store.sealing import GONE
from store.spill import Spill
from store.tables import metadata
from store.tables.alerts import notices
from store.tables.callbacks import callbacks
from store.tables.conversations import conversations, messages
from store.tables.privacy import persons as persons_table
from store.tables.review import masked_texts
from store.tables.staff import invitations
from store.tables.staff import notes as notes_table

AT = 1_795_579_500_000
DAY = 86_400_000
MARKERS = ("zebrafinch", "quokkaname", "axolotltopic", "platypusnote", "narwhalform")
ANA = "ana-id"


@pytest.fixture(params=[True, False], ids=["sealed", "plain"])
def sealing_on(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """With keys, and as a database was from before there were any."""
    monkeypatch.setattr(sealing, "_default", [])
    if request.param:
        sealing.use(tmp_path / NAME)
    return bool(request.param)


@pytest.fixture
async def database(url: str, sealing_on: bool) -> AsyncIterator[Database]:
    migrate(url)
    opened = Database(url)
    yield opened
    opened.close()


def call() -> Callback:
    return Callback(
        **{"seq": 10, "asked_at": AT, "name": "quokkaname", "phone": "+12135550142"},
        **{"best_time": "mornings", "topic": "axolotltopic", "voicemail": 0, "others": None},
        **{"safe_time": None, "minor": 0, "quiet": 1, "consent": "yes", "consent_version": 1},
        **{"start_at": AT, "due_at": AT},
    )


def entry(conversation: str = "c1", at: int = AT, words: str = "zebrafinch") -> Entry:
    said = (
        Message(10, "visitor", "text", f"I said {words} once", at, client_id="x"),
        Message(12, "bot", "answer", "An answer.", at, reply_to=10),
    )
    return Entry(
        conversation,
        "web",
        at,
        said,
        reading=Reading(10, "brain", 1.0, intent="cost", confidence=0.9),
        alerts=(Alert(10, "crisis", at, "S2", "T1", "rule"),),
        queue="crisis",
        form=FormRow(10, at, {"answers": {"name": "narwhalform"}}),
        callback=call(),
    )


def live(connection: Connection, conversation: str = "c1", at: int = AT) -> None:
    log.write(connection, entry(conversation, at))
    notes.add(connection, conversation, ANA, "platypusnote", at)
    answer_ratings.rate(connection, conversation, 12, 0, at)


async def rows(database: Database) -> str:
    """Return every row of every table, as one text."""

    def read(c: Connection) -> str:
        tables = [name for name in metadata.tables if name != "audit"]
        found = {name: c.execute(text(f"SELECT * FROM {name}")).all() for name in tables}
        return str(found)

    return await database.read(read)


async def test_nothing_of_a_person_stays_in_the_files(
    sqlite_url: str, tmp_path: Path, sealing_on: bool
) -> None:
    migrate(sqlite_url)
    # Another process has the files open, as the console has.
    database, other = Database(sqlite_url), Database(sqlite_url, read_only=True)
    await other.read(erasing.pending)
    await database.write(live)
    await database.write(lambda c: live(c, "c2"))
    found = await database.read(lambda c: c.execute(select(masked_texts.c.text)).scalars().all())
    assert "zebrafinch" in str(found)
    await database.write(lambda c: erasing.erase_person(c, "c1", ANA, AT + 1))
    await database.write(lambda c: erasing.erase_person(c, "c2", ANA, AT + 1))
    await compact(database)
    await database.write(lambda c: erasing.finished(c, [1, 2], AT + 2))
    await compact(database)
    files = sorted(tmp_path.glob("log.db*"))
    assert [path.name for path in files] == ["log.db", "log.db-shm", "log.db-wal"]
    for path in files:
        content = path.read_bytes().lower()
        for marker in (*MARKERS, "5550142"):
            assert marker.encode() not in content, (path.name, marker)
    assert (tmp_path / "log.db-wal").stat().st_size == 0
    database.close()
    other.close()


async def test_others_stay_whole_in_the_index_too(sqlite_url: str, sealing_on: bool) -> None:
    migrate(sqlite_url)
    database = Database(sqlite_url)
    await database.write(live)
    await database.write(lambda c: log.write(c, entry("c2", words="heron")))
    await database.write(lambda c: erasing.erase_person(c, "c1", ANA, AT + 1))
    await compact(database)

    def found(c: Connection, words: str) -> list[int]:
        query = "SELECT rowid FROM masked_index WHERE masked_index MATCH :words"
        return list(c.execute(text(query), {"words": words}).scalars())

    assert await database.read(lambda c: found(c, "zebrafinch")) == []
    assert len(await database.read(lambda c: found(c, "heron"))) == 1
    check = "INSERT INTO masked_index(masked_index) VALUES ('integrity-check')"
    await database.write(lambda c: c.execute(text(check)) and None)
    database.close()


async def test_rows_indexes_and_keys_are_gone(database: Database) -> None:
    await database.write(live)
    assert "zebrafinch" in await rows(database)
    assert await database.write(lambda c: erasing.erase_person(c, "c1", ANA, AT + 1)) == ["c1"]
    await compact(database)
    left = await rows(database)
    for marker in MARKERS:
        assert marker not in left

    def of_it(c: Connection) -> dict[str, int]:
        counts = {}
        for name, table in metadata.tables.items():
            if "conversation_id" in table.c and name != "erasures":
                counts[name] = c.execute(select(sa.func.count()).select_from(table)).scalar_one()
        return counts

    assert not any((await database.read(of_it)).values())
    for name in ("person_keys", "identities"):
        assert (
            await database.read(lambda c, n=name: c.execute(text(f"SELECT * FROM {n}")).all())
        ) == []
    if database.url.get_backend_name() == "postgresql":
        asked = "SELECT count(*) FROM masked_texts WHERE words @@ to_tsquery('zebrafinch')"
        assert await database.read(lambda c: c.execute(text(asked)).scalar_one()) == 0


async def test_the_audit_says_that_it_was_done_and_stays_whole(database: Database) -> None:
    await database.write(live)
    await database.write(lambda c: erasing.erase_person(c, "c1", ANA, AT + 1))
    newest = (await database.read(audit.newest))[0]
    assert (newest["staff_id"], newest["action"], newest["subject"]) == (ANA, "erased", "c1")
    assert (await database.read(verify)).troubles == ()


async def test_all_conversations_of_a_person_go_together(database: Database) -> None:
    await database.write(live)
    await database.write(lambda c: live(c, "c2"))
    await database.write(lambda c: live(c, "c3"))

    def join(c: Connection) -> None:
        person = persons.person_of(c, "c1")
        persons.person_of(c, "c2")
        mine = persons_table.c.conversation_id == "c2"
        c.execute(update(persons_table).where(mine).values(person=person))

    await database.write(join)
    assert await database.write(lambda c: erasing.erase_person(c, "c2", ANA, AT + 1)) == [
        "c1",
        "c2",
    ]
    left = await database.read(lambda c: list(c.execute(select(conversations.c.id)).scalars()))
    assert left == ["c3"]


async def test_what_waited_in_a_file_is_not_written_again(
    database: Database, tmp_path: Path
) -> None:
    spill, old, new = Spill(tmp_path), entry(), entry(at=AT + 10, words="heron")
    await spill.add(old)
    await spill.add(entry("c2", words="heron"))
    await spill.add(replace(new, messages=new.messages[:1]))
    await database.write(lambda c: erasing.erase_person(c, "c1", ANA, AT + 5))
    assert await spill.erase(lambda ids: database.read(lambda c: erasing.among(c, ids))) == 1
    content = b"".join(path.read_bytes() for path in tmp_path.glob("spill*"))
    assert b"zebrafinch" not in content
    # Whatever still comes from before is left out; what they wrote later is theirs to write.
    await database.write(lambda c: log.replay(c, old))
    assert await database.read(lambda c: c.execute(select(messages)).all()) == []
    await spill.replay(lambda one: database.write(lambda c: log.replay(c, one)))
    ids = select(messages.c.conversation_id).distinct().order_by(messages.c.conversation_id)
    assert list(await database.read(lambda c: c.execute(ids).scalars().all())) == ["c1", "c2"]
    spill.close()


async def test_spilled_lines_are_encrypted(tmp_path: Path) -> None:
    from store.key_file import KeyFile

    spill = Spill(tmp_path, KeyFile(tmp_path / NAME).make())
    await spill.add(entry())
    assert b"zebrafinch" not in (tmp_path / "spill.jsonl").read_bytes()
    back: list[Entry] = []

    async def keep(one: Entry) -> None:
        back.append(one)

    assert await spill.replay(keep) == 1
    assert back[0].messages[0].text == "I said zebrafinch once"
    spill.close()


async def test_whoever_is_held_is_not_erased(database: Database) -> None:
    await database.write(live)
    assert await database.write(lambda c: holds.put_on(c, "c1", "a letter of a court", ANA, AT))
    with pytest.raises(HeldError):
        await database.write(lambda c: erasing.erase_person(c, "c1", ANA, AT + 1))
    assert "c1" in await rows(database)
    (hold,) = await database.read(holds.lasting)
    assert hold["reason"] == "a letter of a court"
    assert not await database.write(lambda c: holds.put_on(c, "none", "x", ANA, AT))
    assert await database.write(lambda c: holds.end(c, hold["id"], ANA, AT + 2))
    assert not await database.write(lambda c: holds.end(c, hold["id"], ANA, AT + 3))
    assert await database.write(lambda c: erasing.erase_person(c, "c1", ANA, AT + 4)) == ["c1"]


async def due(database: Database, kept: Retention, now: int) -> list[str]:
    return await database.write(lambda c: retention.erase_due(c, kept, now))


async def test_conversations_go_when_their_time_is_over_unless_they_are_held(
    database: Database,
) -> None:
    kept = Retention(conversations=30)
    await database.write(live)
    await database.write(lambda c: live(c, "c2"))
    await database.write(lambda c: holds.put_on(c, "c2", "a court", ANA, AT))
    assert await due(database, kept, AT + 30 * DAY) == []
    assert await due(database, kept, AT + 30 * DAY + 1) == ["c1"]
    assert await due(database, kept, AT + 300 * DAY) == []
    (hold,) = await database.read(holds.lasting)
    await database.write(lambda c: holds.end(c, hold["id"], ANA, AT))
    assert await due(database, kept, AT + 300 * DAY) == ["c2"]
    deed = (await database.read(audit.newest))[0]
    assert (deed["staff_id"], deed["action"], deed["detail"]) == (
        None,
        "deleted in time",
        "1 conversations",
    )


async def test_a_crisis_may_be_kept_longer(database: Database) -> None:
    kept = Retention(conversations=30, crisis=365)
    await database.write(live)
    await database.write(
        lambda c: log.write(c, Entry("c2", "web", AT, (Message(2, "bot", "answer", "x", AT),)))
    )
    assert await due(database, kept, AT + 31 * DAY) == ["c2"]
    assert await due(database, kept, AT + 365 * DAY) == []
    assert await due(database, kept, AT + 366 * DAY) == ["c1"]


async def test_each_kind_of_record_has_its_own_time(database: Database) -> None:
    kept = Retention(conversations=3650, callbacks=7, notes=14, notices=30, invitations=90)

    def write(c: Connection) -> None:
        live(c)
        c.execute(update(callbacks).values(done_at=AT, done_by=ANA, outcome="reached"))
        row = {"conversation_id": "c1", "seq": 10, "kind": "crisis", "repeat": 0, "place": "x"}
        c.execute(notices.insert().values(**row, queued_at=AT, due_at=AT, sent_at=AT))
        c.execute(text("UPDATE alerts SET acknowledged_at = 1"))
        c.execute(invitations.insert().values(digest="d", role="agent", until=AT))

    await database.write(write)

    async def gone(days: int) -> dict[str, int]:
        return await database.write(lambda c: retention.delete_due(c, kept, AT + days * DAY + 1))

    assert await gone(6) == {}
    assert await gone(7) == {"callbacks": 1}
    call_row = (await database.read(lambda c: c.execute(select(callbacks)).all()))[0]
    assert (call_row.name, call_row.phone, call_row.topic) == (GONE, GONE, None)
    assert await gone(7) == {}
    assert await gone(14) == {"notes": 1}
    assert await database.read(lambda c: c.execute(select(notes_table)).all()) == []
    assert await gone(30) == {"notices": 1}
    assert await gone(90) == {"invitations": 1}
    assert (await gone(2190)).keys() == {"audit"}
    assert (await database.read(verify)).troubles == ()


async def test_what_stands_for_words_that_are_gone_is_not_sealed(database: Database) -> None:
    kept = Retention(callbacks=7)
    await database.write(live)
    await database.write(lambda c: c.execute(update(callbacks).values(done_at=AT)) and None)

    async def gone() -> dict[str, int]:
        return await database.write(lambda c: retention.delete_due(c, kept, AT + 8 * DAY))

    assert await gone() == {"callbacks": 1}
    # What a desk does that starts anew.
    keys, _ = await database.read(lambda c: persons.plain_rows(c, "callbacks"))
    await database.write(lambda c: persons.seal_rows(c, "callbacks", keys))
    assert keys == []
    assert await gone() == {}


async def test_nothing_of_what_is_held_goes_by_age(database: Database) -> None:
    kept = Retention(callbacks=1, notes=1)
    await database.write(live)
    await database.write(lambda c: c.execute(update(callbacks).values(done_at=AT)) and None)
    await database.write(lambda c: holds.put_on(c, "c1", "a court", ANA, AT))
    assert await database.write(lambda c: retention.delete_due(c, kept, AT + 90 * DAY)) == {}


def test_a_center_says_how_long() -> None:
    kept = Retention.of_center(60, {"notes": 5, "audit": None})
    assert (kept.conversations, kept.notes, kept.audit) == (60, 5, 2190)
    assert Retention.of_center(60, None) == Retention(conversations=60)


async def test_all_that_is_held_of_a_person_is_exported(database: Database) -> None:
    await database.write(live)
    await database.write(lambda c: live(c, "c2"))

    def mark(c: Connection) -> None:
        audit.note(c, ANA, "read", "c1", at=AT)

    await database.write(mark)
    found = await database.write(lambda c: exporting.export_person(c, "c1", ANA, AT + 5))
    assert found is not None
    words = json.loads(orjson.dumps(found))
    assert str(words).count("zebrafinch") == 1
    for marker in MARKERS:
        assert marker in str(words)
    (mine,) = words["conversations"]
    assert mine["id"] == "c1"
    assert mine["callbacks"][0]["phone"] == "+12135550142"
    assert mine["answer_ratings"] == [{"seq": 12, "at": AT, "score": 0}]
    assert [deed["action"] for deed in mine["audit"]][-1] == "exported"
    newest = (await database.read(audit.newest))[0]
    assert (newest["action"], newest["subject"], newest["detail"]) == ("exported", "c1", "person")
    nobody = await database.write(lambda c: exporting.export_person(c, "none", ANA, AT))
    assert nobody is None


def test_an_export_leaves_no_table_out_unless_it_says_why() -> None:
    of_persons = {name for name, table in metadata.tables.items() if "conversation_id" in table.c}
    told = {table.name for table in exporting.PARTS.values()} | {"return_codes"}
    told |= set(exporting.NOT_EXPORTED) | {"erasures"}
    assert of_persons <= told


def test_every_table_of_a_person_goes_with_the_conversation() -> None:
    for name, table in metadata.tables.items():
        if "conversation_id" in table.c and name != "erasures":
            (key,) = table.c.conversation_id.foreign_keys
            assert key.ondelete == "CASCADE", name
