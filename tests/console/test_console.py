from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from yarl import URL

from console.rendering import render
from store import audit, log
from store.records import Entry, Message, Reading
from tests.console.entering import Staff

WORDS = "<b>call</b> me at (213) 555-0142 or jane@example.org"
ASKED = Message(1, "visitor", "text", WORDS, 1_795_579_457_203, client_id="c-1")
REPLY = Message(
    2,
    "bot",
    "answer",
    "It depends.",
    1_795_579_457_300,
    reply_to=1,
    answer_id="cost",
    answer_version=3,
    approved=0,
)
SAFE = replace(REPLY, seq=4, kind="safe", reply_to=3, answer_id="safe_reply")
READING = Reading(
    1,
    "brain",
    12.5,
    intent="cost",
    confidence=0.91,
    ranking=(
        {"name": "cost", "confidence": 0.91},
        {"name": "financial_aid", "confidence": 0.05},
    ),
    intents=("cost",),
    entities=({"name": "insurer", "value": "Aetna", "text": "aetna", "start": 0, "end": 5},),
    signals=("handoff",),
    model="model-7",
    risk_category="S2",
    risk_tier="T1",
    risk_rule="some.rule",
)
ENTRY = Entry("conversation-1", "web", ASKED.at, (ASKED, REPLY), READING)


@pytest.mark.parametrize("path", ["/", "/conversations/conversation-1", "/nothing"])
async def test_nobody_enters_without_signing_in(staff: Staff, path: str) -> None:
    await staff.database.write(lambda c: log.write(c, ENTRY))
    status, page = await staff.get(path)
    assert status == 401
    assert "Sign in" in page
    assert "It depends." not in page


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:1", ""])
async def test_another_host_name_is_refused(staff: Staff, host: str) -> None:
    await staff.enter()
    status, page = await staff.get("/", Host=host)
    assert status == 421
    assert "Conversations" not in page


async def test_every_answer_is_guarded(staff: Staff) -> None:
    async with staff.http.get(staff.url) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"


async def test_files_are_kept_and_asked_for_anew(staff: Staff) -> None:
    url = f"{staff.url}/static/console.css"
    async with staff.http.get(url) as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
        known = {"If-Modified-Since": answer.headers["Last-Modified"]}
    async with staff.http.get(url, headers=known) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (304, "no-cache")


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/"])
async def test_a_page_that_rests_leads_nowhere_else(staff: Staff, path: str) -> None:
    await staff.enter()
    async with staff.http.get(URL(staff.url + path, encoded=True)) as answer:
        assert answer.status == 404
        assert 'data-at="/"' in await answer.text()
    assert 'data-at="/me?x=1"' in (await staff.get("/me?x=1"))[1]


async def test_templates_are_looked_for_once(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    render("error.html", words="")
    monkeypatch.setattr("jinja2.loaders.os.path.getmtime", asked.append)
    render("error.html", words="")
    assert asked == []


async def test_an_empty_log(staff: Staff) -> None:
    await staff.enter()
    assert "Nobody has written yet" in (await staff.get("/conversations"))[1]


async def test_a_transcript_shows_what_was_understood_and_hides_identifiers(staff: Staff) -> None:
    await staff.enter()
    await staff.database.write(lambda c: log.write(c, ENTRY))
    status, page = await staff.get("/conversations/conversation-1")
    assert status == 200
    for shown in (
        "&lt;b&gt;call&lt;/b&gt; me at [phone] or [e-mail]",
        "cost 91%",
        "financial_aid 5%",
        "insurer: Aetna",
        "T1, urgent",
        "some.rule",
        "model-7",
        "Text cost, version 3",
        "draft, not approved",
        "handoff",
    ):
        assert shown in page
    for hidden in ("555-0142", "jane@", "<b>"):
        assert hidden not in page


async def test_a_safe_reply_is_marked(staff: Staff) -> None:
    await staff.enter()
    asked = replace(ASKED, seq=3, client_id="c-2")
    reading = Reading(3, "safe", 4000.0)
    entry = Entry("conversation-2", "web", 5, (asked, SAFE), reading)
    await staff.database.write(lambda c: log.write(c, entry))
    assert "safe reply" in (await staff.get("/conversations/conversation-2"))[1]
    assert "safe reply ×1" in (await staff.get("/conversations"))[1]


async def test_the_list_is_paged(staff: Staff) -> None:
    await staff.enter()
    for number in range(60):
        message = replace(ASKED, seq=number + 1)
        entry = Entry(f"conversation-{number}", "web", 1_000 + number, (message,))
        await staff.database.write(partial(log.write, entry=entry))
    _, first = await staff.get("/conversations")
    assert "conversation-59" in first
    assert "conversation-9" not in first
    older = first.split('href="/conversations?before=')[1].split('"')[0]
    _, second = await staff.get(f"/conversations?before={older}")
    assert "conversation-9" in second
    assert "Older" not in second


@pytest.mark.parametrize(
    "path",
    ["/conversations/none", "/conversations/%00", "/conversations/..%2f..", "/nothing"],
)
async def test_what_is_not_there(staff: Staff, path: str) -> None:
    await staff.enter()
    status, page = await staff.get(path)
    assert status == 404
    assert "Traceback" not in page


@pytest.mark.parametrize("query", ["?before=x", "?before=1-", "?before=' or 1=1 --", "?before="])
async def test_a_wrong_place_in_the_list_is_the_beginning(staff: Staff, query: str) -> None:
    await staff.enter()
    assert (await staff.get("/conversations" + query))[0] == 200


async def test_reading_a_conversation_is_written_down(staff: Staff) -> None:
    await staff.enter()
    await staff.database.write(lambda c: log.write(c, ENTRY))
    await staff.get("/conversations/conversation-1")
    await staff.get("/conversations/none")
    deeds = await staff.database.read(audit.newest)
    read = [(each["staff_id"], each["subject"]) for each in deeds if each["action"] == "read"]
    assert read == [(staff.people[0].id, "conversation-1")]


async def test_leaving_closes_the_console(staff: Staff) -> None:
    await staff.enter()
    status, page = await staff.post("/leave")
    assert status == 200
    assert "You are signed out" in page
    assert (await staff.get("/"))[0] == 401
