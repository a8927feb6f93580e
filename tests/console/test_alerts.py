from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest

from console.alert_view import age, drill
from store import alert_lists, alert_places, audit, drills, log, outbox, server_troubles
from store.records import DRILL, Alert, Entry, Message, Reading
from tests.console.entering import Staff

MARKER = "MARKERWORD"
AT = 1_795_579_457_203
DRILL_ID = f"{DRILL}abcdefghijklmnopqrstuv"


def entry(
    conversation: str = "c1", seq: int = 10, tier: str | None = "T1", kind: Any = "crisis"
) -> Entry:
    said = Message(seq, "visitor", "text", MARKER, AT, client_id=f"client-{seq}")
    category = "S2" if tier else None
    alert = Alert(seq, kind, AT, category, tier, "a.rule")
    reading = Reading(seq, "brain", 1.0, risk_category=category, risk_tier=tier)
    return Entry(conversation, "web", AT, (said,), reading, (alert,))


async def write(staff: Staff, *entries: Entry) -> None:
    await staff.database.write(lambda c: alert_places.set_places(c, {"mail": "email"}))
    for each in entries:
        await staff.database.write(partial(log.write, entry=each))


async def post(staff: Staff, path: str, headers: Any = None, **form: str) -> int:
    return (await staff.post(path, headers, **form))[0]


async def test_alerts_need_a_session(staff: Staff) -> None:
    await write(staff, entry())
    for path in ("/alerts", "/alerts/referrals.csv"):
        assert (await staff.get(path))[0] == 401
    assert await post(staff, "/alerts/acknowledge", conversation="c1", seq="10") == 401
    assert await staff.database.read(alert_lists.count_open) == 1


async def test_the_page_shows_what_is_open_and_no_words(staff: Staff) -> None:
    await staff.enter()
    await write(staff, entry(), entry("c2", tier="T2"), entry("c3", tier=None, kind="unscreened"))
    _, page = await staff.get("/alerts")
    assert "<title>(3) Alerts</title>" in page
    for shown in (
        "T1, urgent",
        "S2: Thoughts of suicide",
        "not screened",
        "Could not be screened for risk",
        'href="/conversations/c1#m10"',
        "mail: queued",
    ):
        assert shown in page
    assert MARKER not in page
    assert page.index("T1, urgent") < page.index("not screened") < page.index("T2, at risk")


async def test_the_page_shows_itself_anew_within_five_seconds(staff: Staff) -> None:
    await staff.enter()
    _, page = await staff.get("/alerts")
    seconds = re.search(r'http-equiv="refresh" content="(\d+);url=/alerts\?again=1"', page)
    assert seconds
    assert int(seconds[1]) < 5
    assert "http-equiv" not in (await staff.get("/alerts?still=1"))[1]
    assert not re.search(r'(src|href|action)="(https?:)?//', page)


async def test_acknowledging_is_noted_with_name_and_time(staff: Staff) -> None:
    await staff.enter(name="Ana <b> Diaz")
    await write(staff, entry(), entry("c2"))
    assert await post(staff, "/alerts/acknowledge", conversation="c1", seq="10") == 200
    _, page = await staff.get("/alerts")
    assert "<title>(1) Alerts</title>" in page
    closed = page.split('id="closed"')[1]
    assert "Ana &lt;b&gt; Diaz" in closed
    assert 'href="/conversations/c1#m10"' in closed
    deed = (await staff.database.read(audit.newest))[0]
    assert (deed["action"], deed["staff_id"]) == ("acknowledged", staff.people[0].id)


@pytest.mark.parametrize("given", ["", "x", "é"])
async def test_a_form_without_the_sessions_proof_changes_nothing(staff: Staff, given: str) -> None:
    await staff.enter()
    await write(staff, entry())
    form = {"proof": given, "conversation": "c1", "seq": "10"}
    assert await post(staff, "/alerts/acknowledge", **form) == 403
    assert await staff.database.read(alert_lists.count_open) == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_form_from_elsewhere_changes_nothing(staff: Staff, origin: str) -> None:
    await staff.enter()
    await write(staff, entry())
    form = {"proof": staff.proof, "conversation": "c1", "seq": "10"}
    assert await post(staff, "/alerts/acknowledge", {"Origin": origin}, **form) == 403
    assert await post(staff, "/alerts/acknowledge", {"Host": "evil.example"}, **form) == 421
    assert await staff.database.read(alert_lists.count_open) == 1
    assert await post(staff, "/alerts/acknowledge", {"Origin": staff.url}, **form) == 200
    assert await staff.database.read(alert_lists.count_open) == 0


async def test_the_proof_of_another_session_is_of_no_use(staff: Staff) -> None:
    await staff.enter()
    await write(staff, entry())
    theirs = staff.proof
    await staff.enter(name="Bo Li")
    form = {"proof": theirs, "conversation": "c1", "seq": "10"}
    assert await post(staff, "/alerts/acknowledge", **form) == 403


async def test_a_get_acknowledges_nothing(staff: Staff) -> None:
    await staff.enter()
    await write(staff, entry())
    query = f"?proof={staff.proof}&conversation=c1&seq=10"
    assert (await staff.get("/alerts/acknowledge" + query))[0] == 404
    assert await staff.database.read(alert_lists.count_open) == 1


