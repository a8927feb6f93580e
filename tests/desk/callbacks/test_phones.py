"""Phone numbers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.callbacks.phones import has_number, last_two, read_number
from tests.desk.callbacks.asking import Asker, texts

TAKEN = {
    "(213) 555-0142": "+12135550142",
    "213 555 0142": "+12135550142",
    "213.555.0142": "+12135550142",
    "213-555-0142": "+12135550142",
    "213–555–0142": "+12135550142",
    "213/555/0142": "+12135550142",
    "213_555_0142": "+12135550142",
    "213,555,0142": "+12135550142",
    "213\n555\n0142": "+12135550142",
    "2135550142": "+12135550142",
    "1-213-555-0142": "+12135550142",
    "12135550142": "+12135550142",
    "+1 (213) 555 0142": "+12135550142",
    "+12135550142": "+12135550142",
    "2 1 3 5 5 5 0 1 4 2": "+12135550142",
    "213  555  0142": "+12135550142",
    "(213)5550142 thanks": "+12135550142",
    "my number is 213 555 0142": "+12135550142",
    "it's 213 - 555 - 0142, after six": "+12135550142",
    "213-555-0142 or 818-555-0199": "+12135550142",
    "call me at 2135550142 after 5pm on 12/3": "+12135550142",
    "(213) 555-0142 ext 5": "+12135550142;ext=5",
    "2135550142x77": "+12135550142;ext=77",
    "２１３５５５０１４２": "+12135550142",
    "٢١٣٥٥٥٠١٤٢": "+12135550142",
    "416 555 0123": "+14165550123",
    "+1-204-555-0199": "+12045550199",
    "604 555 0100 (cell)": "+16045550100",
    "800 555 0199": "+18005550199",
    "907 555 0100": "+19075550100",
    "808-555-0100": "+18085550100",
}
REFUSED = {
    "no": "none",
    "two one three five five five": "none",
    "I don't have one": "none",
    "911": "short",
    "988": "short",
    "555-0142": "short",
    "213 555 014": "short",
    "my ssn is 123-45-6789": "short",
    "1": "short",
    "21355501423": "long",
    "001 213 555 0142": "long",
    "1" * 200: "long",
    "+44 20 7946 0958": "foreign",
    "011 44 20 7946 0958": "foreign",
    "+52 55 1234 5678": "foreign",
    "(876) 555-0123": "foreign",
    "+1 868 291 1234": "foreign",
    "123 456 7890": "unknown",
    "000 000 0000": "unknown",
    "999-999-9999": "unknown",
    "211 555 0142": "unknown",
    "213 055 0142": "unknown",
    "900 555 1234": "unknown",
    "5551234567": "unknown",
}


def test_there_are_enough_of_them() -> None:
    assert len(TAKEN) + len(REFUSED) >= 40


@pytest.mark.parametrize("typed", TAKEN)
def test_numbers_of_the_us_and_canada_are_taken(typed: str) -> None:
    assert read_number(typed).phone == TAKEN[typed]
    assert has_number(typed)


@pytest.mark.parametrize("typed", REFUSED)
def test_others_are_refused_with_the_reason(typed: str) -> None:
    read = read_number(typed)
    assert (read.phone, read.trouble) == ("", REFUSED[typed])


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(typed: str) -> None:
    read = read_number(typed)
    assert bool(read.phone) != bool(read.trouble)


@settings(deadline=None)
@given(
    st.from_regex(r"[2-9][0-9]{2}", fullmatch=True),
    st.from_regex(r"[2-9][0-9]{6}", fullmatch=True),
    st.sampled_from(
        ["{a}{b}", "({a}) {b}", "+1{a}{b}", "1 {a} {b}", "it is {a}-{b} ok", "{a}.{b}"]
    ),
)
def test_the_form_of_a_number_does_not_change_it(area: str, rest: str, way: str) -> None:
    plain = read_number(area + rest)
    assert read_number(way.format(a=area, b=rest)) == plain
    assert plain.phone in ("", f"+1{area}{rest}")


def test_two_digits_are_all_that_is_said_back() -> None:
    assert last_two("+12135550142;ext=5") == "42"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("213 555", "too few digits"),
        ("213 555 0142 99", "too many digits"),
        ("+44 20 7946 0958", "outside the US and Canada"),
        ("000 000 0000", "A digit may be off"),
        ("no idea", "can't find a phone number"),
    ],
)
async def test_a_wrong_number_is_asked_again_with_the_reason(
    asks: Asker, typed: str, reason: str
) -> None:
    await asks.walk("Which phone number")
    assert reason in texts(await asks.say(typed))
    assert "good time" in texts(await asks.say("2135550142"))


async def test_after_three_tries_they_get_the_centers_number(asks: Asker) -> None:
    await asks.walk("Which phone number")
    await asks.say("213 555")
    await asks.say("000 000 0000")
    said = texts(await asks.say("12"))
    assert "I won't keep asking" in said
    assert "call (213) 555-0142" in said
    # It is over: the next message is nobody's number.
    assert "phone number" not in texts(await asks.say("1234"))
