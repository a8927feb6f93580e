"""One press gives all that belongs to a crisis, sealed with a hash."""

from __future__ import annotations

import json
from typing import Any

import pytest

from store import audit, incidents, log, notes
from store.records import Alert, Entry, Message, Reading
from tests.console.entering import AT, Staff

WORDS = "I am Jordan Smith, 213-555-0142, and I want it to end"
FILE = "/alerts/c1/10/file"


async def crisis(staff: Staff) -> None:
    said = (
        Message(8, "visitor", "text", "hello", AT),
        Message(10, "visitor", "text", WORDS, AT),
        Message(12, "bot", "crisis", "Call or text 988.", AT, reply_to=10, answer_id="crisis_s2"),
    )
    reading = Reading(10, "fixed", 2.0, risk_category="S2", risk_tier="T1", risk_rule="end_it")
    alerts = (Alert(10, "crisis", AT, "S2", "T1", "end_it"),)
    entry = Entry("c1", "web", AT, said, reading, alerts, queue="crisis")
    await staff.database.write(lambda c: log.write(c, entry))
    await staff.database.write(lambda c: notes.add(c, "c1", "ana", "called 213-555-0142", AT))


async def file_of(staff: Staff, role: str) -> Any:
    await crisis(staff)
    await staff.enter("clinician", "Bo Lee")
    await staff.post("/alerts/c1/10/outcome", outcome="reached")
    await staff.enter(role, "Ana Diaz")
    async with staff.http.post(staff.url + FILE, data={"proof": staff.proof}) as answer:
        assert answer.status == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        return json.loads(await answer.text())


async def test_it_is_complete(staff: Staff) -> None:
    content = (await file_of(staff, "administrator"))["content"]
    assert [each["text"] for each in content["said"]] == ["hello", WORDS, "Call or text 988."]
    assert content["resources_shown"][0]["answer"] == "crisis_s2"
    assert content["rules"] == [{"seq": 10, "category": "S2", "tier": "T1", "rule": "end_it"}]
    (alert,) = content["alerts"]
    assert (alert["outcome"], alert["acknowledged_by"]) == ("reached", staff.people[0].id)
    assert content["staff"][staff.people[0].id] == "Bo Lee"
    assert content["owners"][0]["to_owner"] == "queue"
    assert content["notes"][0]["text"] == "called 213-555-0142"
    deeds = [each["action"] for each in content["deeds"]]
    assert deeds[-1] == "incident file"
    assert {"outcome", "note"} <= set(deeds)


async def test_it_is_masked_for_whoever_does_not_answer_for_privacy(staff: Staff) -> None:
    file = await file_of(staff, "clinician")
    assert file["content"]["masked"] is True
    assert "I am [name], [phone], and I want it to end" in str(file)
    assert "555-0142" not in str(file)
    assert "Jordan" not in str(file)


async def test_its_hash_tells_a_change(staff: Staff) -> None:
    file = await file_of(staff, "administrator")
    assert incidents.whole(file)
    file["content"]["alerts"][0]["outcome"] = "false_alarm"
    assert not incidents.whole(file)


async def test_that_it_was_made_is_in_the_audit(staff: Staff) -> None:
    await file_of(staff, "clinician")
    deed = (await staff.database.read(audit.newest))[0]
    assert (deed["action"], deed["subject"]) == ("incident file", "c1")
    assert deed["detail"] == "message 10, masked"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alerts/c1/8/file", 404),
        ("/alerts/none/10/file", 404),
        # No address of the console: whatever is posted there is refused.
        ("/alerts/c1/x/file", 403),
    ],
)
async def test_there_is_none_without_a_crisis(staff: Staff, path: str, status: int) -> None:
    await crisis(staff)
    await staff.enter()
    assert (await staff.post(path))[0] == status


@pytest.mark.parametrize("role", ["agent", "reviewer"])
async def test_others_have_no_such_button(staff: Staff, role: str) -> None:
    await crisis(staff)
    await staff.enter(role)
    assert "Incident file" not in (await staff.get("/alerts/c1/10"))[1]
    assert (await staff.post(FILE))[0] == 403