@pytest.mark.parametrize("seq", ["", "x", "-1", "9" * 30, "٣"])
async def test_a_wrong_number_acknowledges_nothing(staff: Staff, seq: str) -> None:
    await staff.enter()
    await write(staff, entry())
    form = {"proof": staff.proof, "conversation": "c1", "seq": seq}
    assert await post(staff, "/alerts/acknowledge", **form) == 200
    assert await staff.database.read(alert_lists.count_open) == 1


async def test_a_place_that_fails_is_named_with_the_error(staff: Staff) -> None:
    await staff.enter()
    await write(staff, entry())
    (notice,) = await staff.database.write(lambda c: outbox.claim(c, "mail", AT, until=AT, count=1))
    await staff.database.write(
        lambda c: outbox.failed(c, notice, "mail", AT, again=AT, trouble="SMTPServerDisconnected")
    )
    _, page = await staff.get("/alerts")
    assert "mail is not reached" in page
    assert "mail: not sent, SMTPServerDisconnected, tried 1×" in page


async def test_it_is_said_when_nobody_is_told_elsewhere(staff: Staff) -> None:
    await staff.enter()
    assert "Nobody is told elsewhere" in (await staff.get("/alerts"))[1]
    await write(staff)
    assert "Nobody is told elsewhere" not in (await staff.get("/alerts"))[1]


async def test_drills_are_marked_and_not_counted(staff: Staff) -> None:
    await staff.enter()
    await write(staff, entry(DRILL_ID))
    _, page = await staff.get("/alerts")
    assert "<title>Alerts</title>" in page
    assert "DRILL" in page
    assert "none has passed yet" in page
    assert "Nobody has written yet" in (await staff.get("/conversations"))[1]
    assert "DRILL" in (await staff.get(f"/conversations/{DRILL_ID}"))[1]
    await staff.database.write(lambda c: drills.begin(c, "2026-11-25", AT))
    await staff.database.write(lambda c: drills.end(c, "2026-11-25", DRILL_ID, AT, None))
    assert "last passed" in (await staff.get("/alerts"))[1]


async def test_a_drill_that_failed_is_said_at_the_top(staff: Staff) -> None:
    await staff.enter()
    await staff.database.write(lambda c: drills.begin(c, "2026-11-25", AT))
    end = partial(drills.end, name="2026-11-25", conversation_id=DRILL_ID, at=AT)
    await staff.database.write(partial(end, trouble="not told: mail"))
    _, page = await staff.get("/alerts")
    assert "The last drill did not pass" in page
    assert "not told: mail" in page


async def test_counts_are_shown_and_given_as_csv(staff: Staff) -> None:
    await staff.enter()
    await write(staff, entry(), entry("c2"), entry("c3", tier=None, kind="unscreened"))
    status, table = await staff.get("/alerts/referrals.csv")
    assert status == 200
    assert table.splitlines() == [
        "year,channel,category,count",
        "2026,web,S2,2",
        "2026,web,unscreened,1",
    ]
    assert "As a table for spreadsheets" in (await staff.get("/alerts"))[1]


async def test_the_list_shows_open_alerts_and_what_was_not_screened(staff: Staff) -> None:
    await staff.enter()
    await write(staff, entry(), entry("c2", tier=None, kind="unscreened"))
    _, page = await staff.get("/conversations")
    assert "2 open" in page
    assert '<span class="mark risk">not screened</span>' in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_ages(seconds: int, words: str) -> None:
    assert age(seconds * 1000) == words


@pytest.mark.parametrize(("minutes", "trouble"), [(1, None), (4, "it came to no end")])
def test_a_drill_that_was_cut_short_did_not_pass(minutes: int, trouble: str | None) -> None:
    begun = {"name": "2026-11-25", "began_at": AT, "ended_at": None, "trouble": None}
    assert drill(begun, None, AT + minutes * 60_000)["trouble"] == trouble


async def test_a_trouble_of_the_server_is_shown_and_nobody_can_acknowledge_it(
    staff: Staff,
) -> None:
    await staff.enter()
    await write(staff)
    await staff.database.write(lambda c: server_troubles.note(c, {"disk"}, AT))
    _, page = await staff.get("/alerts")
    assert "The server needs somebody<br>the disk of the server is nearly full" in page
    assert "Ends by itself" in page
    assert "<title>Alerts</title>" in page
    assert "/conversations/server" not in page
    conversation = f"server-disk-{AT}"
    await post(staff, "/alerts/acknowledge", conversation=conversation, seq="1", kind="server")
    assert "disk" in await staff.database.read(server_troubles.open_ones)
    for path in (f"/conversations/{conversation}", "/shift"):
        assert (await staff.get(path))[0] in (200, 404)


async def test_one_that_is_gone_is_shown_as_gone(staff: Staff) -> None:
    await staff.enter()
    for found in ({"disk"}, set[str]()):
        await staff.database.write(partial(server_troubles.note, found=found, at=AT))
    _, page = await staff.get("/alerts")
    assert "No alert is open." in page
    assert "<td>gone</td>" in page
