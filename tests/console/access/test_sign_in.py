from __future__ import annotations

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher

from console.access import errors, tries
from console.access.settings import digest
from console.databases import LIMIT
from store import audit, staff_sessions
from store import staff as accounts
from store.database import Database
from tests.console.entering import HOUR, MINUTE, PASSWORD, Staff, console_of


async def with_password(staff: Staff, email: str, password: str = PASSWORD) -> tuple[int, str]:
    return await staff.form("/sign-in", "/sign-in", email=email, password=password)


async def deeds(staff: Staff) -> list[tuple[str | None, str, str | None]]:
    rows = await staff.database.read(audit.newest)
    return [(row["staff_id"], row["action"], row["detail"]) for row in rows]


async def test_password_and_code_open_the_console(staff: Staff) -> None:
    ana = await staff.account()
    status, page = await with_password(staff, staff.email(ana).upper())
    assert (status, "Second factor" in page) == (200, True)
    assert "Second factor" in (await staff.get("/"))[1]
    status, page = await staff.form("/sign-in/code", "/sign-in/code", code=staff.code())
    assert (status, "Sign out" in page) == (200, True)
    assert await deeds(staff) == [(ana.id, "signed in", "code")]


@pytest.mark.parametrize("path", ["/", "/alerts", "/conversations/x", "/me", "/staff"])
async def test_the_password_alone_opens_nothing(staff: Staff, path: str) -> None:
    ana = await staff.account()
    await staff.be(ana.id, complete=False)
    _, page = await staff.get(path)
    assert "Code from your app" in page
    assert (await staff.post("/alerts/acknowledge", conversation="c", seq="1"))[1] == page


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ana.administrator@example.org", "wrong horse battery staple"),
        ("ana.administrator@example.org", ""),
        ("nobody@example.org", PASSWORD),
        ("bo.agent@example.org", PASSWORD),
        ("", ""),
        ("' or 1=1 --", "x"),
        ("\x00", "\ud7ff" * 200),
    ],
)
async def test_unknown_wrong_and_closed_are_answered_alike(
    staff: Staff, email: str, password: str
) -> None:
    await staff.account()
    closed = await staff.account("agent", "Bo Li")
    await staff.database.write(lambda c: accounts.close(c, closed.id, 1))
    status, page = await with_password(staff, email, password)
    assert status == 401
    assert errors.NOT_KNOWN in page
    assert staff.cookie() == ""
    assert (await deeds(staff))[0][1] == "sign-in failed"


async def test_nothing_of_the_answer_tells_who_has_an_account(staff: Staff) -> None:
    ana = await staff.account()
    known = (await with_password(staff, staff.email(ana), "x" * 12))[1]
    unknown = (await with_password(staff, "zoe.administrator@example.org", "x" * 12))[1]
    assert known.replace(staff.email(ana), "") == unknown.replace(
        "zoe.administrator@example.org", ""
    )


async def test_unknown_accounts_take_as_much_work_as_known_ones(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await staff.account()
    checked: list[str] = []
    verify = PasswordHasher.verify

    def count(hasher: PasswordHasher, kept: Any, password: Any) -> Any:
        # Its parameters are what makes a check as dear as another.
        checked.append(str(kept).rsplit("$", 2)[0])
        return verify(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", count)
    for email in (staff.email(ana), "zoe.administrator@example.org"):
        await with_password(staff, email, "x" * 12)
    known, unknown = checked
    assert known == unknown


async def test_the_email_of_nobody_is_not_kept(staff: Staff) -> None:
    await with_password(staff, "my-password-by-mistake")
    assert await deeds(staff) == [(None, "sign-in failed", "password")]
    kept = await staff.database.read(
        lambda c: c.exec_driver_sql("select key from sign_in_tries").scalars().all()
    )
    assert [len(key) for key in kept] == [64, 64]


@pytest.mark.parametrize("email", ["ana.administrator@example.org", "nobody@example.org"])
async def test_the_sixth_try_within_a_quarter_of_an_hour_is_refused(
    staff: Staff, email: str
) -> None:
    await staff.account()
    for _ in range(5):
        assert (await with_password(staff, email, "wrong"))[0] == 401
    status, page = await with_password(staff, email)
    assert (status, errors.TOO_MANY in page) == (429, True)
    staff.clock.pass_(15 * MINUTE - 1)
    assert (await with_password(staff, email.upper()))[0] == 429
    staff.clock.pass_(1)
    assert (await with_password(staff, email))[0] == (401 if email.startswith("nobody") else 200)


async def test_many_tries_at_once_are_no_way_around(staff: Staff) -> None:
    await staff.account()
    await staff.get("/sign-in")
    pages = await asyncio.gather(
        *(with_password(staff, "ana.administrator@example.org", f"guess{n}") for n in range(12))
    )
    assert sorted(status for status, _ in pages) == [401] * 5 + [429] * 7


async def test_an_address_that_tries_many_accounts_is_slowed_down(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "PER_ADDRESS", 3)
    for number in range(3):
        assert (await with_password(staff, f"a{number}@example.org"))[0] == 401
    assert (await with_password(staff, "b@example.org"))[0] == 429


async def test_a_password_that_fits_forgets_the_tries_before(staff: Staff) -> None:
    ana = await staff.account()
    for _ in range(3):
        for _ in range(4):
            await with_password(staff, staff.email(ana), "wrong")
        assert (await with_password(staff, staff.email(ana)))[0] == 200


async def test_the_cookie_is_guarded_and_new_at_every_step(staff: Staff) -> None:
    ana = await staff.account()
    seen = [staff.cookie()]
    await with_password(staff, staff.email(ana))
    seen.append(staff.cookie())
    await staff.form("/sign-in/code", "/sign-in/code", code=staff.code())
    seen.append(staff.cookie())
    assert len(set(seen)) == 3
    for old in seen[1:2]:
        assert await staff.database.read(lambda c, o=old: staff_sessions.find(c, digest(o))) is None


@pytest.mark.parametrize("planted", ["0" * 43, "a", "' or ''='"])
async def test_a_planted_session_is_never_taken_on(staff: Staff, planted: str) -> None:
    ana = await staff.account()
    staff.http.cookie_jar.update_cookies({staff.access.cookie: planted})
    await with_password(staff, staff.email(ana))
    await staff.form("/sign-in/code", "/sign-in/code", code=staff.code())
    assert (await staff.get("/"))[0] == 200
    assert staff.cookie() != planted
    staff.http.cookie_jar.clear()
    headers = {"Cookie": f"{staff.access.cookie}={planted}"}
    assert (await staff.get("/", **headers))[0] == 401


async def test_a_half_session_that_somebody_planted_does_not_grow_whole(staff: Staff) -> None:
    eve, ana = await staff.account("agent", "Eve Ex"), await staff.account()
    planted = await staff.be(eve.id, complete=False)
    await with_password(staff, staff.email(ana))
    await staff.form("/sign-in/code", "/sign-in/code", code=staff.code())
    assert "Ana Diaz" in (await staff.get("/"))[1]
    staff.http.cookie_jar.clear()
    assert (await staff.get("/", Cookie=f"{staff.access.cookie}={planted}"))[0] == 401


@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 8000, "=;"])
async def test_a_forged_cookie_opens_nothing(staff: Staff, cookie: str) -> None:
    await staff.account()
    assert (await staff.get("/", Cookie=f"{staff.access.cookie}={cookie}"))[0] in (400, 401, 413)


