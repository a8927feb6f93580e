"""The role table, cell by cell, through real requests to every page of the console."""

from __future__ import annotations

import re
from typing import Any

import pytest

from console.access import marks
from console.access.marks import mark_on
from console.access.roles import PERMISSIONS, ROLES
from console.access.standing import Standing
from tests.console.entering import Staff
from tests.console.test_alerts import entry, write

PERMITTED = {
    #               agent clinician reviewer administrator
    "read":         "yes   yes       yes      yes",
    "reply":        "yes   yes       no       yes",
    "note":         "yes   yes       yes      yes",
    "claim":        "yes   yes       no       yes",
    "assign":       "yes   yes       no       yes",
    "resolve":      "yes   yes       no       yes",
    "snooze":       "yes   yes       no       yes",
    "callbacks":    "yes   yes       no       yes",
    "acknowledge":  "yes   yes       no       yes",
    "presence":     "yes   yes       no       yes",
    "block":        "no    yes       no       yes",
    "canned":       "no    yes       no       yes",
    "review":       "no    no        yes      yes",
    "staff":        "no    no        no       yes",
    "unmask":       "no    yes       no       yes",
    "incident":     "no    yes       no       yes",
    "audit":        "no    no        no       yes",
    "privacy":      "no    no        no       yes",
    "models":       "no    no        no       yes",
    "edit":         "no    no        yes      yes",
    "approve":      "no    no        no       yes",
    "approve_crisis": "no  yes       no       no",
    "publish":      "no    no        no       yes",
    "analytics":    "no    yes       yes      yes",
    "export":       "no    no        yes      yes",
}  # fmt: skip
ROLE_NAMES = ("agent", "clinician", "reviewer", "administrator")
CELLS = [
    (permission, role, cell == "yes")
    for permission, row in PERMITTED.items()
    for role, cell in zip(ROLE_NAMES, row.split(), strict=True)
]
_TEXT, _FACT = "/answers/<name:str>/<form:str>", "/facts/<name:str>"
ADDRESSES = {
    "GET /": "read",
    "GET /answers": "read",
    "GET /answers/<name:str>": "read",
    "GET /facts": "read",
    "GET /facts/<name:str>": "read",
    f"POST {_TEXT}/approve": "approve",
    f"POST {_TEXT}/approve-crisis": "approve_crisis",
    f"POST {_TEXT}/drop": "edit",
    f"POST {_TEXT}/publish": "publish",
    f"POST {_TEXT}/roll-back": "publish",
    f"POST {_TEXT}/save": "edit",
    f"POST {_TEXT}/send-back": "read",
    f"POST {_FACT}/approve": "approve",
    f"POST {_FACT}/drop": "edit",
    f"POST {_FACT}/publish": "publish",
    f"POST {_FACT}/roll-back": "publish",
    f"POST {_FACT}/save": "edit",
    f"POST {_FACT}/send-back": "read",
    "POST /closures": "publish",
    "POST /closures/<number:whole>/end": "publish",
    "GET /alerts": "read",
    "GET /alerts/<conversation:str>/<seq:whole>": "read",
    "POST /alerts/<conversation:str>/<seq:whole>/acknowledge": "acknowledge",
    "POST /alerts/<conversation:str>/<seq:whole>/outcome": "acknowledge",
    "POST /alerts/acknowledge": "acknowledge",
    "GET /alerts/referrals.csv": "read",
    "POST /alerts/<conversation:str>/<seq:whole>/file": "incident",
    "GET /audit": "audit",
    "POST /audit/check": "audit",
    "GET /callbacks": "callbacks",
    "GET /callbacks/<number:whole>": "callbacks",
    "POST /callbacks/<number:whole>/let-go": "callbacks",
    "POST /callbacks/<number:whole>/number": "callbacks",
    "POST /callbacks/<number:whole>/outcome": "callbacks",
    "POST /callbacks/<number:whole>/take": "callbacks",
    "GET /callbacks/anew": "callbacks",
    "GET /canned": "reply",
    "POST /canned": "canned",
    "POST /canned/<number:whole>/remove": "canned",
    "GET /conversations": "read",
    "GET /conversations/next": "read",
    "POST /conversations/find": "read",
    "GET /conversations/<conversation:str>": "read",
    "GET /conversations/<conversation:str>/messages/<seq:whole>": "review",
    "GET /conversations/<conversation:str>/story": "review",
    "POST /conversations/<conversation:str>/story": "review",
    "POST /conversations/<conversation:str>/done": "review",
    "POST /conversations/<conversation:str>/flag": "review",
    "POST /conversations/<conversation:str>/reviewed": "review",
    "POST /conversations/<conversation:str>/tag": "review",
    "POST /conversations/<conversation:str>/unflag": "review",
    "POST /conversations/<conversation:str>/unreviewed": "review",
    "POST /conversations/<conversation:str>/untag": "review",
    "POST /conversations/<conversation:str>/assign": "assign",
    "POST /conversations/<conversation:str>/block": "block",
    "POST /conversations/<conversation:str>/claim": "claim",
    "POST /conversations/<conversation:str>/insert": "reply",
    "POST /conversations/<conversation:str>/note": "note",
    "POST /conversations/<conversation:str>/release": "assign",
    "POST /conversations/<conversation:str>/reply": "reply",
    "POST /conversations/<conversation:str>/resolve": "resolve",
    "POST /conversations/<conversation:str>/snooze": "snooze",
    "POST /conversations/<conversation:str>/typing": "reply",
    "POST /conversations/<conversation:str>/unblock": "block",
    "POST /conversations/<conversation:str>/wake": "claim",
    "POST /views": "read",
    "POST /views/<number:whole>/remove": "read",
    "GET /inbox": "read",
    "GET /inbox/anew": "read",
    "GET /inbox/events": "read",
    "POST /me/presence": "presence",
    "GET /models": "models",
    "POST /models": "models",
    "POST /models/back": "models",
    "GET /models/<name:str>": "models",
    "POST /models/<name:str>/accept": "models",
    "POST /models/<name:str>/refuse": "models",
    "GET /review": "review",
    "GET /review/examples": "review",
    "POST /review/examples/<number:whole>/approve": "review",
    "POST /review/examples/<number:whole>/remove": "review",
    "GET /review/stories": "review",
    "GET /review/stories/<number:whole>": "review",
    "POST /review/stories/<number:whole>/delete": "review",
    "POST /review/stories/export": "export",
    "GET /review/teach": "review",
    "POST /review/<conversation:str>/<seq:whole>/correct": "review",
    "POST /review/<conversation:str>/<seq:whole>/teach": "review",
    "POST /review/<conversation:str>/<seq:whole>/undo": "review",
    "POST /conversations/<conversation:str>/unmasked": "unmask",
    "GET /privacy": "privacy",
    "POST /privacy/find": "privacy",
    "GET /privacy/person/<conversation:str>": "privacy",
    "POST /privacy/person/<conversation:str>/erase": "privacy",
    "POST /privacy/person/<conversation:str>/export": "privacy",
    "POST /privacy/person/<conversation:str>/hold": "privacy",
    "POST /privacy/holds/<number:whole>/end": "privacy",
    "GET /analytics": "analytics",
    "GET /analytics/csv/<key:str>": "analytics",
    "GET /exports": "export",
    "POST /exports": "export",
    "GET /shift": "read",
    "POST /shift/notes": "presence",
    "GET /staff": "staff",
    "GET /staff/<staff_id:str>": "staff",
    "POST /staff/<staff_id:str>/close": "staff",
    "POST /staff/<staff_id:str>/open": "staff",
    "POST /staff/<staff_id:str>/password": "staff",
    "POST /staff/<staff_id:str>/role": "staff",
    "POST /staff/<staff_id:str>/second-factor": "staff",
    "POST /staff/invite": "staff",
}
FOR_EVERYBODY = {
    "GET /me",
    "GET /me/idle",
    "GET /me/here",
    "POST /me/password",
    "POST /me/recovery",
    "POST /me/second-factor",
    "POST /leave",
}


