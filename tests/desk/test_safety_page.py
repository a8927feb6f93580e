"""The published protocol says what the rules, texts and lines in use say."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from answers.catalogue import load_catalogue
from center.facts import CENTER_FILE
from desk.protocol import TIER_MEANS
from safety.resources import load_resources
from safety.risk import CATEGORIES, TIERS
from safety.rules import load_rules, load_words
from tests.desk.conftest import Running, Serve


async def page_of(desk: Running) -> str:
    async with desk.http.get(f"{desk.url}/safety") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/html")
        return unescape(await answer.text())


@pytest.fixture
async def page(desk: Running) -> str:
    return await page_of(desk)


def test_every_tier_has_its_meaning() -> None:
    assert set(TIER_MEANS) == set(TIERS)


async def test_what_is_looked_for_is_all_there(page: str) -> None:
    assert [meaning for meaning in CATEGORIES.values() if meaning not in page] == []
    rules = load_rules(load_words())
    assert f"{len(rules)} written rules" in page
    counted = sum(int(n) for n in re.findall(r"; (\d+) rules?\)", page))
    assert counted == len(rules)


async def test_what_is_said_is_said_there(page: str) -> None:
    assert "Call 911 now. This may be a medical emergency." in page
    assert "You are having thoughts of suicide, and it is good that you said so." in page
    assert all(means in page for means in TIER_MEANS.values())


async def test_every_line_has_the_day_of_its_last_check(page: str) -> None:
    for line in load_resources("la_county").values():
        if line.show:
            item = next(i for i in page.split("<li>") if f"<strong>{line.title}</strong>" in i)
            assert line.say in item
            assert f'<time datetime="{line.checked}">{line.checked}</time>' in item
        else:
            assert f"<strong>{line.title}</strong>" not in page


async def test_its_limits_are_named(page: str) -> None:
    for words in ("not a risk assessment", "miss some messages", "No clinician has validated"):
        assert words in page
    crisis = [a for a in load_catalogue().answers.values() if a.id.startswith("crisis")]
    approved = sum(answer.approval is not None for answer in crisis)
    assert f"Of its {len(crisis)} texts for a crisis, {approved} ha" in page


async def test_help_comes_before_all_else(page: str) -> None:
    assert page.index("tel:988") < page.index("<h1>")
    assert page.index("tel:911") < page.index("<h1>")


async def test_it_loads_nothing_from_anyone_else(page: str) -> None:
    assert re.findall(r'(?:src|href|action)="(?!/|#|tel:|sms:)[^"]*"', page) == []
    assert "<script" not in page


@pytest.mark.parametrize("path", ["/", "/chat"])
async def test_it_can_be_found(desk: Running, path: str) -> None:
    async with desk.http.get(desk.url + path) as answer:
        assert 'href="/safety"' in await answer.text()


async def test_it_tells_of_this_center(serve: Serve, tmp_path: Path) -> None:
    text = CENTER_FILE.read_text("utf-8")
    text = re.sub(r"(?m)^region:.*$", "region:", text).replace("Los Angeles", "Chicago", 1)
    text = text.replace("America/Chicago", "America/Los_Angeles")
    text = text.replace("detection: rules+meaning", "detection: rules")
    (tmp_path / "center.yml").write_text(text)
    page = await page_of(await serve({"center_file": tmp_path / "center.yml"}))
    assert "Only these written rules are used" in page
    assert not re.search(r"Los Angeles|L\.A\.|800-854-7771", page)
