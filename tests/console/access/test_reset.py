"""`make reset-staff`: the way back in for whoever has the machine."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from setup import errors
from store import audit
from supervisor import reset_staff
from tests.console.entering import PASSWORD, Staff


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'log.db'}")
    monkeypatch.setenv("IOP_STATE", str(tmp_path))
    monkeypatch.setenv("IOP_ALERTS_FILE", "/dev/null")
    return monkeypatch


async def run() -> int:

    return await asyncio.to_thread(reset_staff.main)


async def test_the_only_administrator_gets_back_in(
    staff: Staff, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await staff.enter()
    ana, session = staff.people[0], staff.cookie()
    environment.setenv("EMAIL", staff.email(ana).upper())
    staff.clock.at = reset_staff.Access(key=b"").clock()
    assert await run() == 0
    found = re.search(r"/invitation/[\w-]{43}", capsys.readouterr().out)
    assert found
    staff.http.cookie_jar.clear()
    assert (await staff.get("/me", Cookie=f"{staff.access.cookie}={session}"))[0] == 401
    old = {"email": staff.email(ana), "password": PASSWORD}
    new = {"password": "seven quiet rivers run north"}
    assert "Set up the second factor" in (await staff.form(found[0], found[0], **new))[1]
    staff.http.cookie_jar.clear()
    assert (await staff.form("/sign-in", "/sign-in", **old))[0] == 401
    deeds = await staff.database.read(audit.newest)
    done = {(deed["action"], deed["staff_id"]) for deed in deeds if deed["subject"] == ana.id}
    assert ("second factor reset", None) in done
    assert ("password link", None) in done


@pytest.mark.parametrize("email", ["", "nobody@example.org"])
async def test_nothing_is_done_to_nobody(
    staff: Staff,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    email: str,
) -> None:
    await staff.account()
    environment.setenv("EMAIL", email)
    assert await run() == 1
    assert errors.NO_ACCOUNT in capsys.readouterr().err
    assert await staff.database.read(audit.newest) == []
