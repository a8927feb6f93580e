"""Administrators see what staff did, by person, deed and day; and whether it is whole."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from store import audit
from store.audit_chain import Anchors
from supervisor import audit as command
from tests.console.entering import AT, HOUR, Staff

DAY = 24 * HOUR


def deeds(connection: Connection, who: str, count: int = 3, at: int = AT) -> None:
    for number in range(count):
        audit.note(connection, who, "read", f"c{number}", at=at + number)


def rows(page: str) -> list[str]:
    return re.findall(r'<th scope="row">(\d+)</th>', page)


async def last(staff: Staff) -> dict[str, Any]:
    return (await staff.database.read(audit.newest))[0]


async def test_what_was_done_is_shown_and_that_it_was_looked_at(staff: Staff) -> None:
    await staff.enter()
    await staff.database.write(lambda c: deeds(c, staff.people[0].id))
    status, page = await staff.get("/audit")
    assert status == 200
    assert rows(page) == ["3", "2", "1"]
    assert "<td>Ana Diaz</td><td>read</td><td>c2</td>" in page
    assert (await last(staff))["action"] == "audit read"
    assert 'href="/audit"' in page


async def test_it_is_filtered_by_person_deed_day_and_subject(staff: Staff) -> None:
    await staff.enter()
    ana, sam = staff.people[0], await staff.account("agent", "Sam Lee")
    await staff.database.write(lambda c: deeds(c, ana.id, 1))
    await staff.database.write(lambda c: deeds(c, sam.id, 2, AT - 2 * DAY))
    await staff.database.write(lambda c: audit.note(c, None, "sign-in failed", at=AT))

    async def found(query: str) -> list[str]:
        return rows((await staff.get(f"/audit?{query}"))[1])

    assert await found(f"person={sam.id}") == ["3", "2"]
    assert await found("person=-") == ["4"]
    assert await found("deed=sign-in+failed") == ["4"]
    assert await found("subject=c1") == ["3"]
    assert await found(f"subject=c0&person={ana.id}") == ["1"]
    zone = staff.app.ctx.fragments.zone
    day = datetime.fromtimestamp((AT - 2 * DAY) / 1000, zone).date().isoformat()
    assert await found(f"day={day}") == ["3", "2"]
    assert await found("day=1999-01-01") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("day=yesterday", 422),
        ("day=2026-02-31", 422),
        ("day=9999-12-31", 422),
        ("day=9001-01-01", 422),
        ("day=0001-01-01", 422),
        ("day=9000-12-31", 200),
        ("before=x", 200),
        ("before=99999999999999999999", 200),
        ("person=%27%3B--", 200),
        ("deed=<script>", 200),
    ],
)
async def test_bad_filters_are_borne(staff: Staff, query: str, status: int) -> None:
    await staff.enter()
    got, page = await staff.get(f"/audit?{query}")
    assert got == status
    assert "<script>" not in page


async def test_it_is_shown_page_by_page(staff: Staff) -> None:
    await staff.enter()
    await staff.database.write(lambda c: deeds(c, staff.people[0].id, 150))
    _, page = await staff.get("/audit?deed=read")
    assert len(rows(page)) == 100
    older = re.search(r'href="(/audit\?[^"]*before=51)"', page)
    assert older
    _, page = await staff.get(older[1].replace("&amp;", "&"))
    assert rows(page) == [str(number) for number in range(50, 0, -1)]
    assert "Newest" in page


async def forge(staff: Staff) -> None:
    def write(c: Connection) -> None:
        c.execute(text("DROP TRIGGER audit_unchanged"))
        c.execute(text("UPDATE audit SET subject = 'c9' WHERE id = 2"))

    await staff.database.write(write)


async def test_the_page_says_whether_it_is_whole(staff: Staff, tmp_path: Path) -> None:
    await staff.enter()
    await staff.database.write(lambda c: deeds(c, staff.people[0].id))
    assert "The audit is whole" in (await staff.post("/audit/check"))[1]
    await forge(staff)
    page = (await staff.post("/audit/check"))[1]
    assert '<p class="warning">row 2 was changed</p>' in page


async def test_make_audit_names_the_row_that_was_changed(
    staff: Staff,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'log.db'}")
    monkeypatch.setenv("IOP_STATE", str(tmp_path))
    await staff.database.write(lambda c: deeds(c, "ana"))
    assert await asyncio.to_thread(command.main) == 0
    assert "The audit is whole: 3 rows" in capsys.readouterr().out
    Anchors(tmp_path / command.ANCHORS).add(AT, 4, "0" * 64)
    assert await asyncio.to_thread(command.main) == 1
    assert "row 4 is missing" in capsys.readouterr().out
    await forge(staff)
    assert await asyncio.to_thread(command.main) == 1
    assert "row 2 was changed" in capsys.readouterr().out


@pytest.mark.parametrize("role", ["agent", "clinician", "reviewer"])
async def test_others_do_not_see_it(staff: Staff, role: str) -> None:
    await staff.enter(role)
    assert (await staff.get("/audit"))[0] == 403
    assert (await staff.post("/audit/check"))[0] == 403