async def test_what_is_stored_of_a_session_opens_nothing(staff: Staff) -> None:
    await staff.enter()
    stored = await staff.database.read(
        lambda c: c.exec_driver_sql("select digest from staff_sessions").scalar_one()
    )
    staff.http.cookie_jar.clear()
    assert (await staff.get("/", Cookie=f"{staff.access.cookie}={stored}"))[0] == 401


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/alerts?still=1", "/alerts?still=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
async def test_signing_in_leads_back_but_never_elsewhere(
    staff: Staff, asked: str, led: str
) -> None:
    ana = await staff.account()
    await staff.form("/sign-in", "/sign-in", email=staff.email(ana), password=PASSWORD, back=asked)
    proof = (await staff.get("/sign-in/code"))[1].split('name="proof" value="')[-1].split('"')[0]
    form = {"proof": proof, "code": staff.code(), "back": asked}
    async with staff.http.post(
        f"{staff.url}/sign-in/code", data=form, allow_redirects=False
    ) as answer:
        assert answer.headers["Location"] == led


async def test_over_https_cookies_leave_by_https_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("https")
    async with console_of(folder, url="https://staff.example.org") as staff:
        headers = {"Host": "staff.example.org"}
        async with staff.http.get(f"{staff.url}/sign-in", headers=headers) as answer:
            (cookie,) = answer.headers.getall("Set-Cookie")
            assert answer.headers["Strict-Transport-Security"]
        assert cookie.startswith("__Host-iop_console")
        for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            assert word in cookie
        assert "Domain" not in cookie
        assert (await staff.get("/sign-in", Host="other.example.org"))[0] == 421


async def test_a_password_that_was_hashed_weaker_is_hashed_anew(staff: Staff) -> None:
    ana = await staff.account()
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await staff.database.write(lambda c: accounts.set_password(c, ana.id, weak))
    await with_password(staff, staff.email(ana))
    _, kept = await staff.database.read(lambda c: accounts.credentials(c, staff.email(ana)))
    assert kept
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_no_step_of_signing_in_waits_for_the_database_without_end(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await staff.account()
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await staff.database.write(lambda c: accounts.set_password(c, ana.id, weak))
    limits: list[float | None] = []

    def watched(name: str) -> Any:
        true = getattr(Database, name)

        async def run(self: Database, work: Any, *, limit: float | None = None) -> Any:
            limits.append(limit)
            return await true(self, work, limit=limit)

        return run

    for name in ("read", "write"):
        monkeypatch.setattr(Database, name, watched(name))
    await with_password(staff, staff.email(ana))
    await staff.form("/sign-in/code", "/sign-in/code", code=staff.code())
    assert set(limits) == {LIMIT}


async def test_sessions_that_are_long_over_are_deleted(staff: Staff) -> None:
    await staff.enter("agent")
    staff.clock.pass_(25 * HOUR)
    ana = await staff.account()
    await with_password(staff, staff.email(ana))
    await staff.form("/sign-in/code", "/sign-in/code", code=staff.code())
    count = await staff.database.read(
        lambda c: c.exec_driver_sql("select count(*) from staff_sessions").scalar_one()
    )
    assert count == 1
