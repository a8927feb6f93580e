from __future__ import annotations

import re

import pytest

from console.access import errors
from store import recovery_codes
from store import staff as accounts
from tests.console.access.test_accounts import account, newest
from tests.console.entering import PASSWORD, Staff

NEW = "seven quiet rivers run north"


@pytest.mark.parametrize("presence", ["available", "away", "call"])
async def test_presence_is_noted(staff: Staff, presence: str) -> None:
    await staff.enter("agent")
    await staff.post("/me/presence", presence=presence)
    found = await account(staff)
    assert (found.presence, found.presence_at) == (presence, staff.clock())


@pytest.mark.parametrize("path", ["/me/password", "/me/recovery", "/me/second-factor"])
async def test_a_wrong_present_password_is_noted_like_one_at_sign_in(
    staff: Staff, path: str
) -> None:
    await staff.enter("agent")
    await staff.post(path, password="wrong", new=NEW)
    assert (await newest(staff))[0] == "sign-in failed"


async def test_an_unknown_presence_is_refused(staff: Staff) -> None:
    await staff.enter("agent")
    status, page = await staff.post("/me/presence", presence="asleep")
    assert (status, errors.NO_PRESENCE in page) == (422, True)


async def test_a_new_password_ends_all_other_sessions(staff: Staff) -> None:
    await staff.enter("agent")
    other = staff.cookie()
    await staff.be(staff.people[0].id)
    status, page = await staff.post("/me/password", password=PASSWORD, new=NEW)
    assert (status, "Your password is changed" in page) == (200, True)
    assert (await newest(staff))[0] == "password changed"
    assert (await staff.get("/me"))[0] == 200
    staff.http.cookie_jar.clear()
    assert (await staff.get("/me", Cookie=f"{staff.access.cookie}={other}"))[0] == 401
    form = {"email": staff.email(staff.people[0]), "password": NEW}
    assert (await staff.form("/sign-in", "/sign-in", **form))[0] == 200


@pytest.mark.parametrize(
    ("password", "new", "words"),
    [
        ("wrong", NEW, errors.NOT_YOURS),
        ("", NEW, errors.NOT_YOURS),
        (PASSWORD, "short", errors.TOO_SHORT),
        (PASSWORD, "ana diaz ana diaz", errors.TOO_EASY),
    ],
)
async def test_a_password_is_not_changed_by_whoever_finds_the_screen_open(
    staff: Staff, password: str, new: str, words: str
) -> None:
    await staff.enter("agent")
    status, page = await staff.post("/me/password", password=password, new=new)
    assert (status, words in page) == (422, True)
    email = staff.email(staff.people[0])
    _, kept = await staff.database.read(lambda c: accounts.credentials(c, email))
    assert kept == staff.hashed


async def test_the_present_password_is_guessed_no_faster_than_at_sign_in(staff: Staff) -> None:
    await staff.enter("agent")
    for _ in range(5):
        await staff.post("/me/recovery", password="wrong")
    status, page = await staff.post("/me/recovery", password=PASSWORD)
    assert (status, errors.TOO_MANY in page) == (422, True)


async def test_new_recovery_codes_take_the_place_of_the_old(staff: Staff) -> None:
    await staff.enter("agent")
    who = staff.people[0].id
    pages = [(await staff.post("/me/recovery", password=PASSWORD))[1] for _ in range(2)]
    old, new = (re.findall(r"<li><code>([^<]+)<", page) for page in pages)
    assert len({*old, *new}) == 20
    assert await staff.database.read(lambda c: recovery_codes.left(c, who)) == 10
    await staff.be(who, complete=False)
    form = {"page": "/sign-in/code", "to": "/sign-in/code"}
    assert (await staff.form(**form, recovery=old[0]))[0] == 401
    assert (await staff.form(**form, recovery=new[0]))[0] == 200


async def test_another_phone_is_set_up_after_the_password_alone(staff: Staff) -> None:
    await staff.enter("agent")
    assert (await staff.post("/me/second-factor", password="wrong"))[0] == 422
    assert (await account(staff)).has_second_factor
    old = staff.cookie()
    _, page = await staff.post("/me/second-factor", password=PASSWORD)
    assert "Set up the second factor" in page
    staff.http.cookie_jar.clear()
    assert (await staff.get("/me", Cookie=f"{staff.access.cookie}={old}"))[0] == 401
