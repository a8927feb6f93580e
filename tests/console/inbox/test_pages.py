from __future__ import annotations

import re
from functools import partial

import pytest

from console.inbox import shown
from store import answer_ratings, audit, log, notes, ownership, seen, staff_messages
from store.records import DRILL, Alert, Entry, Message, Reading
from tests.console.entering import AT, Staff
from tests.console.inbox.talks import WORDS, asked, risk, say, talk, wait

LABEL = shown.label("c1", "web")
SCRIPT = "<script>document.title = 'HACKED'</script><img src=x onerror=alert(1)>"


async def test_the_beginning_is_the_inbox(staff: Staff) -> None:
    await staff.enter("agent")
    status, page = await staff.get("/")
    assert status == 200
    assert "<h1>Inbox</h1>" in page
    assert "Nobody waits." in page


async def test_who_waits_is_listed_without_their_words(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    _, page = await staff.get("/inbox")
    assert f'href="/conversations/c1#reply" id="c-c1">{LABEL}</a>' in page
    for shown_ in ("Web", "nobody has it", "last: the assistant", ">50 s</time>", ">new</span>"):
        assert shown_ in page
    assert "<title>(1) Inbox</title>" in page
    assert "MARKERWORD" not in page


async def test_a_page_without_scripts_loads_itself_anew_and_keeps_no_session_open(
    staff: Staff,
) -> None:
    await staff.enter("agent")
    _, page = await staff.get("/inbox?tab=mine")
    assert '<noscript><meta http-equiv="refresh" content="15; url=/inbox/anew?tab=mine">' in page
    statuses = []
    for _ in range(3):
        staff.clock.pass_(staff.access.idle // 2)
        statuses.append((await staff.get("/inbox/anew?tab=mine"))[0])
    assert statuses == [200, 401, 401]


async def test_owner_and_last_speaker_are_named(staff: Staff) -> None:
    await staff.enter("agent")
    me, bo = staff.people[0], await staff.account("agent", "Bo Li")
    await wait(staff)
    await wait(staff, "c2")
    send = partial(staff_messages.send, agent=bo.id, text="Hello", at=AT, client_id="k")
    await staff.database.write(lambda c: send(c, "c1"))
    await staff.database.write(lambda c: ownership.claim(c, "c2", me.id, AT, by=me.id))
    _, page = await staff.get("/inbox?tab=all")
    assert "with Bo Li<" in page
    assert "last: staff" in page
    assert "with Ana Diaz (you)" in page
    assert LABEL not in (await staff.get("/inbox?tab=mine"))[1]


async def test_a_crisis_is_on_top_with_its_clock(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    await talk(staff, "c2")
    await risk(staff, "c2", 500)
    staff.clock.pass_(7 * 60_000)
    for tab in ("waiting", "mine", "all", "snoozed"):
        _, page = await staff.get(f"/inbox?tab={tab}")
        rows = re.findall(r'data-key="(c\d)"', page)
        assert rows[0] == "c2"
        assert "Crisis: T1, urgent" in page
        assert ">7 min</time>" in page


async def test_unread_is_over_when_it_was_read(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    assert 'class="mark new"' in (await staff.get("/inbox"))[1]
    await staff.get("/conversations/c1")
    assert 'class="mark new"' not in (await staff.get("/inbox"))[1]
    await say(staff, "c1", "one more", AT)
    assert 'class="mark new"' in (await staff.get("/inbox"))[1]
    read_to = await staff.database.read(lambda c: seen.up_to(c, staff.people[0].id, ["c1"]))
    assert read_to == {"c1": 10}


async def test_that_somebody_has_read_a_conversation_is_noted(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    await staff.get("/conversations/c1")
    (deed,) = await staff.database.read(audit.newest)
    assert (deed["action"], deed["subject"]) == ("read", "c1")
    assert deed["staff_id"] == staff.people[0].id


async def test_a_reviewer_reads_writes_notes_and_changes_nothing_else(staff: Staff) -> None:
    await staff.enter("reviewer")
    await wait(staff)
    _, page = await staff.get("/conversations/c1")
    assert "It depends." in page
    assert "Add the note" in page
    assert 'href="/conversations/c1/story"' in page
    for missing in ("Answer as", "Assign to me", "Resolve", "Hand over", "Snooze", "Canned"):
        assert missing not in page
    forms = set(re.findall(r'<form[^>]* action="/conversations/c1/(\w+)"', page))
    assert forms == {"note", "reviewed", "tag"}
    deeds = "reply insert typing claim assign snooze wake resolve release block unblock".split()
    for deed in deeds:
        assert (await staff.post(f"/conversations/c1/{deed}", text="x"))[0] == 403


async def test_a_reviewers_note_leaves_the_conversation_to_whoever_has_it(staff: Staff) -> None:
    await staff.enter("reviewer")
    await wait(staff)
    before = await staff.database.read(lambda c: ownership.state(c, "c1"))
    status, page = await staff.post("/conversations/c1/note", text="Ask about the bus.")
    assert (status, "Ask about the bus." in page) == (200, True)
    assert await staff.database.read(lambda c: ownership.state(c, "c1")) == before
    (note,) = await staff.database.read(lambda c: notes.of(c, "c1"))
    assert note["staff_id"] == staff.people[0].id


async def test_only_those_who_may_block_are_offered_it(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    assert "Mark as spam" not in (await staff.get("/conversations/c1"))[1]
    await staff.enter("clinician", "Bo Li")
    assert "Mark as spam" in (await staff.get("/conversations/c1"))[1]


async def test_the_transcript_says_what_was_understood_and_who_spoke(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    me = staff.people[0]
    send = partial(staff_messages.send, agent=me.id, text="Hello!", at=AT, client_id="k")
    seq = await staff.database.write(lambda c: send(c, "c1"))
    _, page = await staff.get("/conversations/c1")
    for shown_ in (
        "Understood: cost 90%",
        "financial_aid 5%",
        "Text cost, version 3",
        "draft, not approved",
        # Whoever has answered works with it, and sees it as it was written.
        "call me at (213) 555-0142",
        "Ana Diaz, staff",
        "not delivered yet",
    ):
        assert shown_ in page
    await staff.database.write(lambda c: staff_messages.delivered(c, "c1", [seq], AT))
    _, page = await staff.get("/conversations/c1")
    assert "not delivered yet" not in page
    assert "delivered " in page


@pytest.mark.parametrize(("score", "words"), [(0, "did not help"), (1, "helped"), (None, None)])
async def test_the_transcript_says_whether_an_answer_helped(
    staff: Staff, score: int | None, words: str | None
) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    if score is not None:
        await staff.database.write(lambda c: answer_ratings.rate(c, "c1", 12, score, AT))
    _, page = await staff.get("/conversations/c1")
    at_question, at_answer = re.findall(r'<li class="entry.*?</li>', page, re.S)
    marks = re.compile(r'<span class="mark[^"]*">(did not help|helped)</span>')
    assert marks.findall(at_answer) == ([words] if words else [])
    assert marks.findall(at_question) == []


async def test_what_the_bot_would_say_is_offered(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    _, page = await staff.get("/conversations/c1")
    assert "What the assistant would say" in page
    assert 'value="answer:cost"' in page


@pytest.mark.parametrize("place", ["message", "note", "name", "canned"])
async def test_stored_markup_stays_words(staff: Staff, place: str) -> None:
    await staff.enter("clinician", SCRIPT if place == "name" else "Ana Diaz")
    await talk(staff, text=SCRIPT if place == "message" else "hello")
    if place == "note":
        await staff.post("/conversations/c1/note", text=SCRIPT)
    if place == "canned":
        await staff.post("/canned", title=SCRIPT[:80], text=SCRIPT)
    if place == "name":
        await staff.post("/conversations/c1/reply", text="hello")
    pages = ""
    for path in ("/conversations/c1", "/inbox?tab=all", "/canned", "/conversations"):
        pages += (await staff.get(path))[1]
    assert "<script>document" not in pages
    assert "<img" not in pages
    assert "&lt;script&gt;document.title = &#39;HACKED&#39;&lt;/script&gt;" in pages


async def test_no_script_or_style_stands_in_the_page_itself(staff: Staff) -> None:
    await staff.enter("clinician")
    await wait(staff)
    for path in ("/inbox", "/conversations/c1", "/canned", "/conversations"):
        _, page = await staff.get(path)
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)", page)
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", page)
        assert not re.search(r'(src|href|action)="(https?:)?//', page)
    async with staff.http.get(staff.url + "/inbox") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


async def test_long_conversations_are_paged(staff: Staff) -> None:
    await staff.enter("agent")
    for start in range(0, 250, 50):
        said = tuple(asked(start + n + 1, f"word{start + n + 1}.") for n in range(50))
        entry = Entry("c1", "web", AT, said)
        await staff.database.write(partial(log.write, entry=entry))
    _, page = await staff.get("/conversations/c1")
    assert "word250." in page
    assert "word51." in page
    assert "word50." not in page
    _, page = await staff.get("/conversations/c1?before=51")
    assert "word50." in page
    assert "word51." not in page
    assert "Newest messages" in page
    # An answer is written beside what is new.
    assert "Answer as" not in page


@pytest.mark.parametrize("query", ["?before=x", "?before=", "?before=-1", "?before=' or 1=1--"])
async def test_a_wrong_place_is_the_newest(staff: Staff, query: str) -> None:
    await staff.enter("agent")
    await talk(staff)
    status, page = await staff.get("/conversations/c1" + query)
    assert status == 200
    assert "It depends." in page


async def test_nobody_answers_a_drill(staff: Staff) -> None:
    await staff.enter("agent")
    drill = f"{DRILL}abcdefghijklmnopqrstuv"
    alert = Alert(10, "crisis", AT, "S2", "T1", "a.rule")
    entry = Entry(drill, "web", AT, (asked(),), Reading(10, "brain", 1.0), (alert,))
    await staff.database.write(lambda c: log.write(c, entry))
    _, page = await staff.get(f"/conversations/{drill}")
    assert "DRILL" in page
    assert "Answer as" not in page


async def test_a_conversation_has_a_name_that_says_nothing_of_the_person(staff: Staff) -> None:
    assert re.fullmatch(r"Web visitor [0-9A-F]{4}", LABEL)
    assert shown.label("c2", "sms") != shown.label("c1", "sms")
    assert shown.label("c1", "sms").startswith("SMS visitor")


async def test_the_words_of_a_bot_are_not_hidden(staff: Staff) -> None:
    await staff.enter("agent")
    said = Message(12, "bot", "answer", "Call (213) 555-0142.", AT, answer_id="x")
    await staff.database.write(lambda c: log.write(c, Entry("c1", "web", AT, (said,))))
    assert "Call (213) 555-0142." in (await staff.get("/conversations/c1"))[1]
    assert WORDS
