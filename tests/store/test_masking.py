"""What identifies a person is hidden; what identifies nobody mostly stays."""

from __future__ import annotations

import re
import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.masking import NAMES, STRUCTURED, questions, read, recall
from store.masking import identifiers, masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("call me at (213) 555-0142 please", "call me at [phone] please"),
        ("213.555.0142", "[phone]"),
        ("+1 213 555 0142", "[phone]"),
        ("2135550142", "[phone]"),
        ("555-0142", "[phone]"),
        ("+44 20 7946 0958", "[phone]"),
        ("two one three five five five zero one four two", "[phone]"),
        ("write to jane.doe+x@example.co.uk!", "write to [e-mail]!"),
        ("jane (at) example.com", "[e-mail]"),
        ("jane dot doe at example dot com", "[e-mail]"),
        ("born 3/12/1984", "born [date]"),
        ("born 1984-03-12", "born [date]"),
        ("born March 12th, 1984.", "born [date]."),
        ("nací el 5 de mayo de 1990", "nací el [date]"),
        ("on 12 march", "on [date]"),
        ("I live at 1200 N. Main Street Apt 4", "I live at [address]"),
        ("vivo en calle Olvera 845", "vivo en [address]"),
        ("PO Box 1234", "[address]"),
        ("100 Wilshire Blvd", "[address]"),
        ("my member id is XYZ123456789", "my member id is [number]"),
        ("MRN 48213", "MRN [number]"),
        ("ssn 123-45-6789", "ssn [ssn]"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("card 4111 1111 1111 1112", "card [number]"),
        ("zip 90012", "zip [number]"),
        ("see https://example.org/me?x=1", "see [link]"),
        ("my name is jordan smith", "my name is [name]"),
        ("this is Karen calling about tonight", "this is [name] calling about tonight"),
        ("my son Jake is 16", "my son [name] is 16"),
        ("my kids Ava and Liam", "my kids [name] and [name]"),
        ("mi hija Valentina tiene 15", "mi hija [name] tiene 15"),
        ("me llamo María del Carmen Soto", "me llamo [name]"),
        ("Dr. Okafor sent me", "[name] sent me"),
        ("Thanks, Maria", "Thanks, [name]"),
        ("my name is [name], call [phone]", "my name is [name], call [phone]"),
    ],
)
def test_identifiers_are_hidden(text: str, hidden: str) -> None:
    assert masked(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "is it 3 days a week, 9 to 12?",
        "should I call 988 or 911",
        "text HOME to 741741",
        "is it open 24/7",
        "12 weeks, $3,500 a month",
        "is it 15000 dollars",
        "my plan pays 80/20",
        "groups 9-12 or 10-12",
        "my kids are 12 14 16",
        "maybe 3 days",
        "do you bill cpt 90853",
        "in 2023-2024",
        "I am 17 and in the 2nd year",
        "30 minutes drive is too long",
        "2 of them are the best way",
        "does CBT-I help with PTSD",
        "may I bring my mom",
        "May I bring my mom",
        "my son is 16",
        "My daughter needs help",
        "I'm anxious and I am tired",
        "im depressed",
        "this is about my brother",
        "my doctor said so",
        "call me back",
        "is my name on a list",
        "soy alcohólico",
        "mi hijo no quiere ir",
        "I live in San Antonio",
        "is Virginia Beach near you",
        "Will Aetna pay",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert masked(text) == text


def test_structured_identifiers_are_found() -> None:
    messages, there, missed = recall(read(STRUCTURED))
    assert messages >= 250
    assert missed.total() <= 0.02 * there.total()


def test_names_are_found() -> None:
    messages, there, missed = recall(read(NAMES))
    assert messages >= 120
    assert missed.total() <= 0.1 * there.total()


def test_harmless_questions_are_left_alone() -> None:
    asked = questions()
    assert len(asked) > 500
    assert sum(bool(identifiers(text)) for text in asked) <= 0.005 * len(asked)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "a." * 50_000,
        "1 a " * 25_000,
        "1" * 100_000,
        "one " * 25_000,
        "my son " * 14_000,
        "1 main " * 14_000,
        "@" * 100_000,
        "Jake " * 20_000,
    ],
)
def test_long_texts_are_masked_in_time(text: str) -> None:
    masked(text)


@given(st.text(max_size=300))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


AROUND = st.text(string.ascii_letters + " .,!?:;-()\n", max_size=40)
DIGIT, THREE, FOUR = st.integers(0, 9), st.from_regex(r"[2-9]\d\d", fullmatch=True), r"\d{4}"
PHONES = st.builds(
    lambda form, area, first, last: form.format(area, first, last),
    st.sampled_from(
        ["({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{} {} {}", "+1 {} {} {}", "1-{}-{}-{}", "+1{}{}{}"]
    ),
    THREE,
    THREE,
    st.from_regex(FOUR, fullmatch=True),
)
SSNS = st.from_regex(r"\d{3}-\d{2}-\d{4}", fullmatch=True)
_WORD = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
EMAILS = st.one_of(
    st.builds("{}.{}@{}.com".format, _WORD, _WORD, st.text(string.ascii_lowercase, min_size=1)),
    st.emails(domains=st.sampled_from(["example.com", "mail.example.org", "xn--exmple-cua.de"])),
)


@given(AROUND, st.one_of(PHONES, SSNS), AROUND)
def test_no_formatted_number_gets_through(before: str, number: str, after: str) -> None:
    assert not re.search(r"\d", masked(f"{before} {number} {after}"))


@given(AROUND, EMAILS, AROUND)
def test_no_formatted_email_gets_through(before: str, email: str, after: str) -> None:
    assert "@" not in masked(f"{before} {email} {after}")


@given(st.text(max_size=2000))
def test_masking_never_raises_and_identifiers_do_not_overlap(text: str) -> None:
    found = identifiers(text)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
