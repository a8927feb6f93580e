from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from store import audit, log, reviewed, tags, views
from store.records import Entry
from store.tables.review import searches
from tests.console.entering import AT, Staff
from tests.console.inbox.talks import asked, risk, talk

DAY = 86_400_000


async def shown(staff: Staff, path: str) -> list[str]:
    """Return the conversations of a page of the list, in order."""
    status, page = await staff.get(path)
    assert status == 200
    return re.findall(r'class="row-head"><a href="/conversations/([\w-]+)', page)


async def find(staff: Staff, **form: str) -> tuple[str, str]:
    """Send the form of the filters, and return the address and the page that it leads to."""
    data = {"proof": staff.proof, **form}
    async with staff.http.post(f"{staff.url}/conversations/find", data=data) as answer:
        assert answer.status == 200
        return str(answer.url.relative()), unescape(await answer.text())


async def old(staff: Staff, name: str, days: int, text: str = "hello", **more: Any) -> None:
    at = AT - days * DAY
    entry = Entry(name, "web", at, (asked(at, text, at, **more),))
    await staff.database.write(lambda c: log.write(c, entry))


async def test_filters_of_the_form_are_in_the_address_and_in_the_form_again(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff)
    await talk(staff, "c2", 50)
    await risk(staff, "c2", 100)
    address, page = await find(
        staff, tier="any", channel="web", intent="", **{"from": "2026-11-01"}
    )
    assert address == "/conversations?from=2026-11-01&channel=web&tier=any"
    assert '<option value="any" selected>' in page
    assert 'value="2026-11-01"' in page
    assert "Filters: From: 2026-11-01; Channel: Web; Crisis: tier: Any." in page
    assert await shown(staff, address) == ["c2"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("days=1", ["today"]),
        ("days=7", ["today", "week"]),
        ("from=2026-11-24&to=2026-11-24", ["today"]),
        ("to=2026-11-18", ["week", "month"]),
        ("sure_to=100", []),
        ("length_from=1&length_to=1", ["today", "week", "month"]),
        ("length_from=2", []),
        ("owner=me", []),
        ("language=en&reviewed=no&flagged=no", ["today", "week", "month"]),
    ],
)
async def test_dates_and_numbers_are_those_of_the_center(
    staff: Staff, query: str, names: list[str]
) -> None:
    await staff.enter("agent")
    for name, days in (("month", 20), ("week", 6), ("today", 0)):
        await old(staff, name, days)
    assert await shown(staff, f"/conversations?{query}") == names


async def test_what_is_searched_for_is_in_no_address_and_no_audit(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff, text="Do you help with nightmares?")
    await talk(staff, "c2", 50, text="hello")
    address, page = await find(staff, words="nightmares", channel="web")
    assert "nightmares" not in address
    assert "Do you help with <mark>nightmares</mark>?" in page
    assert re.search(r'href="/conversations/c1\?[^"]*#m10"', page)
    assert await shown(staff, address) == ["c1"]
    deeds = await staff.database.read(audit.newest)
    assert [each["action"] for each in deeds] == ["searched"]
    assert "nightmares" not in str(deeds)


async def test_an_identifier_is_neither_searched_for_nor_kept(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff)
    for words in ("(213) 555-0142", "555-0142"):
        address, page = await find(staff, words=words)
        assert address == "/conversations?identifiers=1"
        assert "are left out of the search" in page
    _, page = await find(staff, words="0142")
    assert "No conversation has all of this." in page
    kept = await staff.database.read(lambda c: c.execute(select(searches.c.words)).scalars().all())
    assert kept == ["0142"]
    assert "555-0142" not in page


@pytest.mark.parametrize("words", ["!!!", '"..."', "?"])
async def test_what_has_no_word_in_it_is_not_searched_for(staff: Staff, words: str) -> None:
    await staff.enter("agent")
    await talk(staff)
    address, page = await find(staff, words=words, channel="web")
    assert address == "/conversations?channel=web&no-word=1"
    assert "There is no word in it to search for." in page
    assert "Found for" not in page
    kept = await staff.database.read(lambda c: c.execute(select(searches.c.words)).scalars().all())
    assert kept == []


async def test_a_view_of_no_word_is_not_found_for_it(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff)
    me = staff.people[0].id
    number = await staff.database.write(
        lambda c: views.keep(c, me, "old", {}, "!!!", shared=False, at=AT)
    )
    _, page = await staff.get(f"/conversations?view={number}")
    assert "There is no word in it to search for." in page
    assert "Found for" not in page


async def test_another_persons_search_is_not_shown(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff)
    address, _ = await find(staff, words="much")
    await staff.enter("agent", "Bo Li")
    _, page = await staff.get(address)
    assert "is gone. Search anew." in unescape(page)
    assert "much" not in page


