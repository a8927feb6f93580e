from __future__ import annotations

import re

import pytest

from console.access import errors
from store import audit, recovery_codes
from store import staff as accounts
from store.staff import Account
from tests.console.entering import PASSWORD, Staff


async def account(staff: Staff, number: int = 0) -> Account:
    found = await staff.database.read(lambda c: accounts.by_id(c, staff.people[number].id))
    assert found
    return found


async def do(staff: Staff, what: str, number: int, **form: str) -> tuple[int, str]:
    return await staff.post(f"/staff/{staff.people[number].id}/{what}", **form)


async def newest(staff: Staff) -> tuple[str, str | None, str | None, str | None]:
    row = (await staff.database.read(audit.newest))[0]
    return row["action"], row["staff_id"], row["subject"], row["detail"]


@pytest.fixture
async def two(staff: Staff) -> Staff:
    """An administrator is signed in; an agent has an account."""
    await staff.enter()
    await staff.account("agent", "Bo Li")
    return staff


async def test_an_administrator_sees_everybody(two: Staff) -> None:
    _, page = await two.get("/staff")
    assert "Ana Diaz" in page
    assert "bo.agent@example.org" in page


async def test_an_invitation_is_shown_once(two: Staff) -> None:
    status, page = await two.post("/staff/invite", role="clinician")
    assert status == 200
    found = re.search(rf'value="{re.escape(two.url)}(/invitation/[\w-]{{43}})"', page)
    assert found
    assert (await two.get(found[1]))[0] == 200
    assert "/invitation/" not in (await two.get("/staff"))[1]
    assert (await newest(two))[0] == "invited"


@pytest.mark.parametrize("role", ["", "owner", "Administrator"])
async def test_only_roles_that_there_are_can_be_given(two: Staff, role: str) -> None:
    assert (await two.post("/staff/invite", role=role))[0] == 422
    status, page = await do(two, "role", 1, role=role)
    assert (status, errors.NO_ROLE in page) == (422, True)
    assert (await account(two, 1)).role == "agent"


async def test_a_role_is_changed_and_written_down(two: Staff) -> None:
    await do(two, "role", 1, role="clinician")
    assert (await account(two, 1)).role == "clinician"
    ana, bo = two.people
    assert await newest(two) == ("role changed", ana.id, bo.id, "clinician")


@pytest.mark.parametrize("what", ["close", "role"])
async def test_the_last_administrator_stays(two: Staff, what: str) -> None:
    status, page = await do(two, what, 0, role="agent")
    assert (status, errors.LAST_ADMINISTRATOR in page) == (409, True)
    left = await account(two)
    assert (left.role, left.closed_at) == ("administrator", None)
    await do(two, "role", 1, role="administrator")
    assert (await do(two, what, 0, role="agent"))[0] in (200, 401, 403)
    gone = await account(two)
    assert gone.closed_at or gone.role == "agent"


async def test_a_closed_administrator_does_not_count(two: Staff) -> None:
    await do(two, "role", 1, role="administrator")
    await do(two, "close", 1)
    assert (await do(two, "close", 0))[0] == 409


async def test_closing_ends_sessions_and_sign_in(two: Staff) -> None:
    ana, bo = two.people
    session = await two.be(bo.id)
    await two.be(ana.id)
    await do(two, "close", 1)
    assert await newest(two) == ("account closed", ana.id, bo.id, None)
    two.http.cookie_jar.clear()
    assert (await two.get("/me", Cookie=f"{two.access.cookie}={session}"))[0] == 401
    form = {"email": two.email(bo), "password": PASSWORD}
    assert (await two.form("/sign-in", "/sign-in", **form))[0] == 401


async def test_an_account_that_is_opened_again_sets_up_a_new_second_factor(two: Staff) -> None:
    await do(two, "close", 1)
    await do(two, "open", 1)
    again = await account(two, 1)
    assert (again.closed_at, again.has_second_factor) == (None, False)


async def test_a_reset_takes_factor_codes_and_sessions(two: Staff) -> None:
    ana, bo = two.people
    await two.database.write(lambda c: recovery_codes.replace(c, bo.id, ["x"]))
    session = await two.be(bo.id)
    await two.be(ana.id)
    await do(two, "second-factor", 1)
    assert not (await account(two, 1)).has_second_factor
    assert await two.database.read(lambda c: recovery_codes.left(c, bo.id)) == 0
    assert await newest(two) == ("second factor reset", ana.id, bo.id, None)
    two.http.cookie_jar.clear()
    assert (await two.get("/me", Cookie=f"{two.access.cookie}={session}"))[0] == 401
    form = {"email": two.email(bo), "password": PASSWORD}
    assert "Set up the second factor" in (await two.form("/sign-in", "/sign-in", **form))[1]


async def test_a_password_link_is_made_and_written_down(two: Staff) -> None:
    ana, bo = two.people
    _, page = await do(two, "password", 1)
    assert "/invitation/" in page
    assert await newest(two) == ("password link", ana.id, bo.id, None)


@pytest.mark.parametrize("what", ["role", "second-factor", "password", "close", "open"])
async def test_nothing_is_done_to_nobody(two: Staff, what: str) -> None:
    status, _ = await two.post(f"/staff/nobody/{what}", role="agent")
    assert status == 404
    assert (await two.get("/staff/nobody"))[0] == 404
