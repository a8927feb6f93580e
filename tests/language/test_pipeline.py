"""The spaCy pipeline: assembled here, alike in both environments, no download."""

from __future__ import annotations

import pytest

from language.pipeline import nlp


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("I've been having thoughts", ["I", "have", "be", "have", "thought"]),
        ("kids running", ["kid", "run"]),
    ],
)
def test_lemmas_come_from_the_tables(text: str, lemmas: list[str]) -> None:
    assert [token.lemma_ for token in nlp()(text)] == lemmas


def test_sentences_end_at_punctuation() -> None:
    assert len(list(nlp()("My son drinks. Can you help?").sents)) == 2


def test_it_is_made_once() -> None:
    assert nlp() is nlp()