def routes(staff: Staff) -> dict[str, Any]:
    """Return the console's routes by method and address, but for files."""
    return {
        f"{method} /{route.path}": route
        for route in staff.app.router.routes
        for method in route.methods
        if not route.path.startswith("static/") and method in ("GET", "POST")
    }


async def asked(staff: Staff, address: str) -> int:
    """Ask for an address as whoever entered, and return the status."""
    method, path = address.split(" ", 1)
    url = staff.url + re.sub(r"<[^>]+>", "1", path)
    data = {"proof": staff.proof} if method == "POST" else None
    async with staff.http.request(method, url, data=data, allow_redirects=False) as answer:
        return answer.status


@pytest.mark.parametrize(("permission", "role", "allowed"), CELLS)
def test_the_table(permission: str, role: str, allowed: bool) -> None:
    assert (permission in ROLES[role]) is allowed


def test_the_table_has_every_permission_and_role() -> None:
    assert set(PERMITTED) == PERMISSIONS
    assert set(ROLES) == set(ROLE_NAMES)


@pytest.mark.parametrize("role", ROLE_NAMES)
async def test_each_role_reaches_what_its_row_allows_and_nothing_else(
    staff: Staff, role: str
) -> None:
    await staff.enter(role)
    wrong, tried = [], 0
    for address, route in routes(staff).items():
        mark = mark_on(route.handler)
        if mark is None or mark.permission is None:
            continue
        # Each with a session of its own: some deeds end it.
        await staff.be(staff.people[0].id)
        refused = await asked(staff, address) == 403
        allowed = dict(zip(ROLE_NAMES, PERMITTED[mark.permission].split(), strict=True))[role]
        tried += 1
        if refused is (allowed == "yes"):
            wrong.append(address)
    assert wrong == []
    assert tried >= len(ADDRESSES)


