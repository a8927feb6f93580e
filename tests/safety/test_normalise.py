"""What a message looks like to the patterns."""

from __future__ import annotations

import pytest

from safety.normalise import LIMIT, Normaliser


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("I wanna d1e", "i want to die"),
        ("k!ll myself", "kill myself"),
        ("k*ll mys3lf", "kill myself"),
        ("su*cidal", "suicidal"),
        ("k i l l m y s e l f", "kill myself"),
        ("k.i.l.l myself", "kill myself"),
        ("killmyself", "kill myself"),
        ("#iwanttodie", "i want to die"),
        ("KMS", "kill myself"),
        ("unalive myself", "kill myself"),
        ("sewerslide", "suicide"),
        ("sewer slide", "suicide"),
        ("suiside sucidal overdosde", "suicide suicidal overdose"),
        ("kill mysefl", "kill myself"),
        ("kull myself", "kill myself"),
        ("i want to be daed", "i want to be dead"),
        ("wosh i were gone", "wish i were gone"),
        ("diiiiie killlll", "die kill"),
        ("𝗸𝗶𝗹𝗹 ｋｉｌｌ кill k\u200bill", "kill kill kill kill"),
        ("ki\u0301ll", "kill"),
        ("I can't, I don't, I'm", "i can not i do not i am"),
        ("can’t", "can not"),
        ("cannot", "can not"),
        ("no one", "nobody"),
        ("mañana no más", "manana no mas"),
    ],
)
def test_disguise_is_undone(normaliser: Normaliser, raw: str, expected: str) -> None:
    assert normaliser.normalise(raw).text == f" {expected} "


@pytest.mark.parametrize(
    "raw",
    [
        "my skills and the bill at 5pm",
        "overdue and overdone",
        "diet pie and dinner",
        "the housing is changing",
        "strange stables",
        "swabbed and stubbed while cooking",
        "the lining was soothing and amusing",
        "jill had a kilo of deaf dear deer",
        "with a dish of fish",
        "1800 273 8255",
    ],
)
def test_harmless_words_stay(normaliser: Normaliser, raw: str) -> None:
    assert normaliser.normalise(raw).text == f" {raw} "


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Stop. Now? Go!", "stop . now ? go ."),
        ("it is... over", "it is over"),
        ("one\ntwo\n\nthree", "one two . three"),
        ("done.really", "done . really"),
    ],
)
def test_sentence_ends_are_kept(normaliser: Normaliser, raw: str, expected: str) -> None:
    assert normaliser.normalise(raw).text == f" {expected} "


def test_emoji_are_named(normaliser: Normaliser) -> None:
    text = normaliser.normalise("me 🔪⚰️")
    assert text.text == " me knife coffin "
    assert text.emoji == ("knife", "coffin")


def test_long_text_is_read_at_both_ends(normaliser: Normaliser) -> None:
    text = normaliser.normalise("start " + "word " * LIMIT + "end").text
    assert text.startswith(" start ")
    assert text.endswith(" end ")
    assert len(text) < LIMIT + 100