@pytest.mark.parametrize(
    "query",
    ["tier=T9", "from=yesterday", "sure_to=101", "tag=x", "owner=%00", "channel=%27+or+1", "s=+"],
)
async def test_what_is_not_understood_is_said_and_left_out(staff: Staff, query: str) -> None:
    await staff.enter("agent")
    await talk(staff)
    status, page = await staff.get(f"/conversations?{query}")
    assert status == 200
    assert f"is left out: {query.split('=')[0]}." in page
    assert await shown(staff, f"/conversations?{query}") == ["c1"]


async def test_the_form_says_what_it_does_not_understand(staff: Staff) -> None:
    await staff.enter("agent")
    address, page = await find(staff, tier="T9", channel="web")
    assert "is left out: tier." in page
    assert "T9" not in address


async def test_pages_of_a_filter_go_on_where_the_last_ended(staff: Staff) -> None:
    await staff.enter("agent")
    for number in range(60):
        await old(staff, f"c{number:02}", 59 - number)
    _, page = await staff.get("/conversations?channel=web")
    older = unescape(re.search(r'id="older" href="([^"]+)"', page)[1])  # type: ignore[index]
    assert older.startswith("/conversations?channel=web&before=")
    assert await shown(staff, older) == [f"c{number:02}" for number in reversed(range(10))]
    assert "OFFSET" not in page


async def test_a_view_is_kept_shown_and_removed(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff, text="Do you help with nightmares?")
    address, _ = await find(staff, words="nightmares", channel="web")
    status, page = await staff.post(
        "/views", name="Bad  dreams", shared="yes", list=address.split("?")[1]
    )
    assert status == 200
    assert "Found for <q>nightmares</q>." in page
    assert "Channel: Web" in page
    await staff.enter("agent", "Bo Li")
    _, page = await staff.get("/conversations")
    assert ">Bad dreams</a>" in page
    assert "shared by Ana Diaz" in page
    (view,) = await staff.database.read(lambda c: views.of(c, "nobody"))
    assert await shown(staff, f"/conversations?view={view.id}") == ["c1"]
    await staff.post(f"/views/{view.id}/remove")
    assert len(await staff.database.read(lambda c: views.of(c, "nobody"))) == 1
    await staff.be(staff.people[0].id)
    await staff.post(f"/views/{view.id}/remove")
    assert await staff.database.read(lambda c: views.of(c, "nobody")) == []
    _, page = await staff.get(f"/conversations?view={view.id}")
    assert "There is no such view any more." in page


async def test_only_reviewers_share_views(staff: Staff) -> None:
    await staff.enter("agent")
    assert "For all of staff" not in (await staff.get("/conversations?channel=web"))[1]
    await staff.post("/views", name="mine", shared="yes", list="channel=web")
    (view,) = await staff.database.read(lambda c: views.of(c, staff.people[0].id))
    assert not view.shared
    assert view.filters == {"channel": "web"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "call (213) 555-0142"])
async def test_a_view_has_a_name_that_identifies_nobody(staff: Staff, name: str) -> None:
    await staff.enter("agent")
    status, page = await staff.post("/views", name=name, list="channel=web")
    assert status == 422
    assert "Give the view a name" in page
    assert await staff.database.read(lambda c: views.of(c, staff.people[0].id)) == []


async def test_a_refused_name_leaves_the_list_and_the_form_to_try_again(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff)
    status, page = await staff.post("/views", name="x" * 81, list="channel=sms")
    assert status == 422
    assert 'name="list" value="channel=sms"' in page
    assert f'value="{"x" * 81}"' in page
    assert 'href="/conversations/c1' not in page


@pytest.mark.parametrize("gone", ["view=77", "s=forgotten", "channel=fax"])
async def test_what_is_gone_is_kept_as_no_view(staff: Staff, gone: str) -> None:
    await staff.enter("agent")
    await talk(staff)
    status, page = await staff.post("/views", name="mine", list=gone)
    assert status == 422
    assert "no such view" in page or "is gone" in page or "is left out: channel" in page
    assert await staff.database.read(lambda c: views.of(c, staff.people[0].id)) == []


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ("view=77", "There is no such view any more."),
        ("s=forgotten", "is gone. Search anew."),
        ("channel=fax", "is left out: channel."),
    ],
)
async def test_the_next_of_what_is_gone_is_none(staff: Staff, gone: str, words: str) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    async with staff.http.get(f"{staff.url}/conversations/next?{gone}") as answer:
        assert str(answer.url.relative()).startswith("/conversations?")
        assert words in unescape(await answer.text())


@pytest.mark.parametrize(
    "kept", ["//evil.example", "https://evil.example/?channel=web", "channel=web\r\nX: y", "%ff%00"]
)
async def test_a_list_that_a_form_carries_leads_nowhere_else(staff: Staff, kept: str) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    data = {"proof": staff.proof, "to": str(AT), "list": kept}
    for deed in ("reviewed", "done"):
        async with staff.http.post(
            f"{staff.url}/conversations/c1/{deed}", data=data, allow_redirects=False
        ) as answer:
            assert answer.status == 303
            assert re.match(r"/conversations/(c1|next)[?#]?", answer.headers["location"])
            assert "evil" not in answer.headers["location"]