async def test_each_address_asks_for_its_permission(staff: Staff) -> None:
    found = routes(staff)
    marks = {address: mark_on(found[address].handler) for address in found}
    assert {a: m.permission for a, m in marks.items() if m and m.permission} == ADDRESSES
    open_to_all = {a for a, m in marks.items() if m and (m.standing, m.permission) == OPEN}
    assert open_to_all == FOR_EVERYBODY


OPEN = (Standing.OPEN, None)


async def test_no_address_is_without_a_mark(staff: Staff) -> None:
    assert [a for a, route in routes(staff).items() if mark_on(route.handler) is None] == []


async def test_a_page_that_nobody_has_marked_is_closed_to_everybody(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    await staff.enter()
    assert (await staff.get("/alerts"))[0] == 200
    monkeypatch.delitem(marks._marks, routes(staff)["GET /alerts"].handler)
    assert (await staff.get("/alerts"))[0] == 403


async def test_no_address_but_sign_in_and_invitations_is_open_to_strangers(staff: Staff) -> None:
    found = {
        address
        for address, route in routes(staff).items()
        if (mark := mark_on(route.handler)) and mark.standing is Standing.NONE
    }
    assert found == {
        "GET /sign-in",
        "POST /sign-in",
        "GET /invitation/<link:str>",
        "POST /invitation/<link:str>",
    }
    for address in set(routes(staff)) - found:
        assert await asked(staff, address) == 401, address


async def test_a_role_that_does_not_exist_may_do_nothing(staff: Staff) -> None:
    await staff.enter("owner")
    for address in ADDRESSES:
        assert await asked(staff, address) == 403, address


async def test_the_way_about_shows_only_what_may_be_reached(staff: Staff) -> None:
    await write(staff, entry())
    await staff.enter("reviewer")
    _, page = await staff.get("/me")
    assert 'href="/staff"' not in page
    assert "Save presence" not in page
    assert ACKNOWLEDGE not in (await staff.get("/alerts"))[1]
    await staff.enter("administrator", "Bo Li")
    assert 'href="/staff"' in (await staff.get("/me"))[1]
    assert ACKNOWLEDGE in (await staff.get("/alerts"))[1]


ACKNOWLEDGE = ">Acknowledge</button>"
