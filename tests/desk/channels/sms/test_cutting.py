from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.sms import gsm7_length, segments
from desk.channels.sms.cutting import HOW, LONGEST, MORE, MOST, page, whole
from desk.channels.sms.letters import in_gsm7

BUTTONS = st.lists(
    st.fixed_dictionaries({"title": st.text(min_size=1, max_size=40), "id": st.just("cost")}),
    max_size=6,
)


def words_of(text: str) -> list[str]:
    return text.replace(MORE, "").split()


@given(st.text(max_size=3000), BUTTONS)
def test_no_message_takes_more_than_two_segments(text: str, buttons: list[dict[str, str]]) -> None:
    shown = page(text, buttons)
    assert segments(shown.text) <= MOST
    assert gsm7_length(shown.text) is not None


@given(st.text(alphabet="abc .?!\n", max_size=2000))
def test_pages_hold_every_word_once_and_end(text: str) -> None:
    found: list[str] = []
    rest: str | None = text
    pages = 0
    while rest is not None:
        shown = page(rest)
        found += words_of(shown.text)
        assert shown.rest is None or len(shown.rest) < len(rest)
        rest, pages = shown.rest, pages + 1
    assert "".join(found) == "".join(in_gsm7(text).split())
    assert pages <= 40


def test_it_is_cut_between_sentences_where_there_are_some() -> None:
    text = "This is one sentence here. " * 20
    assert page(text).text.removesuffix(f"\n{MORE}").endswith("here.")


def test_choices_are_numbered_and_explained() -> None:
    buttons = [{"title": "Cost", "id": "cost"}, {"title": "Hours", "id": "hours"}]
    shown = page("Which?", buttons, 3)
    assert shown.text == f"Which?\n3 Cost\n4 Hours\n{HOW}"
    assert shown.menu == {"3": "cost", "4": "hours"}


def test_choices_without_room_are_left_out() -> None:
    buttons = [{"title": "A very long choice " * 2, "id": str(n)} for n in range(6)]
    shown = page("Word. " * 30, buttons)
    assert 0 < len(shown.menu or {}) < 6
    assert page("Word. " * 51, buttons).menu is None


def test_a_cut_answer_has_no_menu_until_its_end() -> None:
    buttons = [{"title": "Cost", "id": "cost"}]
    assert page("Word. " * 100, buttons).menu is None


@given(st.text(max_size=5000))
def test_what_staff_write_goes_whole_up_to_twilios_limit(text: str) -> None:
    shown = whole(text)
    assert len(shown.text) <= LONGEST
    assert (shown.rest is None) == (len(in_gsm7(text)) <= LONGEST)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" - really...'),
        ("• one\n• two", "- one\n- two"),
        ("a\u00a0b\u200bc", "a bc"),
        ("hi \U0001f642 there", "hi there"),
        ("año, ¿qué?", "año, ¿qué?"),
        ("información más rápida", "informacion mas rapida"),
        ("50 €", "50 €"),
        ("½ day → home", "1/2 day - home"),
    ],
)
def test_other_letters_become_those_of_gsm7(text: str, plain: str) -> None:
    assert in_gsm7(text) == plain


@given(st.text(max_size=500))
def test_every_text_becomes_gsm7(text: str) -> None:
    assert gsm7_length(in_gsm7(text)) is not None
    assert not re.search(r"[^\S\n]{2,}", in_gsm7(text))
