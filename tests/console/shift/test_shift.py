"""The shift page, over real requests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from store import audit, log
from store.handover import LONGEST
from store.records import Entry
from store.tables.staff import handover_notes
from tests.console.entering import AT, HOUR, Staff
from tests.console.inbox.talks import risk, talk, wait
from tests.store.talks import CALL

SCRIPT = "<script>document.title='HACKED'</script>"


async def acts(staff: Staff) -> list[str]:
    return [row["action"] for row in await staff.database.read(audit.newest)]


async def test_what_is_open_is_listed_without_words(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff, "c1")
    await risk(staff, "c2", 20)
    call = replace(CALL, seq=30, asked_at=AT, due_at=AT - HOUR)
    await talk(staff, "c3")
    await staff.database.write(
        lambda c: log.write(c, Entry("c3", "web", AT, known=True, callback=call))
    )
    status, page = await staff.get("/shift")
    assert status == 200
    assert 'href="/conversations/c1#reply"' in page
    assert 'href="/alerts/c2/20"' in page
    assert "overdue" in page
    assert "MARKERWORD" not in page
    assert "(818)" not in page


async def test_words_that_may_distress_are_sent_once_they_are_asked_for(staff: Staff) -> None:
    await staff.enter("agent")
    await risk(staff, "c2", 20)
    _, page = await staff.get("/shift")
    assert "MARKERWORD" not in page
    assert "read" not in await acts(staff)
    _, page = await staff.get("/shift?open=c2:20")
    assert "MARKERWORD how much is it, call me at [phone]" in page
    assert (await acts(staff))[0] == "read"


async def test_only_words_of_open_alerts_are_shown(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff, "c1")
    await risk(staff, "c2", 20)
    for place in ("c1:10", "c2:21", "c2", ":", "c2:99999999999999999999", "x" * 99 + ":1"):
        status, page = await staff.get(f"/shift?open={place}")
        assert status == 200
        assert "MARKERWORD" not in page
    assert "read" not in await acts(staff)


async def test_what_happened_counts_from_when_one_left(staff: Staff) -> None:
    person = await staff.account("agent")
    await staff.database.write(lambda c: audit.note(c, person.id, "signed out", at=AT))
    await talk(staff, "before")
    staff.clock.pass_(10 * HOUR)
    await staff.be(person.id)
    early = Entry("later", "web", AT + HOUR)
    await staff.database.write(lambda c: log.write(c, early))
    _, page = await staff.get("/shift")
    assert ", when you left" in page
    assert "<strong>1</strong> conversation began" in page
    _, page = await staff.get("/shift?since=72")
    assert "<strong>2</strong> conversations began" in page
    _, page = await staff.get("/shift?since=5")
    assert ", when you left" in page


async def test_who_was_never_there_sees_the_last_day(staff: Staff) -> None:
    await staff.enter("agent")
    assert "you were not here before" in (await staff.get("/shift"))[1]


async def test_a_note_stays_for_the_next_with_author_and_time(staff: Staff) -> None:
    await staff.enter("agent", "Ana Diaz")
    status, _ = await staff.post("/shift/notes", text="Call (213) 555-0142 back.\r\nThanks, Ana")
    assert status == 200
    await staff.enter("clinician", "Bo Li")
    _, page = await staff.get("/shift")
    assert "Ana Diaz" in page
    assert "Call [phone] back.\nThanks, Ana" in page
    await staff.post("/shift/notes", text="newer")
    _, page = await staff.get("/shift")
    assert page.index("newer") < page.index("Older notes (1)") < page.index("Thanks, Ana")


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b"])
async def test_no_note_is_refused_and_what_was_written_stays(staff: Staff, text: str) -> None:
    await staff.enter("agent")
    status, page = await staff.post("/shift/notes", text=text)
    assert status == 422
    assert "Write something, 2000 characters at most." in page
    assert f">{text.strip()[:LONGEST]}</textarea>" in page
    rows = await staff.database.read(lambda c: c.execute(select(handover_notes)).all())
    assert rows == []


async def test_a_note_without_the_forms_proof_is_refused(staff: Staff) -> None:
    await staff.enter("agent")
    status, _ = await staff.post("/shift/notes", text="x", proof="wrong")
    assert status == 403
    assert "hand-over note" not in await acts(staff)


async def test_a_reviewer_reads_and_writes_no_note_and_sees_no_calls(staff: Staff) -> None:
    await staff.enter("reviewer")
    _, page = await staff.get("/shift")
    assert "Leave the note" not in page
    assert "Calls promised" not in page
    assert (await staff.post("/shift/notes", text="x"))[0] == 403


async def test_script_in_a_note_is_text(staff: Staff) -> None:
    await staff.enter("agent")
    await staff.post("/shift/notes", text=SCRIPT)
    _, page = await staff.get("/shift")
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
