"""An administrator exports, holds and erases one person, and sees how long what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, async_playwright
from sqlalchemy import select

from store import audit, key_file, log, persons, sealing
from store.records import Entry, Message
from store.tables.conversations import conversations
from tests.console.entering import AT, Staff

CHROMIUM = "/usr/bin/chromium"
MARKER = "zebrafinch"
PERSON = "/privacy/person/c1"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_default", [])
    key_file.KeyFile(tmp_path / key_file.NAME).make()


async def talk(staff: Staff, conversation: str = "c1") -> None:
    said = (Message(10, "visitor", "text", f"about a {MARKER}", AT),)
    await staff.database.write(lambda c: log.write(c, Entry(conversation, "web", AT, said)))


async def left(staff: Staff) -> list[str]:
    return await staff.database.read(
        lambda c: list(c.execute(select(conversations.c.id)).scalars())
    )


async def newest(staff: Staff) -> tuple[Any, ...]:
    row = (await staff.database.read(audit.newest))[0]
    return row["action"], row["subject"]


async def test_it_is_shown_how_long_each_kind_is_kept(staff: Staff) -> None:
    await talk(staff)
    await staff.enter()
    status, page = await staff.get("/privacy")
    assert status == 200
    for words in ("What staff did", "2190 days", "Nothing is held", "as long as the conversation"):
        assert words in page


async def test_a_person_is_found_by_conversation_or_number(staff: Staff) -> None:
    await talk(staff)
    await staff.database.write(lambda c: persons.know(c, "c1", "phone", "+12135550142"))
    await staff.enter()
    for identity in ("c1", " (213) 555-0142 ", "+1 213 555 0142"):
        async with staff.http.post(
            f"{staff.url}/privacy/find",
            data={"proof": staff.proof, "identity": identity},
            allow_redirects=False,
        ) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, PERSON)
    status, page = await staff.get(PERSON)
    assert status == 200
    assert MARKER not in page


@pytest.mark.parametrize("identity", ["", "nobody", "213 555 0199", "<script>", "9" * 5000])
async def test_nobody_is_found_by_what_is_not_known(staff: Staff, identity: str) -> None:
    await talk(staff)
    await staff.enter()
    status, page = await staff.post("/privacy/find", identity=identity)
    assert status == 422
    assert "Nobody is known by that" in page


async def test_a_person_is_exported_as_one_file(staff: Staff) -> None:
    await talk(staff)
    await staff.enter()
    async with staff.http.post(
        f"{staff.url}{PERSON}/export", data={"proof": staff.proof}
    ) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("application/json")
        assert "attachment" in answer.headers["Content-Disposition"]
        found = json.loads(await answer.text())
    assert found["conversations"][0]["messages"][0]["text"] == f"about a {MARKER}"
    assert await newest(staff) == ("exported", "c1")


async def test_a_person_is_erased_when_the_word_is_typed(staff: Staff) -> None:
    await talk(staff)
    await talk(staff, "c2")
    await staff.enter()
    for word in ("", "yes", "delete"):
        status, page = await staff.post(f"{PERSON}/erase", word=word)
        assert status == 422
        assert "Nothing was erased" in page
    # What is not erased is said before.
    assert "keep as a view stay until the view is removed" in page
    assert await left(staff) == ["c1", "c2"]
    status, page = await staff.post(f"{PERSON}/erase", word=" Erase ")
    assert status == 200
    assert "Erased: 1 conversation." in page
    assert await left(staff) == ["c2"]
    assert await newest(staff) == ("erased", "c1")
    assert (await staff.get(PERSON))[0] == 404
    assert (await staff.post(f"{PERSON}/erase", word="erase"))[0] == 404


async def test_what_is_held_is_not_erased_until_the_hold_ends(staff: Staff) -> None:
    await talk(staff)
    await staff.enter()
    assert (await staff.post(f"{PERSON}/hold", reason="x"))[0] == 422
    _, page = await staff.post(f"{PERSON}/hold", reason="Letter of a court <b>")
    assert "Held: it cannot be erased" in page
    status, page = await staff.post(f"{PERSON}/erase", word="erase")
    assert status == 409
    assert await left(staff) == ["c1"]
    _, page = await staff.get("/privacy")
    assert "Letter of a court &lt;b&gt;" in page
    assert (await staff.post("/privacy/holds/1/end"))[0] == 200
    assert (await staff.post("/privacy/holds/1/end"))[0] == 404
    assert (await staff.post(f"{PERSON}/erase", word="erase"))[0] == 200
    assert await left(staff) == []


@pytest.mark.parametrize("deed", ["export", "erase", "hold"])
@pytest.mark.parametrize("role", ["agent", "clinician", "reviewer"])
async def test_others_do_nothing_to_a_person(staff: Staff, role: str, deed: str) -> None:
    await talk(staff)
    await staff.enter(role)
    assert (await staff.get("/privacy"))[0] == 403
    status, page = await staff.post(f"{PERSON}/{deed}", word="erase", reason="because I can")
    assert status == 403
    assert MARKER not in page
    assert await left(staff) == ["c1"]


@pytest.mark.parametrize("deed", ["export", "erase", "hold"])
async def test_a_form_from_elsewhere_does_nothing(staff: Staff, deed: str) -> None:
    await talk(staff)
    await staff.enter()
    assert (await staff.post(f"{PERSON}/{deed}", proof="x", word="erase"))[0] == 403
    assert await left(staff) == ["c1"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_the_pages_in_a_browser(staff: Staff, scheme: Any, width: int) -> None:
    await talk(staff)
    await staff.enter()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page: Page = await browser.new_page(
            color_scheme=scheme, viewport={"width": width, "height": 900}
        )
        cookie = {"name": staff.access.cookie, "value": staff.cookie(), "url": staff.url}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]
        for path in ("/audit", "/privacy", PERSON):
            await page.goto(staff.url + path)
            found = await Axe().run(page)
            assert [each["id"] for each in found.response["violations"]] == [], path
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, path
        # By the keyboard alone.
        await page.get_by_label("Type the word erase").focus()
        await page.keyboard.type("erase")
        await page.keyboard.press("Enter")
        await page.get_by_text("Erased: 1 conversation.").wait_for()
        await browser.close()
