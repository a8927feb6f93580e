"""Time-outs, the lock, and what ends a session at once; with a clock that is moved."""

from __future__ import annotations

from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest

from console.access import errors, still_open
from console.access.settings import digest
from store import alert_lists, staff_sessions
from store import staff as accounts
from store.errors import StoreError
from tests.console.access.test_sign_in import deeds, with_password
from tests.console.entering import HOUR, MINUTE, PASSWORD, Staff
from tests.console.test_alerts import entry, write

DRAFT = "I hear you. <b>Call</b> me & we talk."


async def test_a_session_that_rests_is_locked(staff: Staff) -> None:
    await staff.enter()
    for _ in range(3):
        staff.clock.pass_(15 * MINUTE - 1)
        assert (await staff.get("/"))[0] == 200
    staff.clock.pass_(15 * MINUTE)
    status, page = await staff.get("/alerts")
    assert (status, "Locked" in page) == (401, True)
    assert "No alert is open" not in page


@pytest.mark.parametrize("path", ["/alerts?again=1", "/me?again=1", "/static/console.css"])
async def test_what_a_page_asks_for_by_itself_keeps_no_session_open(
    staff: Staff, path: str
) -> None:
    await staff.enter()
    staff.clock.pass_(10 * MINUTE)
    await staff.get(path)
    staff.clock.pass_(5 * MINUTE)
    assert (await staff.get("/"))[0] == 401


async def test_a_session_ends_after_twelve_hours_of_work(staff: Staff) -> None:
    await staff.enter()
    for _ in range(12 * 6 - 1):
        staff.clock.pass_(10 * MINUTE)
        assert (await staff.get("/"))[0] == 200
    staff.clock.pass_(10 * MINUTE)
    status, page = await staff.get("/")
    assert (status, "Your session is over" in page) == (401, True)


async def lock(staff: Staff) -> str:
    await staff.enter()
    staff.clock.pass_(20 * MINUTE)
    return staff.cookie()


async def test_the_password_unlocks_under_a_new_cookie_and_leads_back(staff: Staff) -> None:
    old = await lock(staff)
    status, page = await staff.form(
        "/alerts?still=1", "/unlock", password=PASSWORD, back="/alerts?still=1"
    )
    assert (status, "<h1>Alerts" in page) == (200, True)
    assert staff.cookie() != old
    assert (await deeds(staff))[0][1] == "unlocked"
    assert await staff.database.read(lambda c: staff_sessions.find(c, digest(old))) is None


async def test_unlocking_does_not_move_the_absolute_limit(staff: Staff) -> None:
    await lock(staff)
    await staff.form("/", "/unlock", password=PASSWORD, back="/")
    for _ in range(70):
        staff.clock.pass_(10 * MINUTE)
        await staff.get("/")
    assert "Your session is over" in (await staff.get("/"))[1]


async def test_a_lock_is_not_opened_by_guessing(staff: Staff) -> None:
    await lock(staff)
    for _ in range(5):
        status, page = await staff.form("/", "/unlock", password="wrong", back="/")
        assert (status, errors.NOT_YOURS in page) == (401, True)
    status, page = await staff.form("/", "/unlock", password=PASSWORD, back="/")
    assert (status, errors.TOO_MANY in page) == (429, True)


async def test_a_lock_is_not_opened_by_another_password(staff: Staff) -> None:
    await lock(staff)
    other = await staff.account("agent", "Bo Li")
    form = {"password": PASSWORD, "email": staff.email(other), "back": "/"}
    await staff.form("/", "/unlock", **form)
    assert "Ana Diaz" in (await staff.get("/"))[1]


async def test_while_locked_nothing_is_done(staff: Staff) -> None:
    await lock(staff)
    await write(staff, entry())
    assert (await staff.post("/alerts/acknowledge", conversation="c1", seq="10"))[0] == 401
    assert await staff.database.read(alert_lists.count_open) == 1


@pytest.mark.parametrize("minutes", [20, 13 * 60])
async def test_what_was_written_too_late_is_kept_in_the_page(staff: Staff, minutes: int) -> None:
    await staff.enter()
    staff.clock.pass_(minutes * MINUTE)
    headers = {"Referer": f"{staff.url}/conversations/c1"}
    status, page = await staff.post("/alerts/acknowledge", headers, text=DRAFT)
    assert status == 401
    kept = page.split("data-kept-for=")[1].split("</div>")[0]
    assert staff.people[0].id in kept
    assert 'data-action="/alerts/acknowledge"' in kept
    assert unescape(kept.split('data-name="text">')[1].split("</span>")[0]) == DRAFT
    assert 'name="back" value="/conversations/c1"' in page
    assert staff.proof not in kept


async def test_no_password_is_kept_in_the_page(staff: Staff) -> None:
    await lock(staff)
    new = "seven quiet rivers run north"
    status, page = await staff.post("/me/password", password=PASSWORD, new=new)
    assert status == 401
    assert "data-kept-for" not in page
    assert new not in page