async def test_the_next_unreviewed_is_that_of_the_list(staff: Staff) -> None:
    await staff.enter("reviewer")
    for number, words in enumerate(("price", "hello", "price", "price")):
        await old(staff, f"c{number}", 9 - number, words)
    await staff.database.write(lambda c: reviewed.mark(c, "c2", AT, by="x", at=AT))

    async def led_to(path: str) -> str:
        async with staff.http.get(staff.url + path, allow_redirects=False) as answer:
            return answer.headers["location"]

    assert await led_to("/conversations/next") == "/conversations/c3"
    assert (
        await led_to("/conversations/next?channel=web&after=c3") == "/conversations/c1?channel=web"
    )
    assert await led_to("/conversations/next?after=c0") == "/conversations?none-left=1"
    address, _ = await find(staff, words="price")
    query = address.split("?")[1]
    assert await led_to(f"/conversations/next?{query}&after=c3") == f"/conversations/c0?{query}"
    _, page = await staff.get("/conversations?none-left=1")
    assert "Nothing more here waits for review." in page


async def test_reviewed_and_on_to_the_next(staff: Staff) -> None:
    await staff.enter("reviewer")
    await old(staff, "c1", 2)
    await old(staff, "c2", 1)
    _, page = await staff.get("/conversations/c2?channel=web")
    to = re.search(r'id="do-next"[^>]*name="to" value="(\d+)"', page)
    assert to
    data = {"proof": staff.proof, "to": to[1], "list": "channel=web"}
    async with staff.http.post(f"{staff.url}/conversations/c2/done", data=data) as answer:
        assert str(answer.url.relative()) == "/conversations/c1?channel=web"
    assert await shown(staff, "/conversations?reviewed=yes") == ["c2"]


async def test_marks_of_the_list_lead_back_to_it(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    form = {"to": str(AT), "on": "list", "list": "reviewed=yes"}
    _, page = await staff.post("/conversations/c1/reviewed", **form)
    assert "Not reviewed after all" in page
    assert "<h1>Conversations</h1>" in page
    _, page = await staff.post("/conversations/c1/unreviewed", on="list")
    assert "Mark as reviewed" in page


async def test_the_transcript_has_the_marks_of_review(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    await staff.post("/conversations/c1/tag", name="Good  Example")
    await staff.post("/conversations/c1/tag", name="odd", seq="10", on="message")
    await staff.post("/conversations/c1/flag", seq="10")
    _, page = await staff.post("/conversations/c1/flag")
    for mark in ("good example", ">odd</span>", ">flagged</span>", "Unflag the conversation"):
        assert mark in page
    assert "layer: " not in page
    _, page = await staff.get("/conversations/c1/messages/10")
    assert "call me at [phone]" in page
    assert "555-0142" not in page
    assert ">odd</span>" in page
    assert '<option value="good example">' in page
    numbers = await staff.database.read(tags.everything)
    odd = next(number for number, name in numbers.items() if name == "odd")
    await staff.post("/conversations/c1/untag", seq="10", tag=str(odd))
    await staff.post("/conversations/c1/unflag", seq="10")
    _, page = await staff.post("/conversations/c1/unflag")
    assert ">odd</span>" not in page
    assert ">flagged</span>" not in page


async def test_the_rule_and_the_layer_that_found_a_risk_are_said(staff: Staff) -> None:
    await staff.enter("reviewer")
    await risk(staff, "c1", 100)
    _, page = await staff.get("/conversations/c1")
    assert "rule a.rule; layer: rules" in page


@pytest.mark.parametrize("name", ["", " \n", "x" * 41, "(213) 555-0142"])
async def test_a_tag_is_short_and_identifies_nobody(staff: Staff, name: str) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    status, page = await staff.post("/conversations/c1/tag", name=name)
    assert status == 422
    assert "A tag is a word or two" in page
    assert await staff.database.read(tags.everything) == {}


@pytest.mark.parametrize(
    "path",
    ["none/reviewed", "none/flag", "none/tag", "none/done", "none/unreviewed", "none/messages/10"],
)
async def test_marks_on_what_is_not_there(staff: Staff, path: str) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    if "messages" in path:
        assert (await staff.get(f"/conversations/{path}"))[0] == 404
        assert (await staff.get("/conversations/c1/messages/11"))[0] == 404
        return
    assert (await staff.post(f"/conversations/{path}", name="x", to="1"))[0] == 404


async def test_an_agent_sees_marks_and_changes_none(staff: Staff) -> None:
    await staff.enter("agent")
    await talk(staff)
    await staff.database.write(lambda c: tags.add(c, "c1", 0, "billing", by="x", at=AT))
    for path in ("/conversations", "/conversations/c1"):
        _, page = await staff.get(path)
        assert "billing" in page
        for missing in ("Mark as reviewed", "Remove", "New tag", "may-review", "Next unreviewed"):
            assert missing not in page


async def test_reading_one_message_is_written_down(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    await staff.get("/conversations/c1/messages/10")
    deeds = await staff.database.read(audit.newest)
    assert [(each["action"], each["subject"]) for each in deeds] == [("read", "c1")]
