from __future__ import annotations

import asyncio

import pytest

from console.access import errors, links
from store import audit
from store import staff as accounts
from tests.console.entering import HOUR, MINUTE, PASSWORD, Staff

FORM = {"name": "Cy Orr", "email": "cy@example.org", "password": PASSWORD}


async def invited(staff: Staff, role: str = "agent") -> str:
    """Return the path of an invitation by an administrator."""
    ana = await staff.account()
    return await staff.database.write(lambda c: links.invite(c, staff.access, role, ana.id))


async def printed(staff: Staff) -> links.Printed:
    return await staff.database.write(lambda c: links.at_start(c, staff.access))


async def everyone(staff: Staff) -> list[tuple[str, str]]:
    found = await staff.database.read(accounts.everyone)
    return [(account.name, account.role) for account in found]


async def test_the_first_start_prints_a_link_for_the_first_administrator(staff: Staff) -> None:
    link = await printed(staff)
    assert link.once
    assert "Open your account" in (await staff.get(link.path))[1]
    status, page = await staff.form(link.path, link.path, **FORM)
    assert (status, "Set up the second factor" in page) == (200, True)
    assert await everyone(staff) == [("Cy Orr", "administrator")]
    assert await printed(staff) == links.Printed("/sign-in", once=False)


async def test_each_start_prints_a_new_link_and_ends_the_one_before(staff: Staff) -> None:
    first, second = await printed(staff), await printed(staff)
    assert (await staff.get(first.path))[0] == 410
    assert (await staff.get(second.path))[0] == 200


async def test_with_nobody_but_agents_a_link_is_printed(staff: Staff) -> None:
    await staff.account("agent")
    assert (await printed(staff)).once


async def test_the_printed_link_makes_no_second_administrator(staff: Staff) -> None:
    link = await printed(staff)
    await staff.account("administrator")
    status, page = await staff.get(link.path)
    assert (status, errors.LINK_OVER in page) == (410, True)
    assert (await staff.form("/sign-in", link.path, **FORM))[0] == 410
    assert len(await everyone(staff)) == 1


async def test_an_invitation_opens_an_account_of_its_role_once(staff: Staff) -> None:
    path = await invited(staff, "reviewer")
    for _ in range(2):
        assert (await staff.get(path))[0] == 200
    forged = {**FORM, "role": "administrator"}
    assert (await staff.form(path, path, **forged))[0] == 200
    assert ("Cy Orr", "reviewer") in await everyone(staff)
    staff.http.cookie_jar.clear()
    assert (await staff.get(path))[0] == 410
    again = {**FORM, "email": "eve@example.org"}
    assert (await staff.form("/sign-in", path, **again))[0] == 410
    assert len(await everyone(staff)) == 2
    deed = (await staff.database.read(audit.newest))[0]
    assert (deed["action"], deed["staff_id"]) == ("account opened", staff.people[0].id)


async def test_an_invitation_that_many_use_at_once_opens_one_account(staff: Staff) -> None:
    path = await invited(staff)
    await staff.get(path)
    forms = [{**FORM, "email": f"cy{number}@example.org"} for number in range(6)]
    await asyncio.gather(*(staff.form(path, path, **form) for form in forms))
    assert len(await everyone(staff)) == 2


@pytest.mark.parametrize(("first", "time"), [(True, 30 * MINUTE), (False, 72 * HOUR)])
async def test_a_link_runs_out(staff: Staff, first: bool, time: int) -> None:
    path = (await printed(staff)).path if first else await invited(staff)
    staff.clock.pass_(time - 1)
    assert (await staff.get(path))[0] == 200
    staff.clock.pass_(1)
    assert (await staff.get(path))[0] == 410
    assert (await staff.form("/sign-in", path, **FORM))[0] == 410


@pytest.mark.parametrize("change", ["close", "demote"])
async def test_an_invitation_ends_with_the_administrator_who_made_it(
    staff: Staff, change: str
) -> None:
    path, ana = await invited(staff), staff.people[0].id
    await staff.account("administrator", "Bo Li")
    await staff.database.write(
        lambda c: (
            accounts.close(c, ana, 1) if change == "close" else accounts.set_role(c, ana, "agent")
        )
    )
    assert (await staff.get(path))[0] == 410


@pytest.mark.parametrize("link", ["x", "0" * 43, "%00", "..%2f..", "é"])
async def test_a_guess_opens_nothing(staff: Staff, link: str) -> None:
    await invited(staff)
    assert (await staff.get(f"/invitation/{link}"))[0] in (404, 410)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " \x00 "}, errors.NAME),
        ({"name": "x" * 81}, errors.NAME),
        ({"email": "cy"}, errors.EMAIL),
        ({"email": "a@b"}, errors.EMAIL),
        ({"email": "ana.administrator@example.org"}, errors.EMAIL_TAKEN),
        ({"email": "ANA.administrator@Example.org"}, errors.EMAIL_TAKEN),
        ({"password": "short"}, errors.TOO_SHORT),
        ({"password": "cy@example.org"}, errors.TOO_EASY),
    ],
)
async def test_what_is_wrong_is_said_by_the_field_and_the_link_still_works(
    staff: Staff, wrong: dict[str, str], words: str
) -> None:
    path = await invited(staff)
    status, page = await staff.form(path, path, **{**FORM, **wrong})
    name = next(iter(wrong))
    assert status == 422
    assert f'id="{name}-wrong" role="alert">{words}' in page
    assert f'aria-describedby="{name}-wrong' in page
    assert "<title>Error: " in page
    assert PASSWORD not in page
    assert (await staff.form(path, path, **FORM))[0] == 200


async def test_a_password_link_sets_the_password_and_keeps_the_second_factor(staff: Staff) -> None:
    await staff.enter()
    ana, session = staff.people[0], staff.cookie()
    path = await staff.database.write(lambda c: links.new_password(c, staff.access, ana.id, ana.id))
    staff.http.cookie_jar.clear()
    form = {"password": "another horse, another staple", "email": "eve@example.org", "name": "Eve"}
    _, page = await staff.form(path, path, **form)
    assert "Code from your app" in page
    assert await everyone(staff) == [("Ana Diaz", "administrator")]
    assert (await staff.form("/sign-in/code", "/sign-in/code", code=staff.code()))[0] == 200
    staff.http.cookie_jar.clear()
    assert (await staff.get("/me", Cookie=f"{staff.access.cookie}={session}"))[0] == 401
    old = {"email": staff.email(ana), "password": PASSWORD}
    assert (await staff.form("/sign-in", "/sign-in", **old))[0] == 401


async def test_a_newer_password_link_ends_the_one_before(staff: Staff) -> None:
    ana = await staff.account()
    one, two = [
        await staff.database.write(lambda c: links.new_password(c, staff.access, ana.id, ana.id))
        for _ in range(2)
    ]
    assert (await staff.get(one))[0] == 410
    assert (await staff.get(two))[0] == 200


async def test_a_password_link_of_a_closed_account_is_over(staff: Staff) -> None:
    ana, bo = await staff.account(), await staff.account("agent", "Bo Li")
    path = await staff.database.write(lambda c: links.new_password(c, staff.access, bo.id, ana.id))
    await staff.database.write(lambda c: accounts.close(c, bo.id, 1))
    assert (await staff.get(path))[0] == 410
