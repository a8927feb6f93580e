"""Exports of conversations, over real requests."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.exports.forms import FORMS
from store import audit, pouring, tags, views
from store.filters import Filter
from tests.console.entering import AT, Staff
from tests.console.inbox.talks import talk

FORMULA = '=HYPERLINK("http://evil.example")'


async def export(staff: Staff, status: int = 200, **form: str) -> str:
    found, words = await staff.post("/exports", **{"form": "csv", **form})
    assert found == status
    return words


def sheet(words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(words, newline="")))


async def deeds(staff: Staff) -> list[tuple[str, str]]:
    rows = await staff.database.read(audit.newest)
    return [(row["action"], row["detail"]) for row in rows]


async def test_csv_has_a_line_for_each_message_with_identifiers_hidden(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    rows = sheet(await export(staff))
    assert [row["sender"] for row in rows] == ["visitor", "bot"]
    assert rows[0]["text"] == "MARKERWORD how much is it, call me at [phone]"
    assert rows[0]["conversation"] == "c1"
    assert (rows[0]["intent"], rows[0]["confidence"], rows[0]["model"]) == ("cost", "0.9", "m-7")
    assert (rows[1]["answer"], rows[1]["answer_version"]) == ("cost", "3")


async def test_json_lines_have_a_line_for_each_conversation(staff: Staff) -> None:
    await staff.enter("reviewer")
    for name in ("c1", "c2"):
        await talk(staff, name)
    lines = (await export(staff, form="jsonl")).splitlines()
    found: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert [each["conversation"] for each in found] == ["c1", "c2"]
    assert [each["sender"] for each in found[0]["messages"]] == ["visitor", "bot"]
    assert "555" not in str(found)


async def test_formulas_in_messages_and_tags_are_text(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff, text=FORMULA)
    me = staff.people[0].id
    await staff.database.write(lambda c: tags.add(c, "c1", 0, "+tag", by=me, at=AT))
    first = sheet(await export(staff))[0]
    assert first["text"].startswith("'=HYPERLINK(")
    assert first["tags"] == "'+tag"


async def test_the_filters_are_the_lists(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    assert sheet(await export(staff, list="channel=sms")) == []
    assert len(sheet(await export(staff, list="channel=web&intent=cost"))) == 2
    assert ("exported", "csv, channel=web&intent=cost") in await deeds(staff)


async def test_what_was_searched_for_filters_too_and_is_in_no_audit(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    await talk(staff, "c2", text="something else")
    async with staff.http.post(
        f"{staff.url}/conversations/find", data={"proof": staff.proof, "words": "markerword"}
    ) as answer:
        query = answer.url.query_string
    _, page = await staff.get(f"/exports?{query}")
    assert "1 conversation</strong>, found for <q>markerword</q>" in page
    assert {row["conversation"] for row in sheet(await export(staff, list=query))} == {"c1"}
    assert "markerword" not in str(await deeds(staff)).lower()


async def test_who_took_it_with_which_filter_and_how_much_is_noted(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    await export(staff)
    assert (await deeds(staff))[:2] == [
        ("export ended", "1 conversations, 2 messages"),
        ("exported", "csv, all conversations"),
    ]


async def test_identifiers_are_shown_to_the_role_with_a_reason_which_is_noted(
    staff: Staff,
) -> None:
    await staff.enter("administrator")
    await talk(staff)
    words = await export(staff, identifiers="shown", reason="asked by the court")
    assert "(213) 555-0142" in words
    assert ("unmasked", "asked by the court") in await deeds(staff)


@pytest.mark.parametrize("reason", ["", "    ", "why"])
async def test_without_a_reason_nothing_is_given(staff: Staff, reason: str) -> None:
    await staff.enter("administrator")
    await talk(staff)
    page = await export(staff, 422, identifiers="shown", reason=reason)
    assert "Say in a few words why" in page
    assert "MARKERWORD" not in page
    assert "exported" not in dict(await deeds(staff))


async def test_another_role_gets_no_identifiers_whatever_it_posts(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    page = await export(staff, 403, identifiers="shown", reason="asked by the court")
    assert "MARKERWORD" not in page
    assert "unmasked" not in dict(await deeds(staff))
    assert 'name="identifiers"' not in (await staff.get("/exports"))[1]


async def test_a_form_that_there_is_not(staff: Staff) -> None:
    await staff.enter("reviewer")
    assert "Choose one of the two forms" in await export(staff, 422, form="exe")


async def test_many_conversations_come_in_batches(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    batch = pouring.batch

    def small(*given: Any, **named: Any) -> Any:
        found = batch(*given, **named, size=2)
        sizes.append(len(found))
        return found

    monkeypatch.setattr(pouring, "batch", small)
    await staff.enter("reviewer")
    for number in range(5):
        await talk(staff, f"c{number}")
    assert len(sheet(await export(staff))) == 10
    assert sizes == [2, 2, 1, 0]


@pytest.mark.parametrize("form", sorted(FORMS))
async def test_half_a_pair_of_surrogates_breaks_no_export(staff: Staff, form: str) -> None:
    await talk(staff)
    (poured,) = await staff.database.read(lambda c: pouring.batch(c, Filter()))
    poured.messages[0]["text"] = "broken \ud83d, é ok"
    lines = FORMS[form].lines([poured], ZoneInfo("America/Los_Angeles"))
    assert "broken ?, é ok" in lines.encode().decode()


async def test_the_list_leads_to_the_export_of_the_same(staff: Staff) -> None:
    await staff.enter("reviewer")
    assert 'href="/exports?channel=web"' in (await staff.get("/conversations?channel=web"))[1]
    await staff.enter("agent", "Bo Li")
    assert "/exports" not in (await staff.get("/conversations"))[1]


async def view_of(staff: Staff, words: str = "", **filters: str) -> int:
    """Keep a view of whoever is signed in, and return its number."""
    me = staff.people[0].id
    number = await staff.database.write(
        lambda c: views.keep(c, me, "mine", filters, words, shared=False, at=AT)
    )
    assert number is not None
    return number


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("view=77", "There is no such view any more."),
        ("view=x", "is left out: view."),
        ("view=9999999", "is left out: view."),
        ("s=forgotten", "is gone. Search anew."),
        ("s=%3F", "is left out: s."),
        ("channel=fax", "is left out: channel."),
        ("channel=sms&tier=T9", "is left out: tier."),
        (f"channel=sms&x={'x' * 2000}&tier=any", "is left out: what is too long."),
    ],
)
async def test_what_is_gone_or_not_understood_exports_nothing(
    staff: Staff, query: str, words: str
) -> None:
    await staff.enter("administrator")
    await talk(staff)
    _, page = await staff.get(f"/exports?{query}")
    assert words in page
    assert ">Export</button>" not in page
    assert "1 conversation<" not in page
    shown = {"identifiers": "shown", "reason": "asked by the court"}
    for form in ({}, shown):
        page = await export(staff, 422, list=query, **form)
        assert words in page
        assert "MARKERWORD" not in page
    assert await deeds(staff) == []


async def test_a_view_that_is_removed_meanwhile_exports_nothing(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    number = await view_of(staff, channel="sms")
    assert sheet(await export(staff, list=f"view={number}")) == []
    await staff.post(f"/views/{number}/remove")
    page = await export(staff, 422, list=f"view={number}")
    assert "There is no such view any more." in page
    assert "MARKERWORD" not in page


async def test_the_filters_of_a_view_are_noted_as_they_were(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    number = await view_of(staff, "markerword", channel="web", intent="cost")
    await export(staff, list=f"view={number}")
    noted = f"csv, view={number}&words&channel=web&intent=cost"
    assert ("exported", noted) in await deeds(staff)


async def test_filters_are_noted_to_their_end(staff: Staff) -> None:
    await staff.enter("reviewer")
    query = "&".join(f"{name}={'x' * 90}" for name in ("intent", "language", "model"))
    await export(staff, list=query)
    rows = [detail for action, detail in await deeds(staff) if action == "exported"]
    assert "".join(reversed(rows)) == f"csv, {query}"
    assert max(map(len, rows)) <= 128


async def test_words_without_a_word_export_nothing(staff: Staff) -> None:
    await staff.enter("reviewer")
    await talk(staff)
    number = await view_of(staff, "!!!")
    page = await export(staff, 422, list=f"view={number}")
    assert "There is no word in it to search for." in page
    assert "MARKERWORD" not in page
