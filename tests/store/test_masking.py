from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.masking import masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("call me at (213) 555-0142 please", "call me at [phone] please"),
        ("213.555.0142", "[phone]"),
        ("+1 213 555 0142", "[phone]"),
        ("2135550142", "[phone]"),
        ("555-0142", "[phone]"),
        ("write to jane.doe+x@example.co.uk!", "write to [e-mail]!"),
        ("jane (at) example.com", "[e-mail]"),
        ("born 3/12/1984", "born [date]"),
        ("born 1984-03-12", "born [date]"),
        ("born March 12th, 1984.", "born [date]."),
        ("on 12 march", "on [date]"),
        ("I live at 1200 N. Main Street Apt 4", "I live at [address]"),
        ("PO Box 1234", "[address]"),
        ("100 Wilshire Blvd", "[address]"),
        ("my member id is XYZ123456789", "my member id is [number]"),
        ("ssn 123-45-6789", "ssn [number]"),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("zip 90012", "zip [number]"),
        ("see https://example.org/me?x=1", "see [link]"),
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
        "I am 17 and in the 2nd year",
        "does CBT-I help with PTSD",
        "may I bring my mom",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("text", ["a" * 100_000, "a." * 50_000, "1 a " * 25_000, "1" * 100_000])
def test_long_texts_are_masked_in_time(text: str) -> None:
    masked(text)


@given(st.text(max_size=300))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