@pytest.mark.parametrize(
    ("proof", "headers"), [("wrong", {}), ("", {"Origin": "https://evil.example"})]
)
async def test_what_another_site_posted_is_not_kept(
    staff: Staff, proof: str, headers: dict[str, str]
) -> None:
    await lock(staff)
    form = {"text": DRAFT, "proof": proof or staff.proof}
    assert "data-kept-for" not in (await staff.post("/alerts/acknowledge", headers, **form))[1]


async def test_another_person_is_not_led_to_where_the_one_before_was(staff: Staff) -> None:
    await lock(staff)
    other = await staff.account("agent", "Bo Li")
    asked = {"email": staff.email(other), "password": PASSWORD, "back": "/conversations/c1"}
    async with staff.http.get(f"{staff.url}/sign-in") as answer:
        proof = (await answer.text()).split('name="proof" value="')[1].split('"')[0]
    async with staff.http.post(
        f"{staff.url}/sign-in", data={**asked, "proof": proof}, allow_redirects=False
    ) as answer:
        assert answer.headers["Location"] == "/sign-in/code"


async def test_the_same_person_is_led_back(staff: Staff) -> None:
    await staff.enter()
    staff.clock.pass_(13 * HOUR)
    back = "/conversations/c1?after=3"
    await staff.form(
        back, "/sign-in", email=staff.email(staff.people[0]), password=PASSWORD, back=back
    )
    _, page = await staff.get("/sign-in/code?back=/conversations/c1%3Fafter%3D3")
    assert f'value="{back}"' in page


async def test_a_closed_account_is_out_at_once(staff: Staff) -> None:
    await staff.enter("agent")
    await staff.database.write(lambda c: accounts.close(c, staff.people[0].id, staff.clock()))
    status, page = await staff.get("/")
    assert (status, "Sign in" in page) == (401, True)
    assert (await staff.post("/leave"))[0] == 401


async def test_a_changed_role_counts_from_the_next_click(staff: Staff) -> None:
    await staff.enter("administrator")
    await staff.account("administrator", "Bo Li")
    assert (await staff.get("/staff"))[0] == 200
    await staff.database.write(lambda c: accounts.set_role(c, staff.people[0].id, "reviewer"))
    assert (await staff.get("/staff"))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [{"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}, {"Accept": "text/event-stream"}],
)
async def test_a_script_gets_the_status_and_no_page(staff: Staff, headers: dict[str, str]) -> None:
    await lock(staff)
    assert await staff.get("/", **headers) == (401, "")


async def test_a_stream_can_ask_whether_it_is_still_wanted(staff: Staff) -> None:
    await staff.enter("agent")
    cookies = {staff.access.cookie: staff.cookie()}
    request: Any = SimpleNamespace(app=staff.app, cookies=cookies)
    assert await still_open(request)
    staff.clock.pass_(15 * MINUTE)
    assert not await still_open(request)
    staff.clock.pass_(-15 * MINUTE)
    await staff.database.write(lambda c: accounts.close(c, staff.people[0].id, 1))
    assert not await still_open(request)


async def test_signing_out_ends_the_session_itself_not_only_the_cookie(staff: Staff) -> None:
    await staff.enter()
    cookie = staff.cookie()
    await staff.post("/leave")
    assert (await staff.get("/", Cookie=f"{staff.access.cookie}={cookie}"))[0] == 401


async def test_a_page_is_shown_while_nothing_can_be_written(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise StoreError

    await staff.enter()
    staff.clock.pass_(MINUTE)
    monkeypatch.setattr(staff.app.ctx.writer, "write", refuse)
    assert (await staff.get("/alerts"))[0] == 200


async def test_signing_in_again_ends_the_session_before(staff: Staff) -> None:
    await staff.enter()
    cookie = staff.cookie()
    await with_password(staff, staff.email(staff.people[0]))
    assert await staff.database.read(lambda c: staff_sessions.find(c, digest(cookie))) is None


async def test_pages_learn_how_long_is_left_without_prolonging_it(staff: Staff) -> None:
    await staff.enter()
    staff.clock.pass_(14 * MINUTE)
    assert await staff.get("/me/idle") == (200, f'{{"left":{MINUTE}}}')
    assert await staff.get("/me/here") == (200, f'{{"left":{15 * MINUTE}}}')
    staff.clock.pass_(14 * MINUTE)
    assert await staff.get("/me/idle") == (200, f'{{"left":{MINUTE}}}')


async def test_nobody_learns_of_more_than_the_absolute_limit(staff: Staff) -> None:
    await staff.enter()
    for _ in range(71):
        staff.clock.pass_(10 * MINUTE)
        await staff.get("/me")
    assert await staff.get("/me/here") == (200, f'{{"left":{10 * MINUTE}}}')
