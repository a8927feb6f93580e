"""What happened since somebody left, and their notes, on both databases."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from store import audit, handover, sealing, shifts
from store.database import Database
from store.key_file import NAME
from tests.store.history import MARIA, at, fill


@pytest.fixture
async def filled(database: Database) -> Database:
    await database.write(fill)
    return database


async def test_what_happened_is_counted_from_a_moment_on(filled: Database) -> None:
    found = await filled.read(lambda c: shifts.happened(c, at(9, 0)))
    assert asdict(found) == {
        "begun": 7,
        "asked": 1,
        "taken": 1,
        "resolved": 1,
        "crises": 1,
        "acknowledged": 1,
        "calls_asked": 1,
        "calls_done": 0,
        "rated": 1,
        "helped": 1,
    }
    later = await filled.read(lambda c: shifts.happened(c, at(14, 2)))
    assert (later.begun, later.asked, later.taken, later.crises) == (3, 0, 1, 1)
    none = await filled.read(lambda c: shifts.happened(c, at(1, 0, 12)))
    assert set(asdict(none).values()) == {0}


async def test_somebody_left_with_their_last_deed_before_the_session(database: Database) -> None:
    def deeds(c: Connection) -> None:
        for who, action, moment in (
            (MARIA, "signed in", 100),
            (MARIA, "read", 200),
            (MARIA, "signed out", 300),
            ("other", "read", 350),
            (MARIA, "sign-in failed", 400),
            (MARIA, "signed in", 500),
            (MARIA, "read", 600),
        ):
            audit.note(c, who, action, at=moment)

    await database.write(deeds)
    assert await database.read(lambda c: shifts.left_at(c, MARIA, 500)) == 300
    assert await database.read(lambda c: shifts.left_at(c, MARIA, 300)) == 200
    assert await database.read(lambda c: shifts.left_at(c, MARIA, 100)) is None


async def test_notes_are_kept_the_newest_first_and_noted(database: Database) -> None:
    for moment, words in ((1, "first"), (2, "second")):
        await database.write(lambda c, m=moment, w=words: handover.write(c, MARIA, w, m))
    found = await database.read(handover.newest)
    assert [(each.text, each.at, each.staff_id) for each in found] == [
        ("second", 2, MARIA),
        ("first", 1, MARIA),
    ]
    assert [row["action"] for row in await database.read(audit.newest)] == ["hand-over note"] * 2


async def test_a_note_is_sealed_and_its_key_goes_with_it(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_default", [])
    sealing.use(tmp_path / NAME)
    await database.write(lambda c: handover.write(c, MARIA, "MARKERWORD", 5))
    raw = await database.read(
        lambda c: c.execute(text("SELECT text FROM handover_notes")).scalar_one()
    )
    assert raw.startswith(sealing.MARK)
    assert "MARKERWORD" not in raw
    assert (await database.read(handover.newest))[0].text == "MARKERWORD"
    assert await database.write(lambda c: handover.forget(c, 6)) == 1
    assert await database.read(handover.newest) == []
    keys = text("SELECT count(*) FROM person_keys")
    assert await database.read(lambda c: c.execute(keys).scalar_one()) == 0
