"""The page for reviewers: every text once, in all its forms, and nothing of it is markup."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timezone
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers import review
from answers.catalogue import Answer, Catalogue, Part, load_catalogue
from answers.grouping import FORMS, Entry, definitions, facts_of, groups
from answers.shown import pieces, shown
from answers.sms import segments
from center.facts import Center, load_center

AT = datetime(2026, 11, 25, tzinfo=timezone.utc)
VOID = frozenset({"meta", "link", "input", "br", "img"})
HOSTILE = "<script>alert(1)</script>\"'&<b>"
CENTERS = [load_center(), load_center(demo=True)]


class Page(HTMLParser):
    """Reads a page and refuses tags that do not close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: Counter[str] = Counter()
        self.said: list[str] = []
        self._depth = 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags[tag] += 1
        self.ids += [values["id"] or ""] if "id" in values else []
        self.addresses += [values[k] or "" for k in ("href", "src") if k in values]
        if tag not in VOID:
            self.open.append(tag)
            if values.get("class") == "said":
                self.said.append("")
                self._depth = len(self.open)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if len(self.open) < self._depth:
            self._depth = 0

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.said[-1] += data


@lru_cache(maxsize=2)
def written(demo: bool) -> Page:
    return Page(review.page(load_catalogue(), CENTERS[demo], AT))


def entries(center: Center) -> list[Entry]:
    return [entry for group in groups(load_catalogue(), center) for entry in group.entries]


def catalogue_of(words: str, **changes: object) -> Catalogue:
    values: dict[str, object] = {
        "id": "cost",
        "version": 1,
        "intent": "cost",
        "about": words,
        "texts": {"web": (Part(words),), "sms": (Part(words, words),)},
        "sources": ("source",),
        "approval": {"name": words, "role": words, "date": words},
        "buttons": ("cost",),
        "links": (),
    }
    answer = Answer(**{**values, **changes})  # type: ignore[arg-type]
    source = {"title": words, "url": "javascript:alert(1)", "status": words}
    return Catalogue({"cost": answer}, {"cost": words}, {"source": source})


@pytest.mark.parametrize("demo", [False, True])
def test_every_answer_stands_once_with_all_its_forms(demo: bool) -> None:
    catalogue, found = load_catalogue(), entries(CENTERS[demo])
    assert Counter(entry.answer.id for entry in found) == Counter(catalogue.answers.keys())
    forms = {e.answer.id: {form.title for form in e.forms} for e in found}
    assert forms == {a.id: {FORMS[f] for f in a.texts} for a in catalogue.answers.values()}
    anchors = Counter(name for name in written(demo).ids if name.startswith("answer-"))
    assert anchors == Counter(f"answer-{name}" for name in catalogue.answers)
    assert written(demo).tags["article"] == len(catalogue.answers)


@pytest.mark.parametrize("demo", [False, True])
def test_what_is_shown_is_what_is_said(demo: bool) -> None:
    catalogue, facts = load_catalogue(), facts_of(CENTERS[demo])
    differing = []
    for answer in catalogue.answers.values():
        for form, parts in answer.texts.items():
            channel = "sms" if form.endswith("sms") else "web"
            language = "es" if form.startswith("es") else "en"
            said = catalogue.render(answer.id, channel, facts, language)  # type: ignore[arg-type]
            if shown(parts, facts).text != said.text:
                differing.append((answer.id, form))
    assert differing == []


@pytest.mark.parametrize("demo", [False, True])
def test_no_brace_is_shown(demo: bool) -> None:
    page = written(demo)
    assert len(page.said) == sum(len(a.texts) for a in load_catalogue().answers.values())
    assert not [text for text in page.said if "{" in text or "}" in text]


def test_the_page_asks_nobody_for_anything() -> None:
    page = written(False)
    assert not {"img", "link", "iframe", "object", "video"} & set(page.tags)
    assert all(re.match(r"(#|https?:|tel:|sms:)", address) for address in page.addresses)
    ids = Counter(page.ids)
    assert [name for name, count in ids.items() if count > 1] == []
    assert {a[1:] for a in page.addresses if a.startswith("#")} <= set(ids)


def test_every_intent_with_a_title_is_defined() -> None:
    assert set(load_catalogue().titles) <= set(definitions())
    assert {g.intent for g in groups(load_catalogue(), CENTERS[0])} - {""} <= set(definitions())


def test_words_of_an_answer_are_never_markup() -> None:
    text = review.page(catalogue_of(HOSTILE), CENTERS[0], AT)
    page = Page(text)
    assert page.tags["script"] == 1
    assert page.tags["b"] == 0
    assert [said.strip() for said in page.said] == [HOSTILE] * 2
    assert "javascript:" not in text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_any_words_leave_the_page_whole(words: str) -> None:
    page = Page(review.page(catalogue_of(words), CENTERS[0], AT))
    assert page.tags["article"] == 1
    assert page.tags["script"] == 1


PRICED = (Part("It varies."), Part("Ours is {price}.", "Ask {center}."), Part(""), Part("{food}"))


def test_an_unset_fact_shows_both_wordings() -> None:
    found = shown(PRICED, {"center": "NuView"})
    assert found.text == "It varies. Ask NuView."
    said = [(i.when, "".join(p.words for p in i.pieces)) for i in found.instead]
    assert said == [("When “price” is set", "Ours is price."), ("When “food” is set", "food")]


def test_a_set_fact_shows_what_is_said_without_it() -> None:
    found = shown(PRICED, {"center": "NuView", "price": "$1", "food": "We serve lunch."})
    assert found.text == "It varies. Ours is $1.\n\nWe serve lunch."
    assert [i.when for i in found.instead] == ["When “price” is not set"]


def test_facts_are_told_from_the_text() -> None:
    found = pieces("Ask {center} or {phone}.", {"center": "NuView"})
    assert [(p.words, p.fact, p.known) for p in found] == [
        ("Ask ", "", True),
        ("NuView", "center", True),
        (" or ", "", True),
        ("phone", "phone", False),
        (".", "", True),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("í" * 70, 1),
        ("í" * 71, 2),
        ("🙂" * 36, 2),
    ],
)
def test_segments(text: str, wanted: int) -> None:
    assert segments(text) == wanted


def test_who_approved_is_named() -> None:
    act = {"name": "A. Person", "role": "clinical director", "date": "2026-11-01"}
    page = review.page(catalogue_of("words", approval=act), CENTERS[0], AT)
    assert "A. Person, clinical director, 2026-11-01" in page
    assert 'data-draft="no"' in page


def test_the_command_prints_where_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "answers.html"
    assert review.main(["--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert out.read_text("utf-8").startswith("<!doctype html>")
