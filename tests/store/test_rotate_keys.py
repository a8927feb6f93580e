"""`make rotate-keys`: a new master key, under a running desk, and nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from setup import errors
from store import key_file, log, review, sealing
from store.database import Database
from store.migrate import migrate
from store.records import Entry, Message
from store.spill import LOCKED, Spill
from supervisor import rotate_keys

AT = 1_795_579_500_000


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sealing, "_default", [])
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    monkeypatch.setenv("IOP_STATE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", url)
    migrate(url)
    return url


async def test_words_are_read_after_the_change(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sealing.use(tmp_path / key_file.NAME)
    (old,) = file.read()
    database = Database(url)
    message = Message(10, "visitor", "text", "MARKERWORD", AT)
    await database.write(lambda c: log.write(c, Entry("c1", "web", AT, (message,))))
    assert await asyncio.to_thread(rotate_keys.main) == 0
    assert "1 persons' keys are under it, 1 old master keys are gone" in capsys.readouterr().out
    (new,) = key_file.KeyFile(file.path).read()
    assert new != old
    assert file.path.stat().st_mode & 0o777 == 0o600
    # The desk that runs goes on, and so does one that starts now.
    await database.write(lambda c: log.write(c, Entry("c2", "web", AT, (message,))))
    for one in (database, Database(url)):
        for conversation in ("c1", "c2"):
            (row,) = await one.read(lambda c, x=conversation: review.transcript(c, x))
            assert row["text"] == "MARKERWORD"
        one.close()


def test_a_file_that_holds_no_keys_is_not_touched(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / key_file.NAME).write_text("no keys")
    assert rotate_keys.main() == rotate_keys.FAILED
    assert "holds no keys" in capsys.readouterr().err
    assert (tmp_path / key_file.NAME).read_text() == "no keys"


def test_a_wrong_setting_is_said(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IOP_PORT", "x")
    assert rotate_keys.main() == errors.EXIT_REFUSED


async def test_words_that_wait_in_the_spill_file_are_not_lost(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sealing.use(tmp_path / key_file.NAME)
    (old,) = file.read()
    message = Message(10, "visitor", "text", "MARKERWORD", AT)
    spill = Spill(tmp_path, file)
    await spill.add(Entry("c1", "web", AT, (message,)))
    assert await asyncio.to_thread(rotate_keys.main) == 0
    assert "Old keys that stay: 1." in capsys.readouterr().out
    assert old in key_file.KeyFile(file.path).read()
    database = Database(url)
    assert await spill.replay(lambda one: database.write(lambda c: log.replay(c, one))) == 1
    (row,) = await database.read(lambda c: review.transcript(c, "c1"))
    assert row["text"] == "MARKERWORD"
    # When none waits any more, they go.
    assert await asyncio.to_thread(rotate_keys.main) == 0
    assert "2 old master keys are gone" in (told := capsys.readouterr().out)
    assert "stay" not in told
    assert not (tmp_path / LOCKED).exists()
    database.close()
    spill.close()
