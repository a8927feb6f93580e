"""Forms that another site, another session or nobody could have sent change nothing."""

from __future__ import annotations

import re

import pytest

from console.access import errors
from console.access.marks import mark_on
from console.access.settings import new_secret
from console.access.standing import Standing
from store import staff as accounts
from tests.console.access.test_roles import routes
from tests.console.entering import PASSWORD, Staff

FOREIGN = ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "", "file://"]
LEVELS = {Standing.OPEN: True, Standing.HALF: False}


def posts(staff: Staff) -> list[tuple[str, Standing]]:
    """Return every address that takes a form, with who may send it."""
    found = [
        (re.sub(r"<[^>]+>", "1", address.split(" ")[1]), mark.standing)
        for address, route in routes(staff).items()
        if address.startswith("POST ") and (mark := mark_on(route.handler))
    ]
    assert {standing for _, standing in found} == set(Standing)
    return found


async def be(staff: Staff, standing: Standing) -> None:
    """Be whoever may send a form, with a session of one's own."""
    person = staff.people[0] if staff.people else await staff.account()
    await staff.be(person.id, complete=standing is not Standing.HALF)
    if standing is Standing.LOCKED:
        staff.clock.pass_(20 * 60_000)
    if standing is Standing.NONE:
        staff.http.cookie_jar.clear()
        await staff.get("/sign-in")


@pytest.mark.parametrize("proof", ["", "x", "é", "0" * 64])
async def test_every_form_needs_the_proof_of_its_session(staff: Staff, proof: str) -> None:
    for path, standing in posts(staff):
        await be(staff, standing)
        status, page = await staff.post(path, proof=proof, follow=False)
        assert (status, errors.FORM_OUT_OF_DATE in page) == (403, True), path


@pytest.mark.parametrize("origin", FOREIGN)
async def test_no_form_is_taken_from_another_site(staff: Staff, origin: str) -> None:
    for path, standing in posts(staff):
        await be(staff, standing)
        if standing is Standing.NONE:
            found = re.search(r'name="proof" value="([^"]+)"', (await staff.get("/sign-in"))[1])
            staff.proof = found[1] if found else ""
        status, _ = await staff.post(path, {"Origin": origin}, follow=False)
        assert status == 403, path


async def test_a_form_of_our_own_is_taken(staff: Staff) -> None:
    await staff.enter()
    form = {"presence": "call"}
    assert (await staff.post("/me/presence", {"Origin": staff.url}, **form))[0] == 200
    host = staff.url.replace("127.0.0.1", "localhost")
    headers = {"Origin": host, "Host": host.removeprefix("http://")}
    assert (await staff.post("/me/presence", headers, follow=False, **form))[0] == 303
    headers["Origin"] = staff.url
    assert (await staff.post("/me/presence", headers, follow=False, **form))[0] == 403
    assert (await staff.post("/me/presence", follow=False, **form))[0] == 303


async def test_the_proof_of_another_session_is_of_no_use(staff: Staff) -> None:
    await staff.enter()
    theirs = staff.proof
    await staff.enter("agent", "Bo Li")
    assert (await staff.post("/me/presence", proof=theirs, presence="call"))[0] == 403
    account = await staff.database.read(lambda c: accounts.by_id(c, staff.people[1].id))
    assert account
    assert account.presence == "away"


async def test_nobody_is_signed_in_by_another_site(staff: Staff) -> None:
    """The proof of a form that is open to all belongs to the browser that it was shown in."""
    ana = await staff.account()
    page = (await staff.get("/sign-in"))[1]
    theirs = page.split('name="proof" value="')[1].split('"')[0]
    form = {"email": staff.email(ana), "password": PASSWORD}
    for cookie in ("", f"{staff.access.early_cookie}={new_secret()}"):
        staff.http.cookie_jar.clear()
        status, _ = await staff.post("/sign-in", {"Cookie": cookie}, proof=theirs, **form)
        assert status == 403


async def test_what_is_only_looked_at_changes_nothing(staff: Staff) -> None:
    await staff.enter()
    for path, standing in posts(staff):
        if standing is not Standing.OPEN:
            continue
        status, _ = await staff.get(f"{path}?proof={staff.proof}")
        assert status in (200, 404), path
    assert (await staff.get("/me"))[0] == 200


async def test_a_form_that_is_sent_as_something_else_is_no_form(staff: Staff) -> None:
    await staff.enter()
    for kind in ("text/plain", "application/json"):
        body = f"proof={staff.proof}&presence=call"
        headers = {"Content-Type": kind}
        url = f"{staff.url}/me/presence"
        async with staff.http.post(url, data=body, headers=headers) as answer:
            assert answer.status == 403
