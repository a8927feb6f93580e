"""What waits beside the database is in its backup, and comes back once and in order."""

from __future__ import annotations

import asyncio

import pytest

from desk.settings import Settings
from store import backup_file, key_file, log
from store.database import Database
from store.key_file import KeyFile
from store.records import Entry, Message
from store.spill import Spill
from supervisor import backup
from tests.supervisor.backups import AT, do, erase, ids, make, put_back


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
