from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.channels.contract import Rendered
from desk.channels.slack import blocks
from desk.channels.slack.channel import SlackChannel
from desk.channels.slack.markup import escaped, link, words
from store.contacts import Contact
from store.records import Message
from tests.desk.channels.slack.conftest import CONTACT
from tests.desk.channels.slack.server import check_blocks


def render(contact: Contact = CONTACT, **more: Any) -> Rendered:
    said = Message(**{"seq": 1, "sender": "bot", "kind": "answer", "text": "Hi.", "at": 5, **more})
    # Rendering needs nothing of the channel's own.
    found = SlackChannel.render(object.__new__(SlackChannel), said, contact)
    check_blocks(list(found.body["blocks"]))
    return found


def types(found: Rendered) -> list[str]:
    return [block["type"] for block in found.body["blocks"]]


def buttons(found: Rendered) -> list[dict[str, Any]]:
    return [e for b in found.body["blocks"] if b["type"] == "actions" for e in b["elements"]]


def offers(count: int) -> tuple[dict[str, str], ...]:
    return tuple({"title": f"Choice {n}", "id": f"choice_{n}"} for n in range(count))


def test_a_text_is_a_section_with_the_same_text_beside_it() -> None:
    found = render(text="It depends.")
    assert types(found) == ["section"]
    assert found.body["blocks"][0]["text"] == {"type": "mrkdwn", "text": "It depends."}
    assert found.body["text"] == "It depends."


@pytest.mark.parametrize("text", ["a < b & c > d", "<!channel> hi", "<@U1>", "<https://x|y>"])
def test_words_are_never_mentions_or_links(text: str) -> None:
    found = render(text=text)
    assert found.body["blocks"][0]["text"]["text"] == escaped(text)
    assert found.body["text"] == escaped(text)
    assert "<" not in found.body["text"]


def test_a_text_of_3000_signs_and_more_is_split_between_words() -> None:
    text = " ".join(f"word{n}" for n in range(900))
    found = render(text=text)
    parts = [block["text"]["text"] for block in found.body["blocks"]]
    assert len(parts) > 1
    assert " ".join(parts) == text


def test_a_paragraph_is_kept_whole_where_it_has_room() -> None:
    text = "a" * 2000 + "\n\n" + "b" * 2000
    parts = [block["text"]["text"] for block in render(text=text).body["blocks"]]
    assert parts == ["a" * 2000, "b" * 2000]


def test_a_text_without_a_gap_is_cut_where_there_is_no_more_room() -> None:
    parts = [block["text"]["text"] for block in render(text="x" * 9000).body["blocks"]]
    assert "".join(parts) == "x" * 9000


def test_entities_are_not_cut_apart() -> None:
    parts = [block["text"]["text"] for block in render(text="&" * 2000).body["blocks"]]
    assert [part.replace("&amp;", "") for part in parts] == [""] * 4


@given(st.text(max_size=9000), st.integers(10, 3000))
def test_no_word_is_lost_in_cutting(text: str, most: int) -> None:
    parts = blocks.pieces(text, most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(0 < len(escaped(part)) <= most for part in parts)


@given(st.text(min_size=1, max_size=300))
def test_slack_reads_back_what_we_escape(text: str) -> None:
    assert words(escaped(text)).split() == text.split()


@given(
    st.text(min_size=1, max_size=20_000).filter(str.strip),
    st.lists(st.tuples(st.text(min_size=1, max_size=300), st.text(min_size=1)), max_size=60),
)
def test_whatever_is_said_slacks_package_takes_it(
    text: str, choices: list[tuple[str, str]]
) -> None:
    found = tuple({"title": title, "id": name} for title, name in choices)
    render(text=text, buttons=found)


def test_what_has_no_room_in_one_message_waits_for_more() -> None:
    text = "A sentence of some words. " * 1000
    found = render(text=text)
    assert found.body["blocks"][-1]["text"]["text"].endswith("Reply MORE for the rest.")
    assert found.rest
    shown = " ".join(block["text"]["text"] for block in found.body["blocks"])
    whole = f"{shown.removesuffix('Reply MORE for the rest.').strip()} {found.rest}"
    assert whole.split() == text.split()


def test_what_waits_is_kept_over_a_shorter_message() -> None:
    assert render(contact=replace(CONTACT, rest="waits")).rest == "waits"


def test_choices_are_buttons_with_their_ids_as_values() -> None:
    found = render(buttons=offers(3))
    assert types(found) == ["section", "actions"]
    assert [each["value"] for each in buttons(found)] == ["choice_0", "choice_1", "choice_2"]
    assert [each["text"]["text"] for each in buttons(found)] == [f"Choice {n}" for n in range(3)]


def test_25_choices_stand_in_one_block() -> None:
    assert types(render(buttons=offers(25))) == ["section", "actions"]


def test_more_than_25_choices_stand_in_several_blocks() -> None:
    found = render(buttons=offers(30))
    assert types(found) == ["section", "actions", "actions"]
    assert len(buttons(found)) == 30


def test_a_title_of_more_than_75_signs_is_cut() -> None:
    shown = buttons(render(buttons=({"title": "t" * 80, "id": "x"},)))[0]["text"]["text"]
    assert shown == "t" * 74 + "…"


def test_a_title_of_75_signs_is_whole() -> None:
    shown = buttons(render(buttons=({"title": "t" * 75, "id": "x"},)))[0]["text"]["text"]
    assert shown == "t" * 75


def test_an_id_that_slack_would_not_take_is_not_offered() -> None:
    found = render(buttons=({"title": "t", "id": "x" * 2001}, {"title": "t", "id": "x" * 2000}))
    assert [len(each["value"]) for each in buttons(found)] == [2000]


def test_links_stand_under_the_text() -> None:
    links = (
        {"title": "Call 988", "href": "tel:988"},
        {"title": "Text 988", "href": "sms:988"},
        {"title": "Chat & more", "href": "https://988lifeline.org/chat?a=1&b=2"},
    )
    found = render(links=links)
    assert found.body["blocks"][1]["text"]["text"].split("\n") == [
        "<tel:988|Call 988>",
        "Text 988",
        "<https://988lifeline.org/chat?a=1&amp;b=2|Chat &amp; more>",
    ]


@pytest.mark.parametrize(
    ("title", "href", "shown"),
    [
        ("a|b", "https://x.org", "<https://x.org|a b>"),
        ("a", "https://x.org/|b>", "<https://x.org/%7Cb&gt;|a>"),
        ("a", "javascript:alert(1)", "a"),
        ("a", "/safety", "a"),
    ],
)
def test_a_link_cannot_be_broken_out_of(title: str, href: str, shown: str) -> None:
    assert link(title, href) == shown


def test_staffs_words_are_led_by_their_name() -> None:
    found = render(sender="staff", kind="text", text="Hello.", variables={"name": "Ann <3"})
    assert found.body["blocks"][0]["text"]["text"] == "*Ann &lt;3:* Hello."
    assert found.body["text"] == "Ann &lt;3: Hello."


@pytest.mark.parametrize("before", [[], [7, None], [{"type": "actions", "elements": []}]])
def test_a_choice_is_shown_whatever_stood_there(before: list[Any]) -> None:
    shown = blocks.chosen(before, "Cost")
    check_blocks(shown)
    assert [each["type"] for each in shown] == ["context"]
