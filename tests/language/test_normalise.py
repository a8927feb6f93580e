"""Text from outside is made safe to read, and nothing readable is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.normalise import clean, has_words


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  how   much\tis it  ", "how much is it"),
        ("I\u2019m \u201cfine\u201d", 'I\'m "fine"'),
        ("a\u200bb\ufeffc", "abc"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("cafe\u0301", "caf\u00e9"),
        ("bad \ud800 half", "bad half"),
        ("nul\x00byte\x07", "nulbyte"),
        ("\u200b\ufeff \n", ""),
    ],
)
def test_clean(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_clean_is_stable_and_printable(raw: str) -> None:
    once = clean(raw)
    assert clean(once) == once
    once.encode("utf-8")
    odd = {c for c in once if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"}
    assert not odd


@pytest.mark.parametrize(
    ("text", "words"),
    [("?!", False), ("\U0001f62d\U0001f62d", False), ("", False), ("988", True), ("帮", True)],
)
def test_has_words(text: str, words: bool) -> None:
    assert has_words(text) is words
